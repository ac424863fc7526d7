"""Who is looking. Not here: what they may see (`pipelines.metrics.access`)."""

from pipelines.metrics.access import Reader, local_reader


def current_reader() -> Reader:
    """The person at the browser."""
    return local_reader()
