"""`kpi explain`: how the figures of one ticket come about."""

from typing import Annotated

import polars as pl
import typer

from pipelines.metrics import open_store

app = typer.Typer(help="How a figure comes about.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `ticket` a word of its own."""


@app.command()
def ticket(
    name: Annotated[str, typer.Argument(help="Ticket key (tenant:id) or id.")],
    metric: Annotated[
        str | None,
        typer.Option(help="One duration or SLA metric, e.g. full_resolution, requester_wait."),
    ] = None,
) -> None:
    """Print a ticket's ledger and, for each figure, the stretches that count and their sum."""
    store = open_store()
    explanation = store.explain_ticket(name, metric)
    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=200,
        fmt_str_lengths=60,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
    ):
        typer.echo(f"Ledger of {explanation.ticket_key} (times UTC)")
        typer.echo(explanation.ledger)
        for figure in explanation.sums:
            typer.echo(f"\n{figure.name} ({figure.description})")
            typer.echo(figure.stretches)
            typer.echo(f"sum {figure.total:,.6f} s; the warehouse says {_seconds(figure.stated)}")
    as_of = f"{store.snapshot.as_of:%Y-%m-%d %H:%M} UTC"
    typer.echo(f"\nsnapshot {store.snapshot.id}, data as of {as_of}")


def _seconds(stated: int | None) -> str:
    return "nothing" if stated is None else f"{stated:,} s"
