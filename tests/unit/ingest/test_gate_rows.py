# ruff: noqa: DTZ001 - raw has times in UTC without zone
"""What the gate says about single values: types, maps, ranges, rules, keys, pseudonyms."""

import hashlib
import hmac
import json
import stat
from datetime import datetime

import polars as pl
import pytest

from pipelines.ingest import read_quarantine
from pipelines.ingest.pseudonym import current_key
from tests.unit.ingest.request_source import (
    HEADER,
    ROW,
    Desk,
    Document,
    column,
    set_custom,
    set_reader,
    table,
    with_values,
)

FLAWS: dict[str, tuple[dict[str, str], list[str]]] = {
    "good": ({}, []),
    "no key": ({"request_id": ""}, ["request_id:required"]),
    "key of spaces": ({"request_id": " \u3000\u00a0"}, ["request_id:required"]),
    "unknown word": ({"status": "停"}, ["status:unknown_value"]),
    "canonical word where a map stands": ({"status": "open"}, ["status:unknown_value"]),
    "no number": ({"score": "七"}, ["score:type"]),
    "half a point": ({"score": "7.5"}, ["score:type"]),
    "exponent in an integer": ({"score": "1e1"}, ["score:type"]),
    "hexadecimal": ({"score": "0x7"}, ["score:type"]),
    "larger than any integer": ({"score": "9" * 25}, ["score:type"]),
    "below": ({"score": "-1"}, ["score:below_minimum"]),
    "above": ({"score": "11"}, ["score:above_maximum"]),
    "not a number": ({"ratio": "nan"}, ["ratio:type"]),
    "infinite": ({"ratio": "inf"}, ["ratio:type"]),
    "underscore": ({"ratio": "1_0"}, ["ratio:type"]),
    "other decimal sign": ({"ratio": '"0;5"'}, ["ratio:type"]),
    "no date": ({"created_at": "昨天"}, ["created_at:type"]),
    "thirteenth month": ({"created_at": "2026-13-01 08:00:00"}, ["created_at:type"]),
    "thirtieth of February": ({"created_at": "2026-02-30 08:00:00"}, ["created_at:type"]),
    "hour 24": ({"created_at": "2026-03-01 24:00:00"}, ["created_at:type"]),
    "undeclared format": ({"created_at": "2026/03/01 08:00"}, ["created_at:type"]),
    "two-digit year": ({"created_at": "26-03-01 08:00:00"}, ["created_at:type"]),
    "Excel serial": ({"created_at": "46082.333"}, ["created_at:type"]),
    "lower case": ({"code": "ab"}, ["code:pattern"]),
    "too long": ({"code": "ABCD"}, ["code:too_long"]),
    "closed too early": (
        {"closed_at": "2026-02-01 08:00:00"},
        ["rule:closing_not_before_creation"],
    ),
    "several": ({"status": "停", "score": "x"}, ["status:unknown_value", "score:type"]),
}


@pytest.mark.parametrize("name", FLAWS)
def test_reasons_of_a_row(desk: Desk, name: str) -> None:
    values, reasons = FLAWS[name]
    extract = desk.ingest(table(with_values(**values)))
    assert extract.rows_read == 1
    kept = desk.rows(extract, "quarantined")
    assert [row["reasons"] for row in kept] == ([reasons] if reasons else [])
    assert dict(extract.reasons) == dict.fromkeys(reasons, 1)


VALUES: dict[str, tuple[dict[str, str], str, object]] = {
    "leading zeros stay": ({"request_id": "00120260301000000001"}, "request_id", None),
    "outer space goes": ({"request_id": "  R 1\t"}, "request_id", "R 1"),
    "map": ({"status": "关"}, "status", "closed"),
    "local time": ({}, "created_at", datetime(2026, 3, 1, 0, 0)),
    "unpadded format": ({"created_at": "1/3/2026 8:05"}, "created_at", datetime(2026, 3, 1, 0, 5)),
    "empty time": ({"closed_at": ""}, "closed_at", None),
    "whole number": ({"score": "7.0"}, "score", 7),
    "signed number": ({"score": "+7"}, "score", 7),
    "null token": ({"score": "-"}, "score", None),
    "thousands": ({"ratio": '"1,234.5"'}, "ratio", 1234.5),
    "exponent": ({"ratio": "1e-3"}, "ratio", 0.001),
    "boolean by map": ({"is_met": "否"}, "is_met", False),
    "empty boolean": ({"is_met": ""}, "is_met", None),
}


