"""One small simulation for all tests here."""

import pytest

from pipelines.simulate import simulate
from tests.unit.simulate.small_company import ARGUMENTS, Simulated


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    home = tmp_path_factory.mktemp("simulated")
    truth = simulate(home / "landing", home / "truth.json", **ARGUMENTS)
    return Simulated(home / "landing", truth)
