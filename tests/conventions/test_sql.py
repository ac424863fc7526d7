"""The SQL of the warehouse reads no clock, runs on any engine, says its grain, loses no row.

The forbidden idioms are those that fail or, worse, differ silently between engines; what may be
spelled differently sits in `dbt_project/macros`, behind dispatch.
"""

import re
from pathlib import Path

import pytest
import yaml

DBT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = sorted((DBT / "models").rglob("*.sql"))
TESTS = sorted((DBT / "tests").rglob("*.sql"))
MACROS = sorted((DBT / "macros").glob("*.sql"))
# the one macro file in which engines may differ
ENGINE = DBT / "macros" / "engine.sql"
PORTABLE = [path for path in (*MODELS, *TESTS, *MACROS) if path != ENGINE]

CLOCK = re.compile(
    r"\b(now|today|getdate|sysdate|localtimestamp|get_current_timestamp)\s*\(|\bcurrent_\w+", re.I
)
FORBIDDEN = {
    "qualify": r"\bqualify\b",
    "select * exclude or replace": r"\*\s*(exclude|replace)\b",
    "list functions": r"\b(list_|array_)\w+\s*\(|\blist\s*\(",
    "ordered string_agg": r"\b(string_agg|group_concat|listagg)\s*\(",
    "quantile_cont": r"\bquantile\w*\s*\(",
    "arg_max and arg_min": r"\barg_(max|min)\s*\(",
    "date_diff counts boundaries": r"\b(date_?diff|date_sub|date_part|age)\s*\(",
    "dbt's own date and cast macros": r"\bdbt\.\w+",
    "try_cast hides bad data": r"\bsafe_cast\b",
    "generate_series and unnest": r"\b(generate_series|unnest|range)\s*\((?![^)]*business_day)",
    "asof join": r"\basof\b",
    "time zones in SQL": r"\bat\s+time\s+zone\b|\btimezone\s*\(",
    "cast by ::": r"::",
    "union by name": r"\bby\s+name\b",
    "engine-specific epochs": r"(?<!\{\{ )\b(epoch|epoch_ms|make_timestamp)\s*\(",
    "weekday functions start the week differently": r"\b(dow|dayofweek|weekday|isodow)\b",
    "natural or using join": r"\bnatural\s+join\b|\busing\s*\(",
    "random order": r"\b(random|uuid|gen_random_uuid)\s*\(",
}


def code(path: Path) -> str:
    """The file without comments of SQL and Jinja."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r"--[^\n]*", "", text)


def name(path: Path) -> str:
    return str(path.relative_to(DBT))


@pytest.mark.parametrize("path", [*MODELS, *TESTS, *MACROS], ids=name)
def test_no_clock(path: Path) -> None:
    assert CLOCK.findall(code(path)) == []


@pytest.mark.parametrize("path", PORTABLE, ids=name)
def test_portable(path: Path) -> None:
    text = code(path)
    found = [label for label, idiom in FORBIDDEN.items() if re.search(idiom, text, re.I)]
    assert found == []


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_first_line_is_the_grain(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.fullmatch(r"-- One row per [^.]+\.", first), first


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_one_idea_a_file(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 130


@pytest.mark.parametrize("path", [*MODELS, *TESTS], ids=name)
def test_keywords_are_lower_case(path: Path) -> None:
    text = re.sub(r"'[^']*'", "''", code(path))
    assert re.findall(r"\b(SELECT|FROM|WHERE|JOIN|WITH|CASE|GROUP|ORDER|UNION|CAST)\b", text) == []


@pytest.mark.parametrize(
    "path", [p for p in MODELS if p.name.startswith(("fct_", "int_"))], ids=name
)
def test_facts_are_not_inner_joined(path: Path) -> None:
    """A row of a fact survives a member, a calendar or a date that is not there.

    The exceptions build rows from nothing: the day spine, candidates of policies, and changes
    that matter only for tickets that count.
    """
    allowed = {
        "fct_backlog_daily.sql": ["ref('dim_dates')", "period_ends"],
        "int_sla_policies__matched.sql": ["ref('sla_policies')"],
        "int_backlog__flowed.sql": ["tickets"],
    }
    joined = re.findall(
        r"(?<!outer )(?<!left )(?<!cross )\b(?:inner\s+)?join\s+(?:\{\{\s*)?([\w.]+(?:\('\w+'\))?)",
        code(path),
        re.I,
    )
    assert joined == allowed.get(path.name, [])


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_windows_that_pick_a_row_break_ties_and_place_nulls(path: Path) -> None:
    """`row_number() … order by x desc` puts nulls first on one engine and last on another."""
    text = code(path)
    for order in re.findall(r"order by(.*?)\)", text, re.S):
        for term in order.split(","):
            if re.search(r"\bdesc\b", term) and not re.search(r"nulls (first|last)", term):
                assert re.search(r"\b(extract|_record|end|specificity)\b", term), term


def test_every_model_and_its_columns_are_described() -> None:
    described: dict[str, set[str]] = {}
    for path in (DBT / "models").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            assert model["description"].strip(), model["name"]
            described[model["name"]] = {column["name"] for column in model.get("columns", [])}
            assert all(column["description"].strip() for column in model.get("columns", []))
    assert {path.stem for path in MODELS} == set(described)
    assert all(described[p.stem] for p in MODELS if p.parent.name == "marts")


def test_every_model_that_computes_has_a_unit_test() -> None:
    """Models that only join or rename are covered by the tests of whole builds."""
    plain = {
        "business_days",
        "open_positions",
        "stg_ticket_events",
        "stg_calls",
        "stg_agent_states",
        "whole_numbers",
        "stg_survey_responses",
        "fct_survey_comments",
        "fct_survey_comment_themes",
        "int_tickets__attributed",
        "int_members__seen",
        "mart_data_quality__exclusions",
        "fct_tickets",
    }
    tested = {
        test["model"]
        for path in (DBT / "models").rglob("*.yml")
        for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", [])
    }
    models = {path.stem for path in MODELS if not path.stem.startswith("dim_")}
    assert models - plain <= tested


def test_the_rules_catch_what_they_forbid() -> None:
    samples = {
        "clock": "select current_timestamp",
        "date_diff counts boundaries": "select datediff('hour', a, b)",
        "cast by ::": "select a::int",
        "time zones in SQL": "select a at time zone 'UTC'",
        "qualify": "select 1 qualify row_number() over () = 1",
        "ordered string_agg": "select string_agg(a, ',' order by a)",
    }
    assert CLOCK.search(samples.pop("clock"))
    for label, sql in samples.items():
        assert re.search(FORBIDDEN[label], sql, re.I), label