@pytest.mark.parametrize("name", VALUES)
def test_value_of_a_column(desk: Desk, name: str) -> None:
    values, wanted, expected = VALUES[name]
    extract = desk.ingest(table(with_values(**values)))
    assert extract.rows_accepted == 1, extract.reasons
    if name == "leading zeros stay":
        expected = values["request_id"]
    assert desk.rows(extract)[0][wanted] == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("FALSE", False), ("1", True), ("0", False), ("Yes", True), ("no", False)],
)
def test_booleans_without_a_map(desk: Desk, text: str, value: bool) -> None:
    desk.changed(lambda source, _: set_custom(column(source, "is_met"), "valueMap", None))
    assert desk.rows(desk.ingest(table(with_values(is_met=text))))[0]["is_met"] is value
    assert desk.reasons(table(with_values(is_met="是"))) == {"is_met:type": 1}


def test_rest_of_a_value_map(desk: Desk) -> None:
    words = {"开": "open", "*": "closed", "未知": None}
    desk.changed(lambda source, _: set_custom(column(source, "status"), "valueMap", words))
    rows = desk.rows(desk.ingest(table(with_values(status="停"))))
    assert rows[0]["status"] == "closed"
    assert desk.reasons(table(with_values(status="未知"))) == {"status:required": 1}


def test_constant_needs_no_header(desk: Desk) -> None:
    def change(source: Document, _: Document) -> None:
        node = column(source, "status")
        node["customProperties"] = [{"property": "constant", "value": "closed"}]

    desk.changed(change)
    header = HEADER.replace(",状态", "")
    extract = desk.ingest(table(ROW.replace(",开", ""), header=header))
    assert desk.rows(extract)[0]["status"] == "closed"


def test_warning_is_counted_and_the_row_loaded(desk: Desk) -> None:
    extract = desk.ingest(table(with_values(score=""), with_values(request_id="R2")))
    assert (extract.rows_accepted, dict(extract.warnings)) == (2, {"rule:score_given": 1})


def test_first_of_a_repeated_key_stays(desk: Desk) -> None:
    bad = with_values(score="x")
    extract = desk.ingest(table(bad, ROW, "broken", ROW, with_values(request_id="R2"), ROW))
    assert dict(extract.reasons) == {
        "csv:missing_columns": 1,
        "request_id:duplicate": 2,
        "score:type": 1,
    }
    kept = desk.rows(extract)
    assert [(row["_record"], row["score"]) for row in kept] == [(2, 7), (5, 7)]
    assert [row["_record"] for row in desk.rows(extract, "quarantined")] == [1, 3, 4, 6]
    assert list(kept[0]) == list(desk.rows(desk.ingest(table(ROW)))[0])


def test_versions_of_a_key_are_no_duplicates(desk: Desk) -> None:
    def change(_: Document, entity: Document) -> None:
        node = column(entity, "closed_at")
        node["customProperties"] = [{"property": "role", "value": "version"}]

    desk.changed(change)
    assert desk.ingest(table(ROW, with_values(score="3"))).rows_accepted == 2


