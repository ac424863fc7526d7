# ruff: noqa: DTZ001 - raw has times in UTC without zone
"""Local time becomes UTC exactly, or the row says why it cannot: against zoneinfo."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.unit.ingest.request_source import Desk, Document, column, set_custom, table, with_values


def in_zone(desk: Desk, zone: str | None, *formats: str, **custom: object) -> Desk:
    def change(source: Document, _: Document) -> None:
        for name in ("created_at", "closed_at"):
            node = column(source, name)
            set_custom(node, "timezone", zone)
            set_custom(node, "formats", list(formats) or ["yyyy-MM-dd HH:mm:ss"])
            for key, value in custom.items():
                set_custom(node, key, value)

    desk.changed(change)
    return desk


# Around both switches of a year: New York, Lord Howe (half an hour), Shanghai of 1986 to 1991,
# Casablanca (an hour back for Ramadan), Kathmandu's quarter of an hour in 1986.
SWITCHES = [
    ("America/New_York", datetime(2026, 3, 8, 0)),
    ("America/New_York", datetime(2026, 11, 1, 0)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5, 0)),
    ("Australia/Lord_Howe", datetime(2026, 10, 4, 0)),
    ("Asia/Shanghai", datetime(1986, 5, 4, 0)),
    ("Asia/Shanghai", datetime(1991, 9, 15, 0)),
    ("Asia/Shanghai", datetime(2026, 3, 8, 0)),
    ("Africa/Casablanca", datetime(2026, 2, 15, 0)),
    ("Asia/Kathmandu", datetime(1986, 1, 1, 0)),
    ("UTC", datetime(2026, 3, 8, 0)),
]


def by_zoneinfo(local: datetime, zone: str) -> datetime | str:
    """UTC without zone, or the reason why there is none."""
    info = ZoneInfo(zone)
    early, late = (local.replace(tzinfo=info, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early == late:
        return early.replace(tzinfo=None)
    is_gap = early.astimezone(info).replace(tzinfo=None) != local
    return "created_at:dst_gap" if is_gap else "created_at:dst_ambiguous"


@pytest.mark.parametrize(("zone", "start"), SWITCHES)
def test_every_five_minutes_of_a_switch(desk: Desk, zone: str, start: datetime) -> None:
    moments = [start + timedelta(minutes=5 * n) for n in range(60)]
    lines = [
        with_values(request_id=f"R{n}", created_at=str(moment), closed_at="")
        for n, moment in enumerate(moments)
    ]
    extract = in_zone(desk, zone).ingest(table(*lines))
    found: dict[str, datetime | str] = {}
    for row in desk.rows(extract):
        found[row["request_id"]] = row["created_at"]
    for row in desk.rows(extract, "quarantined"):
        (found[f"R{row['_record'] - 1}"],) = row["reasons"]
    expected = {f"R{n}": by_zoneinfo(moment, zone) for n, moment in enumerate(moments)}
    assert found == expected


def test_earliest_of_a_doubled_time(desk: Desk) -> None:
    text = table(with_values(created_at="2026-11-01 01:30:00", closed_at=""))
    extract = in_zone(desk, "America/New_York", ambiguous="earliest").ingest(text)
    assert desk.rows(extract)[0]["created_at"] == datetime(2026, 11, 1, 5, 30)
    skipped = table(with_values(created_at="2026-03-08 02:30:00", closed_at=""))
    assert desk.reasons(skipped) == {"created_at:dst_gap": 1}


@pytest.mark.parametrize(
    ("form", "text", "utc"),
    [
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2026-03-01T08:00:00+08:00", datetime(2026, 3, 1)),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2026-03-01T08:00:00Z", datetime(2026, 3, 1, 8)),
        ("yyyy-MM-dd'T'HH:mm:ssXX", "2026-03-01T08:00:00-0530", datetime(2026, 3, 1, 13, 30)),
        (
            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "2026-03-01T08:00:00.250+08:00",
            datetime(2026, 3, 1, 0, 0, 0, 250_000),
        ),
    ],
)
def test_offset_in_the_text_is_kept(desk: Desk, form: str, text: str, utc: datetime) -> None:
    extract = in_zone(desk, None, form).ingest(table(with_values(created_at=text, closed_at="")))
    assert desk.rows(extract)[0]["created_at"] == utc


@pytest.mark.parametrize(
    ("form", "text", "local"),
    [
        ("dd/MM/yyyy hh:mm a", "01/03/2026 03:05 PM", datetime(2026, 3, 1, 15, 5)),
        ("yyyy/M/d a h:mm", "2026/3/1 下午 3:05", datetime(2026, 3, 1, 15, 5)),
        ("yyyy/M/d a h:mm", "2026/3/1 上午 12:05", datetime(2026, 3, 1, 0, 5)),
        ("yyyy年M月d日 H时m分", "2026年3月1日 8时5分", datetime(2026, 3, 1, 8, 5)),
        ("d MMM yy HH:mm", "1 Mar 26 08:05", datetime(2026, 3, 1, 8, 5)),
        ("yyyyMMddHHmmss", "20260301080500", datetime(2026, 3, 1, 8, 5)),
        ("yyyy-MM-dd HH:mm:ss.SSSSSS", "2026-03-01 08:05:00.000001", None),
    ],
)
def test_formats(desk: Desk, form: str, text: str, local: datetime | None) -> None:
    row = table(with_values(created_at=text, closed_at=""))
    found = desk.rows(in_zone(desk, "UTC", form).ingest(row))[0]["created_at"]
    assert found == (local or datetime(2026, 3, 1, 8, 5, 0, 1))


def test_excel_serial_numbers(desk: Desk) -> None:
    in_zone(desk, "UTC", "yyyy-MM-dd HH:mm:ss", excelSerial=True)
    row = table(with_values(created_at="46024.375", closed_at=""))
    assert desk.rows(desk.ingest(row))[0]["created_at"] == datetime(2026, 1, 2, 9)
