"""`kpi snapshots`: what is published and kept."""

import typer

from pipelines.settings import Settings
from pipelines.warehouse.snapshots import current_snapshot, list_snapshots, restore_snapshot

app = typer.Typer(help="Published snapshots.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """Print the kept snapshots, newest first; the current one is marked."""
    settings = Settings()
    current = current_snapshot(settings).id
    for snapshot in list_snapshots(settings):
        mark = "*" if snapshot.id == current else " "
        typer.echo(
            f"{mark} {snapshot.id}  data as of {snapshot.as_of:%Y-%m-%d %H:%M} UTC  "
            f"{snapshot.path.stat().st_size / 1e6:.1f} MB"
        )


@app.command()
def restore(snapshot_id: str) -> None:
    """Point readers to a kept snapshot."""
    typer.echo(f"current snapshot: {restore_snapshot(Settings(), snapshot_id).id}")