def test_pseudonym_is_the_hmac_of_the_trimmed_text(desk: Desk) -> None:
    rows = desk.rows(desk.ingest(table(with_values(phone=" 13800000000 "), "x" + ROW)))
    key = current_key(desk.settings).secret
    expected = hmac.new(key, b"13800000000", hashlib.sha256).hexdigest()[:32]
    assert [row["phone"] for row in rows] == [expected, expected]
    assert "note" not in rows[0]
    mode = (desk.settings.home / "secret.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_another_key_gives_other_pseudonyms(desk: Desk) -> None:
    first = desk.rows(desk.ingest(table(ROW)))[0]["phone"]
    (desk.settings.home / "secret.key").write_bytes(b"another" * 30)
    second = desk.rows(desk.ingest(table(ROW) + "\n"))[0]["phone"]
    assert first != second
    expected = hmac.new(b"another" * 30, b"13800000000", hashlib.sha256).hexdigest()[:32]
    assert second == expected


def test_order_of_columns_is_the_order_of_the_entity(desk: Desk) -> None:
    names = list(desk.rows(desk.ingest(table(ROW)))[0])
    entity = [c.name for c in desk.contract.entity.columns if c.name != "note"]
    added = ["extra", "_tenant", "_extracted_at", "_record"]
    assert [name for name in names if name not in ("source", "extract")] == entity + added


def test_rows_are_stored_in_the_order_of_the_file(desk: Desk) -> None:
    lines = [with_values(request_id=f"R{n}") if n % 7 else "short" for n in range(5000)]
    extract = desk.ingest(table(*lines))
    folder = desk.settings.raw_dir / "request/source=desk" / f"extract={extract.extract_id}"
    stored = pl.read_parquet(folder / "accepted.parquet")["_record"].to_list()
    assert stored == sorted(stored)


def test_quarantine_keeps_every_text_and_reason(desk: Desk) -> None:
    desk.ingest(table(ROW, with_values(status="停", score="x"), "a,b"))
    (rows,) = read_quarantine(desk.settings, desk.contracts, source="desk", is_veiled=False)
    assert rows["record"].to_list() == [2, 3]
    assert json.loads(rows["raw"][0])["状态"] == "停"
    assert rows["raw"][1] == "a,b"
    assert rows["reasons"].to_list()[0] == ["status:unknown_value", "score:type"]
    assert not list(read_quarantine(desk.settings, desk.contracts, source="other"))


def test_event_range_is_that_of_the_accepted_rows(desk: Desk) -> None:
    extract = desk.ingest(
        table(
            ROW,
            with_values(request_id="R2", created_at="2026-03-02 09:00:00"),
            with_values(request_id="R3", created_at="2020-01-01 00:00:00", score="x"),
        )
    )
    assert extract.first_event_at == datetime(2026, 3, 1, 0, 0)
    assert extract.last_event_at == datetime(2026, 3, 2, 1, 30)


def test_time_after_the_export_is_refused(desk: Desk) -> None:
    told = {
        "pattern": r"_(\d{8}T\d{6})\.",
        "format": "yyyyMMdd'T'HHmmss",
        "timezone": "Asia/Shanghai",
    }
    desk.changed(lambda source, _: set_reader(source, "extractedAt", told))
    text = table(
        with_values(closed_at="2026-03-02 10:00:00"),
        with_values(request_id="R2", closed_at="2026-03-02 10:00:01"),
    )
    extract = desk.ingest(text, "requests_20260301T100000.csv")
    assert extract.extracted_at == datetime(2026, 3, 1, 2, 0)
    assert dict(extract.reasons) == {"closed_at:future": 1}
    assert desk.rows(extract)[0]["_extracted_at"] == extract.extracted_at
    assert desk.ingest(text + "\n", "requests.csv").extracted_at is None


def test_masked_text_is_loaded_and_counted(desk: Desk) -> None:
    desk.changed(lambda _, entity: set_custom(column(entity, "note"), "pii", "mask"))
    texts = ("请回电 13800138000", "很好", "")
    rows = [with_values(request_id=f"R{n}", note=text) for n, text in enumerate(texts)]
    extract = desk.ingest(table(*rows))
    assert [row["note"] for row in desk.rows(extract)] == ["请回电 [phone]", "很好", None]
    assert dict(extract.warnings) == {"note:masked": 1}
