"""How dbt is called: its environment, its variables, its manifest."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.contracts import Contracts
from pipelines.errors import BuildError
from pipelines.ingest import loaded_extracts
from pipelines.quality.vanishing import complete_until
from pipelines.settings import Settings


def dbt_executable() -> str:
    """The dbt of this installation, whatever PATH says."""
    return str(Path(sys.executable).with_name("dbt"))


def target_dir(settings: Settings) -> Path:
    """Where dbt writes its artefacts."""
    return settings.home / "dbt" / "target"


def environment(settings: Settings) -> dict[str, str]:
    """What tells dbt, through its environment, which home it works in."""
    return {
        "KPI_HOME": str(settings.home.resolve()),
        "KPI_MEMORY_LIMIT": settings.memory_limit,
        "DBT_TARGET_PATH": str(target_dir(settings)),
        "DBT_LOG_PATH": str(settings.home / "dbt" / "logs"),
        "DO_NOT_TRACK": "1",
    }


def export_environment(settings: Settings) -> None:
    """Tell every dbt that this process starts which home it works in."""
    os.environ.update(environment(settings))


def build_models(settings: Settings, variables: str) -> None:
    """Seeds and models without any test, in a process of its own; raises BuildError."""
    settings.build_path.parent.mkdir(parents=True, exist_ok=True)
    no_tests = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    done = _run(settings, "build", *no_tests, "--vars", variables)
    if done.returncode != 0:
        raise BuildError(f"dbt stopped the build: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [dbt_executable(), "--quiet", *arguments, "--profiles-dir", str(settings.dbt_dir)],
        cwd=settings.dbt_dir,
        env=os.environ | environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def dbt_variables(
    as_of: datetime, business_day_pieces: int, deletes: Mapping[str, Any] | None = None
) -> str:
    """The variables of one build as dbt's `--vars` takes them; `deletes`: see `deletes_known`."""
    variables = {
        "as_of": as_of.strftime("%Y-%m-%d %H:%M:%S"),
        "business_day_pieces": business_day_pieces,
        "deletes": deletes or {},
    }
    return json.dumps(variables)


def deletes_known(
    settings: Settings, contracts: Contracts, as_of: datetime
) -> dict[str, dict[str, str | None]]:
    """Entities with deletes: their sources, each with the instant of its newest whole table.

    The instant is null for a source that tells of deletes by tombstones alone.
    """
    known: dict[str, dict[str, str | None]] = {}
    for (source, entity), contract in sorted(contracts.sources.items()):
        at = None
        if contract.load_mode == "snapshot":
            at = complete_until(loaded_extracts(settings, contract), as_of.replace(tzinfo=None))
        if at or contract.tombstone:
            known.setdefault(entity, {})[source] = at.isoformat(sep=" ") if at else None
    return known


def prepare_manifest(settings: Settings) -> Path:
    """Parse the project where its manifest is missing or was made of other files."""
    export_environment(settings)
    manifest = target_dir(settings) / "manifest.json"
    note, made_of = manifest.with_name("made_of.sha256"), _fingerprint(settings.dbt_dir)
    if manifest.exists() and note.exists() and note.read_text("utf-8") == made_of:
        return manifest
    manifest.parent.mkdir(parents=True, exist_ok=True)
    done = _run(settings, "parse")
    if done.returncode != 0:
        raise BuildError(f"dbt cannot parse {settings.dbt_dir}: {done.stdout}{done.stderr}")
    note.write_text(made_of, "utf-8")
    return manifest


def _fingerprint(folder: Path) -> str:
    """Names and contents of a project's files; their times say nothing after a copy."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".sql", ".yml", ".csv"}:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder)} {len(content)} ".encode() + content)
    return digest.hexdigest()
