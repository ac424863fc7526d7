"""Explore: read-only SQL for analysts, on a masked copy, in processes that can be killed.

`copying` makes the copy (`masking` says of what), `runner` runs queries in `worker` processes,
`library` keeps saved queries and history, `console` is what the page talks to.
"""

from pipelines.console.console import SHOWN_ROWS, Console, CopyState, open_console
from pipelines.console.copying import CopiedTable
from pipelines.console.library import PastQuery, SavedQuery
from pipelines.console.runner import Outcome, QueryRun

__all__ = [
    "SHOWN_ROWS",
    "Console",
    "CopiedTable",
    "CopyState",
    "Outcome",
    "PastQuery",
    "QueryRun",
    "SavedQuery",
    "open_console",
]
