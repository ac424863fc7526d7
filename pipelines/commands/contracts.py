"""`kpi contracts`: what is wrong with the data contracts."""

import typer

from pipelines.contracts import check_contracts
from pipelines.settings import Settings

app = typer.Typer(help="Data contracts.", no_args_is_help=True)


@app.callback()
def contracts() -> None:
    """Data contracts."""


@app.command()
def check() -> None:
    """Print every mistake, one a line: file, place, rule, remedy. Exit code 1 if there is one."""
    mistakes = check_contracts(Settings().contracts_dir)
    for mistake in mistakes:
        typer.echo(mistake)
    if mistakes:
        raise typer.Exit(1)
    typer.echo("all contracts are usable")
