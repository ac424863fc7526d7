"""`kpi simulate` says that it simulates, where, and how much."""

from pathlib import Path

import pytest


# Typer 0.25 imports functions that Click deprecates; nothing of ours is warned about.
def test_the_command_prints_what_was_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipelines.commands.simulate import simulate

    simulate(seed=3, months=1, tickets=60, out=tmp_path / "landing")
    printed = capsys.readouterr().out
    assert "Simulated data 模拟数据 (seed 3), 2026-09-01 to 2026-09-30: 60 tickets" in printed
    assert "in 151 files" in printed
    assert (tmp_path / "truth.json").exists()
