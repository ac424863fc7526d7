"""`kpi source`: a contract for an extract nobody has described yet."""

import logging
import tempfile
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer

from pipelines.contracts import EntityContract, load_contracts
from pipelines.contracts.names import folded
from pipelines.errors import SampleError
from pipelines.settings import Settings
from pipelines.sourcing import Zone, make_draft, read_sample, write_draft

app = typer.Typer(help="Draft and try the contract of a source.", no_args_is_help=True)
progress = logging.getLogger("kpi.progress")


@app.callback()
def _group() -> None:
    """Draft and try the contract of a source."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name of the new source: a-z, 0-9 and _.")],
    address: Annotated[str, typer.Option("--from", help="A file, an http(s) URL or a table.")],
    entity: Annotated[str, typer.Option(help="What a row is: ticket, call, survey_answer, …")],
    timezone: Annotated[
        str | None, typer.Option(help="IANA zone of its times; without it the draft asks.")
    ] = None,
) -> None:
    """Look at a sample and write a draft contract; nothing that exists is overwritten."""
    settings = Settings()
    known = _entity(settings, entity)
    if timezone is not None and timezone not in available_timezones():
        raise SampleError(f"'{timezone}' is no IANA zone; name one such as Asia/Shanghai.")
    zone = Zone(timezone or settings.timezone, timezone is not None)
    names = {w for c in known.columns for w in (c.name, c.label, *c.synonyms)}
    progress.info("looking at %s", address)
    with tempfile.TemporaryDirectory() as scratch:
        sample = read_sample(address, Path(scratch), frozenset(map(folded, names)))
    draft = make_draft(name, known, sample, zone)
    for path in write_draft(draft, settings.contracts_dir, name):
        typer.echo(f"wrote {path}")
    for note in draft.notes:
        typer.echo(f"  {note}")
    typer.echo(f"{draft.to_decide} lines are marked `decide:`; then `kpi source check {name}`")


def _entity(settings: Settings, name: str) -> EntityContract:
    entities = load_contracts(settings.contracts_dir).entities
    if name not in entities:
        raise SampleError(f"no entity '{name}'; there are {', '.join(entities)}.")
    return entities[name]
