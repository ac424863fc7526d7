"""`kpi simulate`: the extracts of a simulated company, to try the warehouse on."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.settings import Settings
from pipelines.simulate import simulate as make_simulation


def simulate(
    seed: Annotated[int, typer.Option(help="Another seed makes another history.")] = 7,
    months: Annotated[int, typer.Option(help="Months that end on 2026-09-30.")] = 6,
    tickets: Annotated[int, typer.Option(help="Tickets in all.")] = 40_000,
    out: Annotated[
        Path | None, typer.Option(help="Landing folder; default: the one of this installation.")
    ] = None,
) -> None:
    """Make the extracts of a SIMULATED company (模拟数据) and truth.json, the figures behind them.

    The same options give the same bytes, so running it again is safe.
    """
    settings = Settings()
    landing_dir = out or settings.landing_dir
    truth_path = settings.home / "truth.json" if out is None else out.parent / "truth.json"
    with typer.progressbar(length=1, label="Simulating 模拟") as bar:

        def show(days_done: int, days: int) -> None:
            bar.length = days
            bar.update(days_done - bar.pos)

        truth = make_simulation(
            landing_dir, truth_path, seed=seed, months=months, tickets=tickets, on_progress=show
        )
    given, totals = truth["parameters"], truth["totals"]
    typer.echo(
        f"Simulated data 模拟数据 (seed {given['seed']}), {given['start']} to {given['end']}: "
        f"{totals['tickets']:,} tickets, {totals['events']:,} events, {totals['calls']:,} calls, "
        f"{totals['survey_responses']:,} survey responses in {totals['files']} files."
    )
    typer.echo(f"Extracts: {landing_dir}\nThe truth behind them: {truth_path}")
