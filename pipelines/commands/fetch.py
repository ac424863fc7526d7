"""`kpi fetch`: databases, web services and object stores become files in landing."""

from typing import Annotated

import typer

from pipelines.contracts import load_contracts
from pipelines.errors import ContractError, FetchError
from pipelines.fetch import fetch_source
from pipelines.settings import Settings
from pipelines.warehouse.lock import warehouse_lock

UNREACHED_EXIT_CODE = 3


def fetch(
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only this entity.")] = None,
) -> None:
    """Fetch what contracts name and print what landed. Exit code 3 if one could not be reached.

    `kpi nightly` does the same before it reads landing.
    """
    settings = Settings()
    contracts = load_contracts(settings.contracts_dir)
    chosen = [
        contract
        for (name, thing), contract in sorted(contracts.sources.items())
        if contract.fetch and source in (None, name) and entity in (None, thing)
    ]
    if not chosen:
        raise ContractError(
            f"nothing to fetch{f' for {source}' if source else ''}: no contract of "
            f"{contracts.directory}/sources names a database, an API or an object store."
        )
    failed = False
    with warehouse_lock(settings):
        for contract in chosen:
            try:
                typer.echo(f"{contract.id}: {fetch_source(settings, contract)}")
            except FetchError as error:
                failed = True
                typer.secho(f"error: {error}", err=True, fg="red")
    if failed:
        raise typer.Exit(UNREACHED_EXIT_CODE)
