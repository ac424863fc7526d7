"""How fast ingestion is, beside DuckDB's bare CSV reader on the same file in the same run.

`python -m benchmarks.ingest [--rows 1000000] [--files 200] [--encoding utf-8]` prints rows per
second, the ratio, the peak memory and the cost of a small file. The extracts are those of the
contract demo_itsm.ticket: 20 columns, six of them times, two personal, three row rules.
"""

import argparse
import resource
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.contracts import SourceContract, load_contracts
from pipelines.ingest import ingest_source
from pipelines.settings import PROJECT_DIR, Settings

_ROWS = """
    select 'T' || i as 工单编号, '标题, ' || i % 97 as 标题,
        ['故障', '服务请求', '投诉', '派工单'][1 + i % 4] as 工单类型,
        ['新建', '处理中', '已解决', case when i % 1000 = 7 then '?' else '已关闭' end][1 + i % 4]
            as 状态,
        ['紧急', '高', '中', '低'][1 + i % 4] as 优先级,
        ['保洁', '网络', '咨询'][1 + i % 3] as 服务项目,
        '类别' || i % 31 as 问题类别, ['购物中心', '医院', '图书馆'][1 + i % 3] as 站点,
        'mall_' || 1 + i % 2 as 受理班组, 'mall_1_a' || i % 40 as 处理人,
        ['电话', '微信', '网站'][1 + i % 3] as 受理渠道, 'C' || i % 50000 as 客户编号,
        ['A', 'B', 'C'][1 + i % 3] as 客户等级, strftime(t, '%Y-%m-%d %H:%M:%S') as 创建时间,
        strftime(t + interval 9 minute, '%Y-%m-%d %H:%M:%S') as 首次响应时间,
        strftime(t + interval 5 hour, '%Y-%m-%d %H:%M:%S') as 解决时间,
        strftime(t + interval 2 day, '%Y-%m-%d %H:%M:%S') as 关闭时间,
        strftime(t + interval 8 hour, '%Y-%m-%d %H:%M:%S') as 承诺完成时间,
        ['是', '否'][1 + i % 2] as 是否达标,
        strftime(t + interval 2 day, '%Y-%m-%d %H:%M:%S') as 更新时间
    from (select i, timestamp '2025-01-01' + to_seconds(i * 29 % 40000000) as t
        from range({first}, {first} + {rows}) as r(i))
"""


def _write_csv(path: Path, first: int, rows: int, encoding: str) -> None:
    duckdb.execute(f"copy ({_ROWS.format(first=first, rows=rows)}) to '{path}' (header)").fetchall()
    if encoding != "utf-8":
        path.write_bytes(path.read_text("utf-8").encode(encoding))


def _bare_seconds(path: Path, target: Path) -> float:
    """DuckDB's read_csv to Parquet: no types, no rules, no ledger."""
    start = time.perf_counter()
    duckdb.execute(
        f"copy (from read_csv('{path}', all_varchar = true, header = true, delim = ',')) "
        f"to '{target}' (format parquet, compression zstd)"
    ).fetchall()
    return time.perf_counter() - start


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _ingest_seconds(settings: Settings, contract: SourceContract) -> tuple[float, int]:
    start = time.perf_counter()
    extracts = ingest_source(settings, contract, "benchmark")
    refused = [extract.message for extract in extracts if extract.outcome == "refused"]
    if refused:
        raise SystemExit(f"refused: {refused[0]}")
    return time.perf_counter() - start, sum(extract.rows_read for extract in extracts)


def main() -> None:
    """Measure one large file, then many small ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--encoding", default="utf-8")
    arguments = parser.parse_args()
    contracts = load_contracts(PROJECT_DIR / "data_contracts")
    contract = contracts.sources["demo_itsm", "ticket"]
    contract = replace(contract, encodings=(arguments.encoding,), extracted_at=None)
    home = Path(tempfile.mkdtemp(prefix="kpi-benchmark-"))
    settings = Settings(home=home)
    landing = settings.landing_dir / "demo_itsm"
    landing.mkdir(parents=True)
    try:
        _measure_large(settings, contract, landing, arguments.rows, arguments.encoding)
        _measure_small(settings, contract, landing, arguments.files, arguments.encoding)
    finally:
        shutil.rmtree(home)


def _measure_large(
    settings: Settings, contract: SourceContract, landing: Path, rows: int, encoding: str
) -> None:
    file, plain = landing / "tickets_large.csv", settings.home / "plain.csv"
    _write_csv(file, 0, rows, encoding)
    _write_csv(plain, 0, rows, "utf-8")
    start_cpu = _cpu_seconds()
    ours, read = _ingest_seconds(settings, contract)
    ours_cpu, start_cpu = _cpu_seconds() - start_cpu, _cpu_seconds()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bare = _bare_seconds(plain, settings.home / "bare.parquet")
    bare_cpu = _cpu_seconds() - start_cpu
    _say(f"{rows:,} rows, {file.stat().st_size / 1e6:.0f} MB of {encoding}, all rules")
    _say(f"  ingest      {ours:6.2f} s  {ours_cpu:6.2f} CPU s  {read / ours:10,.0f} rows/s")
    _say(f"  bare DuckDB {bare:6.2f} s  {bare_cpu:6.2f} CPU s  {rows / bare:10,.0f} rows/s")
    _say(f"  ratio {ours / bare:.2f} ({ours_cpu / bare_cpu:.2f} in CPU), peak {peak:.0f} MB")
    file.unlink()


def _measure_small(
    settings: Settings, contract: SourceContract, landing: Path, files: int, encoding: str
) -> None:
    for number in range(files):
        _write_csv(landing / f"tickets_{number:04}.csv", number * 200, 200, encoding)
    start_cpu = _cpu_seconds()
    ours, _ = _ingest_seconds(settings, contract)
    cpu = _cpu_seconds() - start_cpu
    again, _ = _ingest_seconds(settings, contract)
    _say(f"{files} files of 200 rows")
    _say(f"  first time {1000 * ours / files:6.1f} ms a file, {1000 * cpu / files:.1f} ms CPU")
    _say(f"  known      {1000 * again / files:6.1f} ms a file")


def _say(text: str) -> None:
    print(text)


if __name__ == "__main__":
    main()
