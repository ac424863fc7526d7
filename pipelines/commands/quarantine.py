"""`kpi quarantine`: rows the gate kept back, with every reason and their text."""

from typing import Annotated

import typer

from pipelines.ingest import read_quarantine
from pipelines.settings import Settings

app = typer.Typer(help="Rows kept back at the gate.", no_args_is_help=True)


@app.callback()
def quarantine() -> None:
    """Rows kept back at the gate."""


@app.command("list")
def list_rows(
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only this entity.")] = None,
    limit: Annotated[int, typer.Option(help="Most rows to print.", min=1)] = 20,
) -> None:
    """Print quarantined rows, newest ingestion first: file, record number, reasons, text."""
    rows = read_quarantine(Settings(), source, entity, limit)
    for row in rows.iter_rows(named=True):
        place = f"{row['source']}.{row['entity']}  {row['file']}  record {row['record']}"
        typer.echo(f"{place}: {', '.join(row['reasons'])}\n    {row['raw']}")
    if rows.is_empty():
        typer.echo("nothing is quarantined")
