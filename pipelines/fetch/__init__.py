"""Fetching: databases, web services and object stores become files in landing.

Whatever the protocol, what arrives is kept as bytes first and passes the same gate, ledger and
identity as a delivered file; nothing here knows columns, types or rules. A pull is landed whole
and counted, or not at all.
"""

from pipelines.fetch.run import Fetched, fetch_source
from pipelines.fetch.sample import fetch_sample

__all__ = ["Fetched", "fetch_sample", "fetch_source"]
