"""Fixtures that several folders of tests share."""

import fcntl
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR, Settings
from pipelines.simulate import simulate
from tests.reference.personal_data import plant_personal_data

# Nobody uploads while tests run: files are whole at once, unless a test says otherwise.
os.environ.setdefault("KPI_SETTLED_SECONDS", "0")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public extracts, beside the project where they are present at all."""
    folder = (PROJECT_DIR / "../shared/data").resolve()
    if not folder.is_dir():
        pytest.skip("the public extracts are not here; examples/README.md says where to get them")
    return folder


@pytest.fixture(scope="session")
def shared_oracles(shared_data: Path) -> Path:
    """Published worked examples, beside the public extracts."""
    folder = shared_data.parent / "oracles"
    if not folder.is_dir():
        pytest.skip("the oracle files are not here")
    return folder


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Path]:
    """A home with a small simulated company, published once per test run.

    Workers share it: the first one that comes builds it, the others wait at its lock.
    """
    from pipelines.orchestration.headless import run_nightly  # seconds; most tests need none

    base = tmp_path_factory.getbasetemp()
    home = (base if worker_id == "master" else base.parent) / "published"
    home.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, (home / "fixture.lock").open("w") as lock:
        patch.setenv("KPI_HOME", str(home))
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "snapshots" / "current.json").exists():
            settings = Settings()
            simulate(
                settings.landing_dir,
                home / "truth.json",
                months=3,
                tickets=4_000,
                end=date(2026, 9, 30),
            )
            plant_personal_data(settings.landing_dir)
            outcome = run_nightly(settings)
            assert outcome.is_published, outcome.error
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield home


@pytest.fixture(scope="session")
def truth(published_home: Path) -> dict[str, object]:
    """What the simulator planted in `published_home`."""
    planted: dict[str, object] = json.loads((published_home / "truth.json").read_text("utf-8"))
    return planted
