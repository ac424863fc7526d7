"""The gate accepts every good row of a simulation and quarantines exactly the planted bad ones."""

from collections import Counter
from datetime import date
from pathlib import Path

from pipelines.contracts import load_contracts
from pipelines.ingest import ingest_source
from pipelines.settings import Settings
from pipelines.simulate import simulate


def test_planted_rows_are_quarantined_and_nothing_else(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    truth = simulate(
        settings.landing_dir,
        tmp_path / "truth.json",
        months=1,
        tickets=250,
        end=date(2026, 9, 30),
    )
    contracts = load_contracts(settings.contracts_dir).sources.values()
    quarantined: dict[str, dict[str, int]] = {}
    accepted: dict[str, int] = {}
    for contract in contracts:
        if contract.tenant != "demo":
            continue
        extracts = ingest_source(settings, contract, "test")
        assert {extract.outcome for extract in extracts} == {"loaded"}
        reasons = Counter[str]()
        for extract in extracts:
            reasons.update(extract.reasons)
        quarantined[contract.entity.name] = dict(sorted(reasons.items()))
        accepted[contract.entity.name] = sum(extract.rows_accepted for extract in extracts)
    assert quarantined == truth["planted_rows"]
    assert accepted == truth["good_rows"]
