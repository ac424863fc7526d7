"""`kpi query`: ask a metric of the current snapshot."""

from datetime import date, datetime
from typing import Annotated, cast

import polars as pl
import typer

from pipelines.errors import QueryError
from pipelines.metrics import MetricStore, open_store
from pipelines.metrics.model import GRAINS, Grain


def query(
    metric: Annotated[str | None, typer.Argument(help="Name of a metric.")] = None,
    by: Annotated[str, typer.Option(help="Grain and dimensions, e.g. month,team.")] = "",
    where: Annotated[
        list[str] | None, typer.Option(help="dimension=member[,member]; may be repeated.")
    ] = None,
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    end: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    list_metrics: Annotated[bool, typer.Option("--list", help="Print the metrics.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
) -> None:
    """Print value, numerator, denominator, n, 95 % interval and data time of a metric."""
    store = open_store()
    if list_metrics or metric is None:
        _print_metrics(store)
        return
    names = [name.strip() for name in by.split(",") if name.strip()]
    grains = [name for name in names if name in GRAINS]
    if len(grains) > 1:
        raise QueryError(f"--by names the grains {', '.join(grains)}; name one.")
    result = store.query(
        [metric],
        by=[name for name in names if name not in GRAINS],
        grain=cast(Grain, grains[0]) if grains else None,
        start=_day(start),
        end=_day(end),
        where=dict(_condition(text) for text in where or []),
    )
    frame = result.frame.rename(
        lambda column: "value" if column == metric else column.removeprefix(f"{metric}__")
    )
    if csv:
        typer.echo(frame.write_csv(), nl=False)
        return
    definition = store.metrics[metric]
    typer.echo(f"{definition.label} · {definition.label_zh} ({definition.unit})")
    typer.echo(f"= {definition.numerator} / {definition.denominator}")
    with pl.Config(
        tbl_rows=-1, tbl_cols=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True
    ):
        typer.echo(frame)
    typer.echo(f"data as of {result.as_of:%Y-%m-%d %H:%M} UTC, snapshot {result.snapshot_id}")


def _day(value: datetime | None) -> date | None:
    return None if value is None else value.date()


def _condition(text: str) -> tuple[str, list[str]]:
    dimension, sign, members = text.partition("=")
    if not sign or not members:
        raise QueryError(f"--where '{text}' is not of the form dimension=member[,member].")
    return dimension.strip(), [member.strip() for member in members.split(",")]


def _print_metrics(store: MetricStore) -> None:
    for metric in sorted(store.metrics.values(), key=lambda m: (m.family, m.name)):
        typer.echo(f"{metric.name:38} {metric.label} · {metric.label_zh}")
        typer.echo(f"{'':38} by {', '.join(metric.dimensions)}")
