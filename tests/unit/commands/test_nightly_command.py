"""`kpi nightly`: what each end of a night says, and with which exit code."""

import pytest
import typer
from typer.testing import CliRunner

from pipelines.commands.nightly import nightly
from pipelines.orchestration import headless
from pipelines.orchestration.headless import NightlyOutcome

app = typer.Typer()
app.command()(nightly)


@pytest.mark.parametrize(
    ("outcome", "exit_code", "words"),
    [
        (NightlyOutcome(is_published=True, new_extracts=3), 0, ""),
        (NightlyOutcome(is_published=True), 0, "no new extract had landed"),
        (
            NightlyOutcome(is_published=True, new_extracts=1, sources_with_refusals=("a.ticket",)),
            3,
            "extracts of a.ticket were refused",
        ),
        (NightlyOutcome(is_published=False, error="the gate failed"), 1, "the gate failed"),
    ],
)
def test_exit_code_and_words(
    monkeypatch: pytest.MonkeyPatch, outcome: NightlyOutcome, exit_code: int, words: str
) -> None:
    monkeypatch.setattr(headless, "run_nightly", lambda *_: outcome)
    result = CliRunner().invoke(app, [])
    assert result.exit_code == exit_code
    assert words in result.output
