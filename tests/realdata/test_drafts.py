"""The public extracts through drafts: how many lines a person changes until all figures agree.

A draft is made of each extract, changed as little as possible and put in the place of the
committed contract; then the rows and every KPI must be those of the committed one.
"""

import shutil
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from pathlib import Path

import polars as pl
import pytest

from pipelines.contracts import load_contracts
from pipelines.ingest import ingest_file
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.sourcing import Zone, build_alone, make_draft, read_sample
from tests.realdata.test_extracts import FILES

pytestmark = [pytest.mark.realdata, pytest.mark.xdist_group("realdata")]

Texts = dict[str, str]
DRAFTS = {
    "uci_incidents": ("UTC", ("ticket", "ticket_event")),
    "technion_calls": ("Asia/Jerusalem", ("call",)),
    "sfo_survey": ("America/Los_Angeles", ("survey_response", "survey_answer")),
    "boston311": ("America/New_York", ("ticket",)),
}
RESPONDED_AT = """\
      - name: responded_at
        customProperties:
          - {property: sourceHeaders, value: [responded_at]}
          - {property: formats, value: [yyyy-MM-d HH:mm]}
          - {property: timezone, value: America/Los_Angeles}
"""
RESPONSE_SQL = """\
select
    * exclude (_row),
    concat('2017-05-', "INTDATE", ' 12:00') as responded_at
from extract
"""


def without(text: str, start: str) -> str:
    """The text without its one line that begins so."""
    lines = text.splitlines(keepends=True)
    (line,) = (line for line in lines if line.lstrip().startswith(start))
    return "".join(other for other in lines if other is not line)


def instead(text: str, out: str, into: str) -> str:
    assert text.count(out) == 1, out
    return text.replace(out, into)


def incidents(texts: Texts) -> None:
    """-100 is no state: its rows are for the quarantine."""
    for file in ("ticket.odcs.yaml", "ticket_event.odcs.yaml"):
        texts[file] = without(texts[file], "'-100': decide")


def calls(texts: Texts) -> None:
    """Who hung up before the queue has not abandoned it: two columns tell, so the query must."""
    told = "case when outcome = 'HANG' and q_start = '0:00:00' then 'IVR' else outcome end"
    sql = texts["call.sql"]
    texts["call.sql"] = instead(sql, "\nfrom", f",\n    {told} as outcome_made\nfrom")
    yaml = instead(texts["call.odcs.yaml"], "value: [outcome]", "value: [outcome_made]")
    texts["call.odcs.yaml"] = instead(
        yaml, "              HANG:", "              IVR: ivr_only\n              HANG:"
    )


def survey(texts: Texts) -> None:
    """Two questions are about other things; the day is known, its month only to a person."""
    for question in ("Q12PRECHEKCRATE", "Q13GETRATE"):
        texts["survey_answer.sql"] = without(
            texts["survey_answer.sql"], f"{{'question_id': '{question}'"
        )
    yaml = texts["survey_response.odcs.yaml"]
    yaml = instead(
        yaml,
        "      - {property: extraColumns",
        "      - {property: shape, value: survey_response.sql}\n      - {property: extraColumns",
    )
    start, end = yaml.index("      # - name: responded_at"), yaml.index("      - name: weight")
    texts["survey_response.odcs.yaml"] = yaml[:start] + RESPONDED_AT + yaml[end:]
    texts["survey_response.sql"] = RESPONSE_SQL


PERSON: dict[str, Callable[[Texts], None]] = {
    "uci_incidents": incidents,
    "technion_calls": calls,
    "sfo_survey": survey,
    "boston311": lambda texts: None,
}


def changed_lines(before: Texts, after: Texts) -> int:
    """Lines taken out, put in, or put in the place of others."""
    count = 0
    for file in after:
        old, new = before.get(file, "").splitlines(), after[file].splitlines()
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            count += max(i2 - i1, j2 - j1) if tag != "equal" else 0
    return count


@pytest.fixture(scope="module")
def drafted(
    tmp_path_factory: pytest.TempPathFactory, shared_data: Path
) -> tuple[Path, dict[str, int]]:
    """Contracts with the four sources as drafted and changed, and the lines that were changed."""
    folder = tmp_path_factory.mktemp("drafted") / "data_contracts"
    shutil.copytree(PROJECT_DIR / "data_contracts", folder)
    entities = load_contracts(folder).entities
    counts: dict[str, int] = {}
    for source, (zone, names) in DRAFTS.items():
        shutil.rmtree(folder / "sources" / source)
        sample = read_sample(str(shared_data / FILES[source]), folder, frozenset())
        before: Texts = {}
        for name in names:
            before |= make_draft(source, entities[name], sample, Zone(zone, True)).files
        after = {f: t.replace("status: draft", "status: active") for f, t in before.items()}
        PERSON[source](after)
        counts[source] = changed_lines(before, after)
        (folder / "sources" / source).mkdir()
        for file, text in after.items():
            (folder / "sources" / source / file).write_text(text, "utf-8")
    return folder, counts


def outcome(home: Path, contracts_dir: Path, data: Path) -> Iterator[tuple[object, ...]]:
    """Rows and KPIs of the four sources under some contracts."""
    settings = Settings(home=home)
    contracts = load_contracts(contracts_dir)
    for source, file in FILES.items():
        for contract in contracts.of_source(source):
            extract = ingest_file(settings, contract, data / file, "test")
            counts = (extract.rows_accepted, extract.rows_quarantined)
            yield (source, contract.entity.name, *counts)
    store = build_alone(settings, contracts)
    metrics = [m for m in store.metrics.values() if "source" in m.dimensions]
    for source in FILES:
        for family in ("tickets", "calls", "satisfaction"):
            names = [m.name for m in metrics if m.family == family]
            frame = store.query(names, where={"source": [source]}).frame
            row = frame.row(0, named=True) if frame.height else {}
            yield from (
                (source, n, _rounded(row.get(n)), _rounded(row.get(f"{n}__n"))) for n in names
            )


def _rounded(value: float | None) -> float | None:
    return None if value is None else pl.Series([value]).round_sig_figs(12).item()


def test_a_person_changes_few_lines(drafted: tuple[Path, dict[str, int]]) -> None:
    """One line per contract makes it active; the rest is what no sample can tell."""
    assert drafted[1] == {
        "uci_incidents": 4,
        "technion_calls": 5,
        "sfo_survey": 14,
        "boston311": 1,
    }


def test_the_figures_are_those_of_the_committed_contracts(
    drafted: tuple[Path, dict[str, int]], tmp_path: Path, shared_data: Path
) -> None:
    committed = list(outcome(tmp_path / "a", PROJECT_DIR / "data_contracts", shared_data))
    by_draft = list(outcome(tmp_path / "b", drafted[0], shared_data))
    assert by_draft == committed
    assert sum(row[2] is not None for row in committed) > 90
