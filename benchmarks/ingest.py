"""How fast ingestion is, beside the bare reading of the same rows in the same run.

`python -m benchmarks.ingest [--rows 1000000] [--files 200] [--format csv]` prints, per format,
rows per second, processor seconds and the peak memory of a process that does nothing else, and
the ratio to DuckDB's (for XLSX: fastexcel's) reading of the same rows into Parquet without types
and rules. The extract has twelve columns: four times, four value maps, one pseudonym.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import duckdb
import fastexcel
import polars as pl

from pipelines.contracts import SourceContract, load_contracts
from pipelines.ingest import ingest_source
from pipelines.settings import PROJECT_DIR, Settings

_ROWS = """
    select 'T' || i as 工单编号, ['故障', '服务请求', '投诉', '派工单'][1 + i % 4] as 工单类型,
        ['新建', '处理中', '已解决', case when i % 1000 = 7 then '?' else '已关闭' end][1 + i % 4]
            as 状态,
        ['紧急', '高', '中', '低'][1 + i % 4] as 优先级,
        ['保洁', '网络', '咨询'][1 + i % 3] as 服务项目, 'mall_' || 1 + i % 2 as 受理班组,
        'mall_1_a' || i % 40 as 处理人, 'C' || hash(i) % 50000 as 客户编号,
        strftime(t, '%Y-%m-%d %H:%M:%S') as 创建时间,
        strftime(t + interval 5 hour, '%Y-%m-%d %H:%M:%S') as 解决时间,
        strftime(t + interval 2 day, '%Y-%m-%d %H:%M:%S') as 关闭时间,
        strftime(t + interval 2 day, '%Y-%m-%d %H:%M:%S') as 更新时间
    from (select i, timestamp '2025-01-01' + to_seconds(i * 29 % 40000000) as t
        from range({first}, {first} + {rows}) as r(i))
"""
_COLUMNS = """ticket_id ticket_type status priority service_id team_id agent_id customer_id
    created_at resolved_at closed_at updated_at"""
_FORMATS = ("csv", "gb18030", "jsonl", "parquet", "xlsx")
# A sheet has room for 1,048,576 rows, and writing it is what takes long.
_MOST_XLSX_ROWS = 100_000


@dataclass(frozen=True)
class _Cost:
    """What a child process used for one reading."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float


def _contract(form: str) -> SourceContract:
    contracts = load_contracts(PROJECT_DIR / "data_contracts")
    contract = contracts.sources["demo_itsm", "ticket"]
    names = _COLUMNS.split()
    columns = [c if c.name in names else replace(c, headers=()) for c in contract.columns]
    return replace(
        contract,
        path="demo_itsm/tickets_*",
        format="csv" if form == "gb18030" else form,
        encodings=("gb18030" if form == "gb18030" else "utf-8",),
        columns=tuple(columns),
        extracted_at=None,
    )


def _write(path: Path, form: str, first: int, rows: int) -> None:
    query = _ROWS.format(first=first, rows=rows)
    options = {"jsonl": "format json", "parquet": "format parquet"}.get(form, "header")
    if form == "xlsx":
        pl.DataFrame(duckdb.execute(query).to_arrow_table()).write_excel(path)
        return
    duckdb.execute(f"copy ({query}) to '{path}' ({options})").fetchall()
    if form == "gb18030":
        path.write_bytes(path.read_text("utf-8").encode("gb18030"))


def _read_bare(path: Path, form: str, target: Path) -> None:
    """The same rows into Parquet: no types, no rules, no ledger."""
    if form == "xlsx":
        sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string")
        pl.DataFrame(sheet.to_arrow()).write_parquet(target, compression="zstd")
        return
    source = {
        "jsonl": f"read_json('{path}', format = 'newline_delimited')",
        "parquet": f"read_parquet('{path}')",
    }.get(form, f"read_csv('{path}', all_varchar = true, header = true, delim = ',')")
    sql = f"copy (from {source}) to '{target}' (format parquet, compression zstd)"
    duckdb.execute(sql).fetchall()


def _ingest(settings: Settings, contract: SourceContract) -> None:
    for extract in ingest_source(settings, contract, "benchmark"):
        if extract.outcome == "refused":
            raise SystemExit(f"refused: {extract.message}")


def _measured(work: Callable[..., None], arguments: Sequence[object]) -> _Cost:
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF)
    work(*arguments)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime - before.ru_utime + used.ru_stime - before.ru_stime
    return _Cost(time.perf_counter() - start, cpu, used.ru_maxrss / 1024)


def _in_child(work: Callable[..., None], *arguments: object) -> _Cost:
    """The cost in a process of its own; the peak is at least that of the process that starts it."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_measured, work, arguments).result()


def _measure_large(form: str, rows: int, home: Path) -> None:
    rows = min(rows, _MOST_XLSX_ROWS) if form == "xlsx" else rows
    settings, contract = Settings(home=home / form, settled_seconds=0), _contract(form)
    landing = settings.landing_dir / "demo_itsm"
    landing.mkdir(parents=True)
    file = landing / f"tickets_large.{contract.format}"
    _in_child(_write, file, form, 0, rows)
    ours = _in_child(_ingest, settings, contract)
    plain = settings.home / "plain.csv"
    if form == "gb18030":  # DuckDB does not read it
        _in_child(_write, plain, "csv", 0, rows)
    bare = _in_child(_read_bare, plain if form == "gb18030" else file, form, home / "bare.parquet")
    _say(
        f"{form:8} {rows:>10,} {file.stat().st_size / 1e6:7.0f} {rows / ours.seconds:11,.0f} "
        f"{ours.seconds:7.2f} {ours.cpu_seconds:7.2f} {ours.peak_megabytes:7.0f} "
        f"{bare.seconds:7.2f} {bare.cpu_seconds:7.2f} {bare.peak_megabytes:7.0f} "
        f"{ours.seconds / bare.seconds:6.2f} {ours.cpu_seconds / bare.cpu_seconds:6.2f}"
    )


def _measure_small(files: int, home: Path) -> None:
    settings, contract = Settings(home=home / "small", settled_seconds=0), _contract("csv")
    landing = settings.landing_dir / "demo_itsm"
    landing.mkdir(parents=True)
    for number in range(files):
        _write(landing / f"tickets_{number:04}.csv", "csv", number * 200, 200)
    first, again = (_in_child(_ingest, settings, contract) for _ in range(2))
    for name, cost in (("new", first), ("known", again)):
        _say(
            f"{files} {name} files of 200 rows: {1000 * cost.seconds / files:.1f} ms a file, "
            f"{1000 * cost.cpu_seconds / files:.1f} ms of processor"
        )


def main() -> None:
    """Measure one large file of each format, then many small ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--format", choices=_FORMATS, action="append")
    arguments = parser.parse_args()
    _say("format         rows      MB  ingest r/s       s     cpu MB peak |  bare     cpu MB peak")
    with tempfile.TemporaryDirectory(prefix="kpi-benchmark-") as folder:
        for form in arguments.format or _FORMATS:
            _measure_large(form, arguments.rows, Path(folder))
        if arguments.files:
            _measure_small(arguments.files, Path(folder))


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
