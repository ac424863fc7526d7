"""The README's commands run; its files exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
    if line
]


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_make_targets_exist(command: str) -> None:
    planned = subprocess.run(
        [*command.split(), "--dry-run"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("kpi ")])
def test_kpi_commands_run(command: str, published_home: Path) -> None:
    program, *arguments = command.split()
    done = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        cwd=PROJECT,
        env={"KPI_HOME": str(published_home), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_every_command_is_of_a_kind_that_is_tested() -> None:
    assert [c for c in COMMANDS if not re.match(r"make |kpi |export KPI_HOME=", c)] == []
    assert sum(c.startswith("kpi ") for c in COMMANDS) >= 6


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "examples/README.md"])
def test_named_files_exist(document: str) -> None:
    text = (PROJECT / document).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    paths = re.findall(r"`((?:data_contracts|dbt_project|dashboards|tests|docs)/[\w./-]*)`", text)
    missing = [p for p in (*targets, *paths) if not (PROJECT / Path(document).parent / p).exists()]
    missing = [p for p in missing if not (PROJECT / p).exists()]
    assert missing == []
