"""A model's own SQL, rendered without dbt and run by DuckDB on tables of the test.

For models that need only `source`, `ref`, `var` and the project's macros. Nothing of a model is
written again here: its file is the template.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import duckdb
from jinja2 import Environment

from pipelines.settings import Settings


def render_model(path: str, variables: Mapping[str, Any]) -> str:
    """The SQL of `models/<path>.sql`; a source is called raw_<table>, a model by its name."""
    folder = Settings().dbt_dir
    macros = "\n".join(p.read_text("utf-8") for p in sorted((folder / "macros").glob("*.sql")))
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701
    context: dict[str, Any] = {
        "var": variables.__getitem__,
        "return": lambda value: value,
        "source": lambda _, table: f"raw_{table}",
        "ref": lambda model: model,
        "execute": True,
        "adapter": SimpleNamespace(),
    }
    model = (folder / "models" / f"{path}.sql").read_text("utf-8")
    return environment.from_string(macros + model).render(context)


def materialise(
    connection: duckdb.DuckDBPyConnection, path: str, variables: Mapping[str, Any]
) -> None:
    """Create the table of a model from the tables it reads."""
    name = path.rsplit("/", 1)[-1]
    connection.execute(f"create or replace table {name} as {render_model(path, variables)}")
