"""A published snapshot of a handful of rows, with persons in all the places they can be."""

import json
from datetime import UTC, datetime

import duckdb

from pipelines.settings import Settings
from pipelines.warehouse.snapshots import Snapshot

TABLES = """
create schema marts; create schema reference; create schema audit; create schema staging;
create table marts.dim_agents as select * from (values
    ('t:ann', 't', 'ann', 'Ann Lee', '安'), ('t:bob', 't', 'bob', 'Bob', 'Bob'),
    ('unknown', 'unknown', 'unknown', 'Unknown', '未知'))
    as agents (agent_key, tenant, agent_id, label, label_zh);
create table marts.dim_customers as select 't:5f3a' as customer_key, '5f3a' as customer_id,
    'A' as customer_tier, '5f3a' as label, '5f3a' as label_zh;
create table marts.dim_members as select * from (values
    ('agent', 't:ann', 'Ann Lee', '安'), ('agent', 'unknown', 'Unknown', '未知'),
    ('team', 't:desk', 'Desk', '服务台')) as members (dimension, member_key, label, label_zh);
create table marts.fct_tickets as select * from (values
    ('t:1', 't:ann', 't:5f3a', 60), ('t:2', 't:bob', 't:5f3a', 90), ('t:3', 'unknown', null, null))
    as tickets (ticket_key, agent_key, customer_key, seconds);
create table marts.fct_calls as select 't:c' as call_key, 't:9c1b' as caller_key;
create table marts.fct_survey_comments as select 'r' as response_key, 'a secret' as comment;
create table reference.member_labels as select 'agent' as dimension, 't:ann' as member_key,
    'Ann Lee' as label, '安' as label_zh;
create table reference.semantic_manifest as select '{}' as manifest;
create table audit.quarantine as select 'd' as source, 2 as row_count;
create table staging.stg_tickets as select 'ann' as agent_id;
create table audit.descriptions as select * from (values
    ('marts', 'fct_tickets', '', 'One row per ticket.', '每张工单一行。'),
    ('marts', 'fct_tickets', 'ticket_key', 'Ticket.', '工单。'))
    as told (schema_name, table_name, column_name, description, description_zh);
"""


def snapshot(settings: Settings, name: str = "20261001T000000-a") -> Snapshot:
    settings.snapshots_dir.mkdir(parents=True, exist_ok=True)
    path = settings.snapshots_dir / f"warehouse-{name}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
    at = datetime(2026, 10, 1, tzinfo=UTC)
    entry = {"id": name, "number": 1, "run_id": "r", "file": path.name}
    times = {"as_of": at.isoformat(), "published_at": at.isoformat()}
    path.with_suffix(".json").write_text(json.dumps(entry | times), encoding="utf-8")
    return Snapshot(name, 1, "r", at, at, path)
