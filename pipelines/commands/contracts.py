"""`kpi contracts`: what is wrong with the data contracts, and how they have changed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.contracts import check_contracts
from pipelines.contracts.evolution import (
    LOCK,
    changes,
    meanings,
    read_lock,
    version_mistakes,
    write_lock,
)
from pipelines.errors import ContractError
from pipelines.settings import Settings

app = typer.Typer(help="Data contracts.", no_args_is_help=True)


@app.callback()
def contracts() -> None:
    """Data contracts."""


@app.command()
def check() -> None:
    """Print every mistake, one a line: file, place, rule, remedy. Exit code 1 if there is one.

    Versions are held against versions.lock of the folder, where there is one.
    """
    folder = Settings().contracts_dir
    mistakes = check_contracts(folder) or list(
        version_mistakes(read_lock(folder / LOCK), meanings(folder))
    )
    for mistake in mistakes:
        typer.echo(mistake)
    if mistakes:
        raise typer.Exit(1)
    typer.echo("all contracts are usable")


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="A folder of contracts, or a versions.lock.")],
    new: Annotated[Path | None, typer.Argument(help="As OLD; default: the contracts.")] = None,
) -> None:
    """Print what changed. Exit code 1 if a version does not say what its contract's text says."""
    before, after = _read(old), _read(new or Settings().contracts_dir)
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            typer.echo(f"{name}: {'new' if name in after else 'removed'}")
            continue
        for change in changes(before[name], after[name]):
            typer.echo(f"{name}: {change}")
    mistakes = list(version_mistakes(before, after))
    for mistake in mistakes:
        typer.echo(mistake)
    if mistakes:
        raise typer.Exit(1)


@app.command()
def lock() -> None:
    """Agree on the contracts as they are: write versions.lock, where every version fits."""
    folder = Settings().contracts_dir
    mistakes = check_contracts(folder) or [
        mistake
        for mistake in version_mistakes(read_lock(folder / LOCK), meanings(folder))
        if mistake.rule != "removed"
    ]
    if mistakes:
        raise ContractError("\n".join(str(mistake) for mistake in mistakes))
    write_lock(folder)


def _read(place: Path) -> Mapping[str, Mapping[str, Any]]:
    return meanings(place) if place.is_dir() else read_lock(place)
