"""Records are cut out of a page as they are written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.json_text import list_path, record_texts, value_at

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
RECORDS = st.lists(st.dictionaries(st.text(), SCALARS | st.lists(SCALARS)))


def test_numbers_keep_their_digits() -> None:
    items = '[\n {"id": 100, "a": 1.10},\n{"b": 12345678901234567890.120}]'
    texts = list(record_texts(f'{{"n": 1, "data": {{"items": {items}}}}}', "data.items"))
    assert texts == ['{"id": 100, "a": 1.10}', '{"b": 12345678901234567890.120}']


@given(records=RECORDS, indent=st.sampled_from([None, 0, 2]), is_ascii=st.booleans())
def test_any_page_gives_its_records_one_a_line(
    records: list[dict[str, object]], indent: int | None, is_ascii: bool
) -> None:
    page = {"items": "not here", "a": {"items": records, "b": [1]}, "z": [{}]}
    text = json.dumps(page, indent=indent, ensure_ascii=is_ascii)
    texts = list(record_texts(text, "a.items"))
    assert [json.loads(one) for one in texts] == records
    assert not any("\n" in one or "\r" in one for one in texts)


@pytest.mark.parametrize("page", ['{"a": {}}', '{"b": []}', "3", "null", '"a"', "[1]"])
def test_a_page_without_the_list_is_an_error(page: str) -> None:
    with pytest.raises(ValueError, match="no"):
        list(record_texts(page, "a"))


@pytest.mark.parametrize(
    ("page", "path", "message"),
    [
        ('{"a": [1], "a": [2, 3]}', "a", "stands twice"),
        ('{"a": {"b": [1]}, "a": {"b": [2]}}', "a.b", "stands twice"),
        ('{"a": [1]', "a", "ends too soon"),
        ('{"a": [1], "b"', "a", "ends too soon"),
        ('{"a": [1', "a", "Expecting"),
        ("[1, ]", "", "behind the comma"),
        ('{"a": [1], }', "a", "behind the comma"),
        ("[1, 2", "", "ends too soon"),
        ("[1 2]", "", "comma is missing"),
        ("[1] [2]", "", "behind its end"),
        ('{"a": [1]} x', "a", "behind its end"),
        ('{"a" [1]}', "a", "colon is missing"),
        ("", "", "ends too soon"),
    ],
)
def test_a_document_that_is_not_one_whole_value_is_an_error(
    page: str, path: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        list(record_texts(page, path))


def test_the_first_list_of_objects_is_found() -> None:
    assert list_path([{"a": 1}]) == ""
    assert list_path({"ids": [1], "data": {"items": [{"a": 1}]}}) == "data.items"
    assert list_path({"deep": {"rows": [{}]}, "rows": [{}]}) == "rows"
    assert list_path({"a": []}) is None


def test_values_are_found_by_path() -> None:
    page = {"meta": {"next": "x", "n": 0}}
    assert value_at(page, "meta.next") == "x"
    assert value_at(page, "meta.n") == 0
    assert value_at(page, "meta.next.deeper") is None
    assert value_at(page, "") is page


def test_a_pointer_finds_keys_with_dots_and_slashes() -> None:
    """RFC 6901: ~1 stands for a slash, ~0 for a tilde."""
    page = {"@odata.nextLink": "x", "a/b": {"c~1.d": [{"n": 1}]}}
    assert value_at(page, "/@odata.nextLink") == "x"
    assert value_at(page, "@odata.nextLink") is None
    assert list(record_texts(json.dumps(page), "/a~1b/c~01.d")) == ['{"n": 1}']
