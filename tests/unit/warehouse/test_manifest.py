"""The project is parsed anew when any of its files has changed, and only then."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import Settings
from pipelines.warehouse import dbt


class OwnProject(Settings):
    """A home with a project of its own."""

    @property
    def dbt_dir(self) -> Path:
        return self.home / "project"


def test_a_manifest_is_as_new_as_the_files_it_was_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
        parsed.append(*arguments)
        (dbt.target_dir(settings) / "manifest.json").write_text("{}", "utf-8")
        return subprocess.CompletedProcess([], 0, "", "")

    monkeypatch.setattr(dbt, "_run", run)
    monkeypatch.setattr(os, "environ", {})
    settings = OwnProject(home=tmp_path)
    settings.dbt_dir.mkdir()
    model = settings.dbt_dir / "a.sql"
    model.write_text("select 1", "utf-8")
    for _ in range(2):
        dbt.prepare_manifest(settings)
    assert parsed == ["parse"]
    os.utime(model, (0, 0))  # an installed file is older than any manifest
    dbt.prepare_manifest(settings)
    assert parsed == ["parse"]
    changes: tuple[Callable[[], object], ...] = (
        lambda: model.write_text("select 2", "utf-8"),
        lambda: shutil.move(model, model.with_name("b.sql")),
        lambda: (settings.dbt_dir / "c.yml").write_text("", "utf-8"),
    )
    for number, change in enumerate(changes, start=2):
        change()
        for file in settings.dbt_dir.iterdir():
            os.utime(file, (0, 0))
        dbt.prepare_manifest(settings)
        assert len(parsed) == number
