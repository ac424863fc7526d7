"""`kpi source`: a contract for an extract nobody has described yet."""

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer

from pipelines.commands.source_report import report_kpis, report_rows
from pipelines.contracts import EntityContract, SourceContract, load_contracts
from pipelines.contracts.names import folded
from pipelines.errors import SampleError
from pipelines.ingest.landing import landing_files
from pipelines.settings import Settings
from pipelines.sourcing import (
    Zone,
    dry_run,
    make_draft,
    passing_home,
    possible_kpis,
    read_sample,
    write_draft,
)

REFUSED_EXIT_CODE = 3

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
    header: Annotated[
        list[str] | None,
        typer.Option(help="'Name: value' for the request of a URL; secrets as ${NAME}."),
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
        known_headers = frozenset(map(folded, names))
        sample = read_sample(address, Path(scratch), known_headers, _sent(header or []))
    draft = make_draft(name, known, sample, zone)
    for path in write_draft(draft, settings.contracts_dir, name):
        typer.echo(f"wrote {path}")
    for note in draft.notes:
        typer.echo(f"  {note}")
    typer.echo(f"{draft.to_decide} lines are marked `decide:`; then `kpi source check {name}`")


def _sent(headers: Sequence[str]) -> dict[str, str]:
    parts = [header.partition(":") for header in headers]
    if not all(sign for _, sign, _ in parts):
        raise SampleError("write a header as 'Name: value'.")
    return {name.strip(): value.strip() for name, _, value in parts}


def _entity(settings: Settings, name: str) -> EntityContract:
    entities = load_contracts(settings.contracts_dir).entities
    if name not in entities:
        raise SampleError(f"no entity '{name}'; there are {', '.join(entities)}.")
    return entities[name]


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="The source whose contracts are tried.")],
    file: Annotated[
        Path | None, typer.Option(help="The file; without it the newest in landing.")
    ] = None,
    entity: Annotated[str | None, typer.Option(help="Only this entity of the source.")] = None,
    kpis: Annotated[bool, typer.Option(help="Also try which KPIs become possible.")] = True,
) -> None:
    """Dry run: what would become of a file. Nothing is written into the home."""
    settings = Settings()
    contracts = load_contracts(settings.contracts_dir, drafts_of=name)
    chosen = [c for c in contracts.of_source(name) if entity in (None, c.entity.name)]
    if not chosen:
        raise SampleError(f"no contract for {name} in {contracts.directory}; `kpi source add` it.")
    file = file or _newest(settings, chosen)
    with passing_home(settings) as home:
        runs = dry_run(home, chosen, file)
        for run in runs:
            report_rows(run)
        loaded = [r.contract.entity.name for r in runs if r.extract.rows_accepted]
        if kpis and loaded:
            report_kpis(possible_kpis(home, contracts, loaded, progress.info), runs)
    if not loaded:
        raise typer.Exit(REFUSED_EXIT_CODE)


def _newest(settings: Settings, chosen: Sequence[SourceContract]) -> Path:
    files = [path for contract in chosen for path in landing_files(settings, contract)]
    if not files:
        raise SampleError(f"nothing lies in {settings.landing_dir}/{chosen[0].path}; give --file.")
    return max(files, key=lambda path: (path.stat().st_mtime, path.name))
