"""`kpi secrets`: the key of the pseudonyms."""

from datetime import UTC, datetime

import typer

from pipelines.contracts import load_contracts
from pipelines.ingest import begin_rotation, finish_rotation
from pipelines.settings import Settings
from pipelines.warehouse.lock import warehouse_lock

app = typer.Typer(help="The key of the pseudonyms.", no_args_is_help=True)


@app.callback()
def secrets() -> None:
    """The key of the pseudonyms."""


@app.command()
def rotate() -> None:
    """Take a new key and make every pseudonym anew from the archive.

    With KPI_SECRET_KEY: set it to the new key first. A rotation that was killed goes on.
    """
    settings = Settings()
    run_id = f"rotate-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    count = 0
    with warehouse_lock(settings):
        contracts = load_contracts(settings.contracts_dir)
        begin_rotation(settings)
        for replay in finish_rotation(settings, contracts, run_id):
            count += 1
            before = replay.before
            typer.echo(f"{before.source}.{before.entity}  {before.file}: new tokens")
    typer.echo(f"{count} extracts carry pseudonyms of the new key; run `kpi nightly` to publish")
