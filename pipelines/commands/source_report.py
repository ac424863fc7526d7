"""How `kpi source check` prints a dry run."""

from collections.abc import Sequence

import typer

from pipelines.sourcing import DryRun, Kpi

_RAW_CHARACTERS = 300
_MOST_WORDS = 20


def report_rows(run: DryRun) -> None:
    """Counts, reasons with examples, words nobody mapped, columns nobody expected, first rows."""
    extract = run.extract
    draft = " (draft)" if run.contract.is_draft else ""
    typer.echo(f"\n{run.contract.id}{draft}  {extract.file}")
    if extract.outcome == "refused":
        typer.echo(f"  the whole file would be REFUSED, {extract.reason}: {extract.message}")
        return
    typer.echo(
        f"  {extract.rows_read:,} rows read = {extract.rows_accepted:,} accepted + "
        f"{extract.rows_quarantined:,} quarantined"
    )
    for refused in run.refused:
        typer.echo(f"  quarantined {refused.reason}  {refused.rows:,}")
        for record, raw in refused.examples:
            typer.echo(f"    record {record}: {(raw or '')[:_RAW_CHARACTERS]}")
    for column, word, rows in run.unmapped[:_MOST_WORDS]:
        typer.echo(f"  not in the value map of {column}: '{word}'  {rows:,}")
    for code, rows in extract.warnings.items():
        typer.echo(f"  warned {code}  {rows:,}")
    if run.drift:
        typer.echo(f"  columns nobody maps, kept in extra: {', '.join(run.drift)}")
    typer.echo("  the first rows as they would land (times UTC):")
    for row in run.first_rows.iter_rows(named=True):
        told = ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)
        typer.echo(f"    {told}")


def report_kpis(kpis: Sequence[Kpi], runs: Sequence[DryRun]) -> None:
    """The first values of the possible KPIs, and why the others are impossible."""
    possible = [kpi for kpi in kpis if kpi.is_possible]
    typer.echo(f"\n{len(possible)} of {len(kpis)} KPIs are possible with these rows:")
    for kpi in possible:
        typer.echo(f"  {kpi.metric.name:40} {_told(kpi):>20}  {kpi.metric.label}")
    typer.echo(f"{len(kpis) - len(possible)} KPIs are not:")
    reasons: dict[str, list[str]] = {}
    for kpi in kpis:
        if not kpi.is_possible:
            reasons.setdefault(kpi.metric.null_rule, []).append(kpi.metric.name)
    for reason, names in reasons.items():
        typer.echo(f"  {reason}\n    {', '.join(names)}")
    for run in runs:
        if run.undelivered:
            typer.echo(f"{run.contract.id} does not deliver {', '.join(run.undelivered)}")


def _told(kpi: Kpi) -> str:
    if kpi.value is None:
        return "hidden, too few"
    is_whole = kpi.metric.unit in ("count", "seconds")
    return (
        f"{kpi.value:,.0f} {kpi.metric.unit}" if is_whole else f"{kpi.value:,.4g} {kpi.metric.unit}"
    )
