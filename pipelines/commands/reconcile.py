"""`kpi reconcile`: do archive, ledger, Parquet files and dbt's raw rows tell the same counts?"""

import logging
from typing import Annotated

import typer

from pipelines.contracts import load_contracts
from pipelines.ingest import reconcile as find_differences
from pipelines.settings import Settings
from pipelines.warehouse.lock import warehouse_lock

progress = logging.getLogger("kpi.progress")


def reconcile(
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
) -> None:
    """Derive every count again from the archive and print what differs. Exit code 1 if any does."""
    settings = Settings()
    count = 0
    with warehouse_lock(settings):
        contracts = load_contracts(settings.contracts_dir)
        for difference in find_differences(settings, contracts, source, _say):
            count += 1
            typer.echo(difference)
    typer.echo(f"{count} differences")
    if count:
        raise typer.Exit(1)


def _say(number: int, total: int, name: str) -> None:
    progress.info("%d of %d  %s", number, total, name)
