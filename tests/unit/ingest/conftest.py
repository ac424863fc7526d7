"""Fixtures of the tests of ingestion."""

from pathlib import Path

import pytest

from tests.unit.ingest.request_source import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
