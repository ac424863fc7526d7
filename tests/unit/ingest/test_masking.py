"""What of a comment stays readable, and what does not."""

import json
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest.masking import masked, masked_json


def mask(text: str | None, query: Callable[[str], str] = masked) -> str | None:
    with duckdb.connect() as connection:
        row = connection.execute(
            f"select {query('text')} from (select ?::varchar as text)", [text]
        ).fetchall()[0]
    found: str | None = row[0]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13812345678,13912345678，13712345678谢谢", "电话[phone],[phone]，[phone]谢谢"),
        ("tel13812345678", "tel[phone]"),
        ("138-1234-5678 / 8613812345678", "[phone] / [phone]"),
        ("座机010-88889999或(021) 6666 7777", "座机[phone]或[phone]"),
        ("+44 20 7946 0958 or (415) 555-0132!", "[phone] or [phone]!"),
        ("１３８１２３４５６７８ 全角", "[phone] 全角"),
        ("拨 400-800-1234", "拨 [phone]"),
        ("a.b@c.com.cn 来信", "[email] 来信"),
        # 11010519491231002X is the specimen of GB 11643-1999
        ("身份证11010519491231002X没错", "身份证[id]没错"),
        ("110105 19491231 002X", "[id]"),
        # the check digit is wrong: a number of something else
        ("No 110105194912310020", "No 110105194912310020"),
        ("订单20261101234567890123", "订单20261101234567890123"),
        ("2026-03-01 10:20:30 等了 45 分钟", "2026-03-01 10:20:30 等了 45 分钟"),
        ("收了1200元, 10000.00", "收了1200元, 10000.00"),
        (r"a\1 $ '", r"a\1 $ '"),
        ("", ""),
        (None, None),
    ],
)
def test_personal_numbers_and_addresses_are_masked(text: str | None, expected: str | None) -> None:
    assert mask(text) == expected


PERSONAL = ("13812345678", "a.b@c.com.cn", "11010519491231002X")
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([*PERSONAL, 13812345678, *(f"x\n{p}" for p in PERSONAL), "\\", '"'])
)
OBJECTS = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        _LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=8,
    ),
    max_size=5,
)


@given(value=OBJECTS)
@settings(deadline=None)
def test_masked_json_is_json_and_holds_nothing_personal(value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    found = mask(text, masked_json)
    assert found is not None
    json.loads(found)
    assert not any(personal in found for personal in PERSONAL)
    if sum(map(str.isdigit, text)) < 7 and not set(text) & set("@＠"):
        assert found == text


def test_masked_json_keeps_the_shape_of_objects() -> None:
    value = {"a": {"n": 13812345678, "t": "tab\t13812345678"}, "e": "\\a@b.cn", "q": '"a@b.cn"'}
    found = mask(json.dumps(value, separators=(",", ":")), masked_json)
    expected = {"a": {"n": "[phone]", "t": "tab\t[phone]"}, "e": "\\[email]", "q": '"[email]"'}
    assert json.loads(found or "") == expected
