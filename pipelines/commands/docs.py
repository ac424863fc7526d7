"""`kpi docs`: write the dictionary of KPIs."""

import typer

from pipelines.metrics.documentation import render
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.warehouse.dbt import prepare_manifest


def docs() -> None:
    """Write docs/kpis.md from the semantic layer."""
    manifest = prepare_manifest(Settings())
    page = PROJECT_DIR / "docs" / "kpis.md"
    page.write_text(render(manifest.parent, PROJECT_DIR / "tests"), encoding="utf-8")
    typer.echo(f"wrote {page}")
