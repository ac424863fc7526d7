"""`kpi nightly`: the whole night in this process."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from pipelines.settings import Settings

EXIT_NOT_PUBLISHED = 1
EXIT_EXTRACTS_REFUSED = 3


def nightly(
    as_of: Annotated[
        datetime | None,
        typer.Option(help="Cut-off instant (UTC); default: when the newest extract was made."),
    ] = None,
) -> None:
    """Ingest what has landed, build, check and publish.

    Exit codes: 0 published; 1 nothing was published, the last snapshot stays; 3 published, but
    at least one extract was refused.
    """
    from pipelines.orchestration.headless import run_nightly  # Dagster costs seconds to import

    cut_off = as_of.replace(tzinfo=UTC) if as_of is not None else None
    outcome = run_nightly(Settings(), cut_off)
    if not outcome.is_published:
        typer.secho(f"error: {outcome.error}", err=True, fg="red")
        typer.echo("Nothing was published; the last snapshot, if any, stays.", err=True)
        raise typer.Exit(EXIT_NOT_PUBLISHED)
    if outcome.sources_with_refusals:
        typer.secho(
            f"Published, but extracts of {', '.join(outcome.sources_with_refusals)} were refused; "
            "see above and the Data quality page.",
            err=True,
            fg="yellow",
        )
        raise typer.Exit(EXIT_EXTRACTS_REFUSED)
    if not outcome.new_extracts:
        typer.echo("Published; no new extract had landed.")
