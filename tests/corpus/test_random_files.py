"""2,000 random files: the gate and a second reading in plain Python agree on every record."""

import os
from collections.abc import Iterator

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.ingest import Extract, accepted_path, ingest_source
from tests.corpus.random_files import made, planned
from tests.corpus.second_reading import Reading, read
from tests.unit.ingest.request_source import Desk, Document, column, set_custom

pytestmark = pytest.mark.xdist_group("random files")
_BATCHES, _FILES = 50, 40
_LEFT_OUT = ("phone", "code", "is_gone")
_OLD = 1_700_000_000  # landed long ago: nobody waits for such a file to settle


def narrowed(source: Document, entity: Document) -> None:
    """Fewer columns, and none that is hidden or masked: each can be compared, plans are short."""
    for document in (source, entity):
        schema = document["schema"][0]
        schema["properties"] = [p for p in schema["properties"] if p["name"] not in _LEFT_OUT]
    note = column(entity, "note")
    set_custom(note, "pii", None)
    note["logicalTypeOptions"] = {"pattern": "^"}  # any text, but no free text


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Nothing is forced to disk: what a crash leaves is tested elsewhere, and disks are slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield Desk(tmp_path_factory.mktemp("random"), narrowed)


@settings(
    max_examples=_BATCHES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # a file is small enough to be read as it is
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**64))
def test_two_readings_agree(desk: Desk, seed: int) -> None:
    """A batch is one run. Seeds are all different, so files are, but for some of a header only."""
    plans = {made(plan): plan for plan in planned(seed, _FILES)}
    contents = list(plans)
    landing = desk.settings.landing_dir / "desk"
    landing.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(contents):
        path = landing / f"{number:03}.csv"
        path.write_bytes(content)
        os.utime(path, (_OLD, _OLD))
    found = ingest_source(desk.settings, desk.contract, "random")[: len(contents)]
    for content, extract in zip(contents, found, strict=True):
        assert told(desk, extract) == read(desk.contract, content), plans[content]


def told(desk: Desk, extract: Extract) -> Reading | str | None:
    """What the gate says of a file, in the words of the second reading."""
    if extract.outcome == "refused":
        return extract.reason
    file = accepted_path(desk.settings, extract)
    accepted = pq.read_table(file).to_pylist()
    quarantined = pq.read_table(file.with_name("quarantined.parquet")).to_pylist()
    assert extract.rows_read == len(accepted) + len(quarantined)
    names = [column.name for column in desk.contract.published_columns]
    return Reading(
        {row["_record"]: {name: row[name] for name in names} for row in accepted},
        {row["_record"]: _codes(row["reasons"]) for row in quarantined},
    )


def _codes(reasons: list[str]) -> list[str]:
    """How many columns a record with a wrong quote has depends on who counts."""
    return ["csv:unquoted_value"] if "csv:unquoted_value" in reasons else reasons
