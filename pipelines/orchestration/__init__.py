"""Assets, checks, jobs, schedules and sensors: the only package that imports Dagster.

What a step does is not here: assets call the rest of `pipelines` and report what it returned.
"""
