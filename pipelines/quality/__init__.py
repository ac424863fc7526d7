"""Gates: Great Expectations suites on extracts and marts, and what they found.

Importing Great Expectations costs six CPU seconds, so that only `quality.validate` imports it
and that module is imported inside the checks that need it.
"""
