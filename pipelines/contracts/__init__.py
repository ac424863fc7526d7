"""Data contracts: what every extract is called, means and promises.

`load_contracts` gives frozen objects or raises with every mistake; `check_contracts` lists
the mistakes. Reading extracts by a contract is the work of `pipelines.ingest`.
"""

from pipelines.contracts.check import check_contracts
from pipelines.contracts.load import load_contracts
from pipelines.contracts.model import (
    BatchRule,
    Column,
    Contracts,
    EntityContract,
    ExtractedAt,
    Mistake,
    RowRule,
    SourceContract,
)

__all__ = [
    "BatchRule",
    "Column",
    "Contracts",
    "EntityContract",
    "ExtractedAt",
    "Mistake",
    "RowRule",
    "SourceContract",
    "check_contracts",
    "load_contracts",
]
