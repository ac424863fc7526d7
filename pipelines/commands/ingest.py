"""`kpi ingest`: files from anywhere, or all that lies in landing, through the gate."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.contracts import Contracts, SourceContract, load_contracts
from pipelines.errors import ContractError
from pipelines.ingest import Extract, ensure_empty_raw, ingest_file, ingest_source
from pipelines.settings import Settings
from pipelines.warehouse.lock import warehouse_lock

REFUSED_EXIT_CODE = 3


def ingest(
    source: Annotated[str, typer.Option(help="The source whose contract is applied.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files from anywhere; without any: landing.")
    ] = None,
    entity: Annotated[str | None, typer.Option(help="Only this entity of the source.")] = None,
) -> None:
    """Ingest extracts and print what became of each. Exit code 3 if one was refused."""
    settings = Settings()
    contracts = load_contracts(settings.contracts_dir)
    run_id = f"manual-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    extracts: list[Extract] = []
    with warehouse_lock(settings):
        ensure_empty_raw(settings, contracts)
        for contract in _chosen(contracts, source, entity):
            if files:
                extracts += [ingest_file(settings, contract, path, run_id) for path in files]
            else:
                extracts += ingest_source(settings, contract, run_id)
    for extract in extracts:
        _print(extract)
    if not extracts:
        typer.echo(f"nothing to ingest for {source}")
    if any(extract.outcome == "refused" for extract in extracts):
        raise typer.Exit(REFUSED_EXIT_CODE)


def _chosen(contracts: Contracts, source: str, entity: str | None) -> list[SourceContract]:
    chosen = [c for c in contracts.of_source(source) if entity in (None, c.entity.name)]
    if not chosen:
        known = ", ".join(f"{name}.{thing}" for name, thing in sorted(contracts.sources))
        raise ContractError(
            f"no contract for {source}{f'.{entity}' if entity else ''} in "
            f"{contracts.directory}/sources; there are {known or 'none'}."
        )
    return chosen


def _print(extract: Extract) -> None:
    known = "" if extract.is_new else " (known, nothing to do)"
    typer.echo(f"{extract.source}.{extract.entity}  {extract.file}: {extract.summary}{known}")
