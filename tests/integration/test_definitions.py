"""What Dagster sees: assets by layer, gates, schedule with its zone, one process, no telemetry."""

from pathlib import Path

import pytest
import yaml
from dagster import AssetKey, Definitions, in_process_executor

from pipelines.contracts import load_contracts
from pipelines.orchestration.assembly import build_definitions
from pipelines.orchestration.headless import prepare_dagster_home
from pipelines.settings import PROJECT_DIR, Settings


@pytest.fixture(scope="module")
def definitions(published_home: Path) -> Definitions:
    return build_definitions(Settings(home=published_home))


def test_every_contract_has_its_asset_and_models_depend_on_it(definitions: Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for source, entity in load_contracts(Settings().contracts_dir).sources:
        key = AssetKey(["raw", source, entity])
        assert graph.has(key)
        assert graph.get(key).child_keys, f"nothing is built from {key}"
    groups = {graph.get(key).group_name for key in graph.materializable_asset_keys}
    assert groups == {
        *("raw", "generated", "reference", "staging", "intermediate", "marts", "snapshot")
    }


def test_the_marts_gate_blocks_the_snapshot(definitions: Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    gate = next(key for key in graph.asset_check_keys if key.name == "marts_suite")
    assert graph.get(gate).blocking
    snapshot = graph.get(AssetKey(["snapshot", "warehouse"]))
    assert gate.asset_key in snapshot.parent_keys


def test_schedule_sensor_and_executor(definitions: Definitions) -> None:
    repository = definitions.get_repository_def()
    schedule = repository.get_schedule_def("nightly_schedule")
    assert schedule.execution_timezone == Settings().timezone
    assert repository.get_sensor_def("landing_sensor").job_name == "nightly"
    assert definitions.resolve_job_def("nightly").executor_def is in_process_executor


def test_telemetry_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "replaced")
    settings = Settings(home=tmp_path)
    prepare_dagster_home(settings)
    config = yaml.safe_load((settings.dagster_dir / "dagster.yaml").read_text(encoding="utf-8"))
    assert config["telemetry"] == {"enabled": False}
    project = yaml.safe_load((PROJECT_DIR / "dbt_project/dbt_project.yml").read_text("utf-8"))
    assert project["flags"]["send_anonymous_usage_stats"] is False
    streamlit = (PROJECT_DIR / ".streamlit/config.toml").read_text(encoding="utf-8")
    assert "gatherUsageStats = false" in streamlit
