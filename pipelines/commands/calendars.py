"""`kpi calendars`: holidays brought up to date, and when a calendar is open, to be reviewed."""

from datetime import datetime
from typing import Annotated

import typer

from pipelines.settings import Settings
from pipelines.warehouse.calendar_review import local_days
from pipelines.warehouse.holiday_sets import refresh_holidays

app = typer.Typer(help="Opening hours and holidays.", no_args_is_help=True)


@app.command()
def refresh(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if the seeds are stale.")
    ] = False,
) -> None:
    """Write public holidays and make-up days (调休) into dbt_project/seeds/holidays.csv.

    Sets and their providers stand in holiday_sets.csv. Needs no network: it reads the installed
    packages. Review the difference and commit it.
    """
    changes = refresh_holidays(Settings().dbt_dir / "seeds", is_written=not check)
    for line in changes:
        typer.echo(line)
    if not changes:
        typer.echo("holidays are up to date")
    elif check:
        raise typer.Exit(1)


@app.command()
def show(
    calendar: Annotated[str, typer.Argument(help="calendar_id of calendars.csv.")],
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last date.")],
) -> None:
    """Print when a calendar is open, date by date, on its own clock."""
    days = local_days(Settings().dbt_dir / "seeds", calendar, start.date(), until.date())
    for day in days:
        typer.echo(day.line())
    typer.echo(f"{sum(day.open_seconds for day in days) / 3600:,.2f} hours open")
