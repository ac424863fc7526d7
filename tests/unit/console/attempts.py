"""Attempts to get out of the sandbox, by what they are after; all must fail.

Filled in: {canary} a file with a secret, {folder} its folder, {copy} the database's own file,
{port} a server on this machine that must never be asked.
"""

_READERS = (
    *("read_csv", "read_csv_auto", "sniff_csv", "read_json", "read_json_auto", "read_ndjson"),
    *("read_ndjson_auto", "read_ndjson_objects", "read_json_objects", "read_json_objects_auto"),
    *("read_text", "read_blob", "read_parquet", "parquet_scan", "parquet_metadata"),
    *("parquet_schema", "parquet_file_metadata", "parquet_kv_metadata", "read_xlsx", "st_read"),
    *("glob", "read_duckdb", "sqlite_scan", "arrow_scan_dumb", "iceberg_scan", "delta_scan"),
)
_PLACES = (
    *("{canary}", "file:{canary}", "file://{canary}", "{folder}/*.txt", "{folder}/../*/*.txt"),
    *("/proc/self/environ", "/proc/self/cmdline", "/proc/self/maps", "/dev/fd/0", "/dev/stdin"),
    *("/etc/passwd", "./canary.txt", "~/.bashrc", "{folder}/link.txt", "canary.txt"),
)
READ = (
    *(f"select * from {reader}('{{canary}}')" for reader in _READERS),
    *(f"select * from read_text('{place}')" for place in _PLACES),
    *(f"select * from '{place}'" for place in _PLACES),
    "select * from query('select * from read_text(''{canary}'')')",
    "from query_table('{canary}')",
    "prepare p as select * from read_text('{canary}')",
    "execute p",
    "create macro peek() as table select * from read_text('{canary}')",
    "create temp view peek as select * from read_text('{canary}')",
    "select * from json_execute_serialized_sql("
    "json_serialize_sql('select * from read_text(''{canary}'')'))",
    "from json_execute_serialized_sql("
    "json_serialize_sql('select content from read_blob(''{canary}'')'))",
    "select (select content from read_text('{canary}'))",
    "with t as (from read_text('{canary}')) select * from t",
    "select * from read_text(['{canary}', '{canary}'])",
    "select file_exists('{canary}')",
    "pivot (from read_text('{canary}')) on filename in ('a') using count(*)",
    "describe select * from read_csv('{canary}')",
    "summarize select * from read_text('{canary}')",
    "explain analyze select * from read_text('{canary}')",
    "values ((select content from read_text('{canary}')))",
)
PYTHON = (
    *(f"select * from {name}" for name in ("secret_frame", "secret_list", "secret_table", "sys")),
    *(f"from {name}" for name in ("os", "json", "connection", "self", "request", "relation")),
    "select getenv('KPI_CANARY')",
    "select * from arrow_scan(1, 2, 3)",
    "select * from arrow_scan_dumb(1, 2, 3)",
    "select * from pandas_scan(1)",
    "select * from python_map_function(1)",
    "select * from seq_scan('secret_frame')",
    "select * from query_table('secret_frame')",
)
_FORMS = ("csv", "json", "parquet", "blob")
WRITE = (
    *(f"copy (select 'x') to '{{folder}}/out.{form}' (format {form})" for form in _FORMS),
    "copy (select 'x' a, 1 b) to '{folder}/parts' (format csv, partition_by (b))",
    "copy marts.t to '{folder}/out.csv'",
    "copy marts.t from '{canary}'",
    "copy from database copy to memory",
    *(f"export database '{{folder}}/all' (format {form})" for form in _FORMS[:1] + _FORMS[2:3]),
    "import database '{folder}'",
    "create table marts.mine (i int)",
    "create table marts.mine as select 1",
    "create temp table mine as select 1",
    "create view marts.mine as select 1",
    "create schema mine",
    "create sequence marts.numbers",
    "create type mine as enum ('a')",
    "create macro mine() as 1",
    "create index mine on marts.t (i)",
    "insert into marts.t values (1, 'x')",
    "insert or replace into marts.t values (1, 'x')",
    "with new as (insert into marts.t values (1, 'x') returning *) select * from new",
    "with gone as (delete from marts.t returning *) select * from gone",
    "update marts.t set s = 'x'",
    "delete from marts.t",
    "truncate marts.t",
    "drop table marts.t",
    "alter table marts.t add column j int",
    "comment on table marts.t is 'x'",
    "merge into marts.t using (select 1 i) n on t.i = n.i when matched then delete",
    "begin transaction",
    "vacuum",
    "analyze",
    "checkpoint",
    "force checkpoint",
    "explain insert into marts.t values (1, 'x')",
    "explain analyze insert into marts.t values (1, 'x')",
    "explain create table marts.mine as select 1",
)
ATTACH = (
    *("attach '{folder}/other.duckdb'", "attach ':memory:' as mine", "attach '{copy}' as again"),
    *("attach '{copy}' as again (read_only)", "attach '{canary}' as secret (type sqlite)"),
    *("attach 'http://127.0.0.1:{port}/a.duckdb'", "attach 's3://bucket/a.duckdb'"),
    *("attach 'quack:127.0.0.1:{port}' as q", "attach 'ducklake:{folder}/lake' as lake"),
    *("attach 'postgres:host=127.0.0.1 port={port}' as pg", "attach 'md:' as md"),
    *("attach 'mysql:host=127.0.0.1 port={port}' as my", "attach or replace '{copy}' as copy"),
    *("attach if not exists '{copy}' as copy", "detach copy", "use memory", "use system"),
    "create database mine",
)
NETWORK = (
    *("select * from read_csv('http://127.0.0.1:{port}/a.csv')",),
    *("select * from read_text('http://127.0.0.1:{port}/a')",),
    *("select * from 'http://127.0.0.1:{port}/a.parquet'", "from 'https://127.0.0.1:{port}/a.csv'"),
    *("from 's3://127.0.0.1:{port}/a.parquet'", "from 'gcs://b/a.parquet'", "from 'hf://d/a.csv'"),
    *("from read_parquet('r2://b/a')", "from 'az://b/a.csv'", "call quack_serve()"),
    *("call start_ui()", "call start_ui_server()", "from http_get('http://127.0.0.1:{port}/')"),
    *("install httpfs from 'http://127.0.0.1:{port}'",),
    *("copy marts.t to 'http://127.0.0.1:{port}/a.csv'",),
    "create secret leak (type http, bearer_token 'x')",
    "create persistent secret leak (type s3, key_id 'x', secret 'y')",
)
_EXTENSIONS = ("httpfs", "sqlite", "postgres", "excel", "spatial", "inet")
EXTENSIONS = (
    *(f"install {name}" for name in _EXTENSIONS),
    *(f"load {name}" for name in _EXTENSIONS),
    *("force install httpfs", "update extensions", "load '{folder}/mine.duckdb_extension'"),
    *("install '{folder}/mine.duckdb_extension'", "install h3 from community", "load icu"),
)
_SETTINGS = (
    *("enable_external_access=true", "lock_configuration=false", "disabled_filesystems=''"),
    *("memory_limit='100GB'", "threads=8", "max_execution_time=0", "temp_directory='{folder}'"),
    *("allowed_directories=['/']", "allowed_paths=['{canary}']", "home_directory='{folder}'"),
    *("autoload_known_extensions=true", "autoinstall_known_extensions=true"),
    *("allow_community_extensions=true", "allow_unsigned_extensions=true"),
    *("custom_extension_repository='http://127.0.0.1:{port}'", "extension_directory='{folder}'"),
    *("python_enable_replacements=true", "python_scan_all_frames=true"),
    *("allow_persistent_secrets=true", "secret_directory='{folder}'", "access_mode='read_write'"),
    *("log_query_path='{folder}/log'", "profiling_output='{folder}/p'", "enable_profiling='json'"),
    *("enable_logging=true", "http_proxy='127.0.0.1:{port}'", "search_path='marts'", "schema='x'"),
    *("enable_progress_bar=true", "immediate_transaction_mode=true", "TimeZone='Asia/Shanghai'"),
)
CONFIGURATION = (
    *(f"set {setting}" for setting in _SETTINGS),
    *(f"set global {setting}" for setting in _SETTINGS),
    *(f"reset {setting.split('=')[0]}" for setting in _SETTINGS),
    *(f"pragma {setting}" for setting in _SETTINGS),
    *("pragma enable_profiling", "pragma database_list", "pragma version", "call pragma_version()"),
    *("call enable_logging()", "call set_schema('marts')", "set variable a = 1"),
)
_OWN = ("{copy}", "{copy}.wal", "{copy}.wal.checkpoint", "{copy}.wal.recovery", "{copy}.tmp/a")
_COPIED = (
    "copy (select 'x' b) to '{place}' (format csv)",
    "copy (select 'x' b) to '{place}' (format csv, use_tmp_file false)",
    "copy (select 1 b) to '{place}' (format parquet)",
    "copy (select from_hex('00') b) to '{place}' (format blob)",
    "explain analyze copy (select 'x') to '{place}'",
    "explain copy (select 'x') to '{place}'",
    "prepare p as copy (select 'x') to '{place}'",
    "export database '{place}'",
    "select * from read_blob('{place}')",
    "select * from '{place}'",
)
OWN_PATHS = tuple(text.replace("{place}", place) for text in _COPIED for place in _OWN)
SMUGGLED = (
    *("select 1; copy (select 1) to '{folder}/out.csv'", "select 1; select 2", "", ";", "-- x"),
    *("/* select 1 */ drop table marts.t", "select 1; -- x\nset threads=8"),
    *("explain select 1; vacuum", "explain (analyze) select 1", "EXPLAIN ANALYZE from marts.t"),
    *("explain (analyze, format json) select 1", "explain explain select 1"),
    *("explain explain analyze select 1", "explain /**/ analyze select 1"),
    *("execute immediate 'select 1'", "deallocate p", "call duckdb_settings()"),
    "pivot marts.t on s",
)

GROUPS = {
    "read": READ,
    "python": PYTHON,
    "write": WRITE,
    "attach": ATTACH,
    "network": NETWORK,
    "extensions": EXTENSIONS,
    "configuration": CONFIGURATION,
    "own paths": OWN_PATHS,
    "smuggled": SMUGGLED,
}
