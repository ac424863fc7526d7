"""`kpi …`: the command line, put together. Each command's work is done by the other packages."""

import logging
import sys

import typer

from pipelines.commands import (
    calendars,
    contracts,
    demo,
    docs,
    explain,
    fetch,
    ingest,
    nightly,
    quarantine,
    query,
    reconcile,
    secrets,
    serve,
    simulate,
    snapshots,
    source,
)
from pipelines.commands import doctor as doctor_command
from pipelines.errors import KpiError

app = typer.Typer(
    name="kpi",
    help="Extracts of tickets, calls and surveys in; a checked snapshot of service KPIs out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(calendars.app, name="calendars")
app.add_typer(contracts.app, name="contracts")
app.add_typer(explain.app, name="explain")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(secrets.app, name="secrets")
app.add_typer(snapshots.app, name="snapshots")
app.add_typer(source.app, name="source")
app.command(name="simulate")(simulate.simulate)
app.command(name="fetch")(fetch.fetch)
app.command(name="ingest")(ingest.ingest)
app.command(name="reconcile")(reconcile.reconcile)
app.command(name="nightly")(nightly.nightly)
app.command(name="query")(query.query)
app.command(name="docs")(docs.docs)
app.command(name="dashboard")(serve.dashboard)
app.command(name="dagster")(serve.dagster)
app.command(name="demo")(demo.demo)
app.command(name="stop")(demo.stop)
app.command(name="doctor")(doctor_command.doctor)


def main() -> None:
    """Run the command line; an error raised on purpose is one sentence and exit code 1."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    progress = logging.getLogger("kpi.progress")
    progress.addHandler(handler)
    progress.setLevel(logging.INFO)
    progress.propagate = False
    try:
        app()
    except KpiError as error:
        typer.secho(f"error: {error}", err=True, fg="red")
        sys.exit(1)
