"""The build and what comes out of it: calendars, dbt, the run lock, published snapshots."""
