"""The public extracts through drafts: how many lines a person changes until all figures agree.

A draft is made of each extract, changed as little as possible, and put in the place of the
committed contract; then rows and every KPI of the source must be those of the committed one.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.contracts import load_contracts
from pipelines.ingest import ingest_file
from pipelines.metrics import MetricStore
from pipelines.settings import Settings
from pipelines.sourcing import Draft, Zone, build_alone, make_draft, read_sample
from tests.realdata.test_extracts import FILES

pytestmark = [pytest.mark.realdata, pytest.mark.xdist_group("realdata")]


@dataclass(frozen=True)
class Change:
    """What a person does to a draft: lines out of a file, lines in their place."""

    file: str
    out: str
    into: str = ""

    @property
    def lines(self) -> int:
        return max(len(self.out.splitlines()), len(self.into.splitlines()))


ZONES = {
    "uci_incidents": "UTC",
    "technion_calls": "Asia/Jerusalem",
    "sfo_survey": "America/Los_Angeles",
    "boston311": "America/New_York",
}
ENTITIES = {
    "uci_incidents": ("ticket", "ticket_event"),
    "technion_calls": ("call",),
    "sfo_survey": ("survey_response", "survey_answer"),
    "boston311": ("ticket",),
}
