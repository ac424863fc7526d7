"""`kpi quarantine`: what the gate kept back, why, and reading it again after a contract fix."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.contracts import load_contracts
from pipelines.ingest import (
    Replay,
    count_quarantine,
    export_quarantine,
    find_extracts,
    quarantined_rows,
    read_earlier_readings,
    read_quarantine,
    refused_files,
    replay_source,
    rule_sentence,
)
from pipelines.settings import Settings
from pipelines.warehouse.lock import warehouse_lock

app = typer.Typer(help="Rows and files kept back at the gate.", no_args_is_help=True)

REPORTED_EXIT_CODE = 3
Source = Annotated[str | None, typer.Option(help="Only this source.")]
Entity = Annotated[str | None, typer.Option(help="Only this entity.")]
Unmasked = Annotated[bool, typer.Option("--unmasked", help="Show personal data as it came.")]


@app.callback()
def quarantine() -> None:
    """Rows and files kept back at the gate."""


@app.command("list")
def list_reasons(source: Source = None, entity: Entity = None) -> None:
    """Print rows by source, entity and reason, and every refused file with its reason."""
    settings = Settings()
    counts = count_quarantine(settings, source, entity)
    for row in counts.iter_rows(named=True):
        name = f"{row['source']}.{row['entity']}"
        typer.echo(f"{name}  {row['reason']}: {row['rows']} rows in {row['extracts']} extracts")
    refused = refused_files(settings, source, entity)
    for extract in refused:
        name = f"{extract.source}.{extract.entity}  {extract.file}  {extract.extract_id}"
        typer.echo(f"{name}: REFUSED {extract.reason}: {extract.message}")
    if counts.is_empty() and not refused:
        typer.echo("nothing is quarantined")


@app.command()
def show(
    extract_id: Annotated[str, typer.Argument(help="Id of an extract, or its beginning.")],
    record: Annotated[int | None, typer.Option(help="Only this record of the file.")] = None,
    unmasked: Unmasked = False,
) -> None:
    """Print an extract's readings and every rejected row: record, reasons, rules, text."""
    settings = Settings()
    contracts = load_contracts(settings.contracts_dir)
    for extract in find_extracts(settings, extract_id):
        contract = contracts.sources.get((extract.source, extract.entity))
        typer.echo(f"{extract.source}.{extract.entity}  {extract.file}  {extract.extract_id}")
        for reading in (*read_earlier_readings(settings, extract), extract):
            typer.echo(f"  contract {reading.contract_version}: {reading.summary}")
        rows = quarantined_rows(settings, contract, extract, is_veiled=not unmasked)
        for row in rows.iter_rows(named=True):
            if record in (None, row["record"]):
                typer.echo(f"  record {row['record']}: {row['raw']}")
                for code in row["reasons"]:
                    sentence = rule_sentence(contract, code) if contract else "no contract any more"
                    typer.echo(f"    {code}: {sentence}")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="What to write: .csv, .parquet or .jsonl.")],
    source: Source = None,
    entity: Entity = None,
    unmasked: Unmasked = False,
) -> None:
    """Write the quarantined rows into a file that only its owner may read."""
    settings = Settings()
    contracts = load_contracts(settings.contracts_dir)
    frames = read_quarantine(settings, contracts, source, entity, is_veiled=not unmasked)
    typer.echo(f"{export_quarantine(frames, file)} rows written to {file}")


@app.command()
def replay(
    source: Source = None,
    entity: Entity = None,
    whole: Annotated[
        bool, typer.Option("--all", help="Also extracts that were accepted to the last row.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would change.")
    ] = False,
) -> None:
    """Read again from the archive what contracts that have changed since kept out.

    Exit code 3 if rows that were accepted are not any more, are read otherwise, or a file is
    refused or missing.
    """
    settings = Settings()
    run_id = f"replay-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    replays: list[Replay] = []
    with warehouse_lock(settings):
        for contract in load_contracts(settings.contracts_dir).sources.values():
            if source in (None, contract.source) and entity in (None, contract.entity.name):
                for done in replay_source(
                    settings, contract, run_id, whole=whole, is_dry_run=dry_run
                ):
                    replays.append(done)
                    _print(done)
    verb = "would be" if dry_run else "were"
    typer.echo(
        f"{len(replays)} extracts {verb} read again, {sum(r.gained for r in replays)} rows "
        f"{verb} gained"
    )
    if any(r.needs_a_look for r in replays):
        raise typer.Exit(REPORTED_EXIT_CODE)


def _print(replay: Replay) -> None:
    before, after = replay.before, replay.after
    typer.echo(f"{before.source}.{before.entity}  {before.file}  {before.extract_id}")
    typer.echo(f"  before: {before.summary}")
    typer.echo(f"  after:  {after.summary if after else 'its file is missing from the archive'}")
    if replay.withdrawn:
        typer.echo(f"  {replay.withdrawn} rows that were accepted are not any more")
    if replay.changed:
        typer.echo(f"  {replay.changed} rows that were accepted are read otherwise now")
