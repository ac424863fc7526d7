"""The project's own SQL macros, rendered without dbt and run by DuckDB on generated tables.

Nothing of the macros is written again here: the files of `dbt_project/macros` are the template.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl
from jinja2 import Environment

from pipelines.settings import Settings


def render(expression: str, business_day_pieces: int = 3) -> str:
    """An expression with macros, as dbt would compile it for DuckDB."""
    folder = Settings().dbt_dir / "macros"
    source = "\n".join(
        (folder / name).read_text("utf-8") for name in ("engine.sql", "business_time.sql")
    )
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701
    context: dict[str, Any] = {
        "var": {"business_day_pieces": business_day_pieces}.__getitem__,
        "return": lambda value: value,
    }
    template = environment.from_string(source)
    context["adapter"] = SimpleNamespace(
        dispatch=lambda name, _: getattr(template.make_module(context), f"default__{name}")
    )
    return environment.from_string(source + expression).render(context).strip()


class BusinessTime:
    """F and its inverse by SQL, on the tables in a home's reference folder."""

    def __init__(self, settings: Settings, business_day_pieces: int) -> None:
        self._pieces = business_day_pieces
        self._connection = duckdb.connect(config={"threads": 1})
        for table in ("business_days", "open_positions"):
            path = settings.reference_dir / f"{table}.parquet"
            self._connection.execute(f"create table {table} as from read_parquet('{path}')")

    def open_us(self, calendar_id: str, instants: Sequence[datetime]) -> list[int | None]:
        """F of each instant: open microseconds since the calendar's start."""
        given = pl.DataFrame(
            {"at": [at.astimezone(UTC).replace(tzinfo=None) for at in instants]},
            schema={"at": pl.Datetime("us")},
        ).with_row_index()
        return self._column(
            given,
            f"""select {{{{ open_us_until('given.at', 'day') }}}} as answer
            from given left join business_days as day
            on {{{{ is_day_of('day', "'{calendar_id}'", 'given.at') }}}} order by given.index""",
        )

    def instants(self, calendar_id: str, open_us: Sequence[int | None]) -> list[datetime | None]:
        """The inverse of F of each position."""
        given = pl.DataFrame({"x": open_us}, schema={"x": pl.Int64}).with_row_index()
        found = self._column(
            given,
            f"""select {{{{ instant_at_open_us('given.x', 'span') }}}} as answer
            from given left join open_positions as span
            on {{{{ is_span_of('span', "'{calendar_id}'", 'given.x') }}}} order by given.index""",
        )
        return [at and at.replace(tzinfo=UTC) for at in found]

    def _column(self, given: pl.DataFrame, query: str) -> list[Any]:
        self._connection.register("given", given.to_arrow())
        answers = self._connection.execute(render(query, self._pieces)).fetchall()
        assert len(answers) == given.height  # a join neither loses a row nor doubles one
        return [answer for (answer,) in answers]
