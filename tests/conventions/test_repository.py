"""The repository speaks of the project alone."""

import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".sql", ".yml", ".yaml", ".toml", ".csv", ".po", ""}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [PROJECT / line for line in listed.stdout.splitlines() if (PROJECT / line).exists()]


def test_no_machine_paths_and_no_other_folders() -> None:
    """`../shared` may be named by the fixture of the real extracts only."""
    marks = re.compile(r"/root/|/work/|/home/[a-z]|/tmp/s/|\.\./shared")
    found = [
        f"{path.relative_to(PROJECT)}: {match.group()}"
        for path in tracked()
        if path.suffix in TEXT and path.name not in ("test_repository.py", "uv.lock")
        for match in marks.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found in ([], ["tests/conftest.py: ../shared"])


def test_no_unfinished_marks() -> None:
    marks = re.compile(r"\b(TODO|FIXME|HACK)\b")
    found = [
        f"{path.relative_to(PROJECT)}: {match.group()}"
        for path in tracked()
        if path.suffix in {".py", ".sql", ".yml"} and path.name != "test_repository.py"
        for match in marks.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_bulky_files() -> None:
    """Extracts are never committed; pictures of the pages stay small."""
    bulky = [p.relative_to(PROJECT) for p in tracked() if p.stat().st_size > 1_000_000]
    assert bulky == []
