"""Filters read from and written to the URL."""

from hypothesis import given
from hypothesis import strategies as st

from dashboards.filters import Filters, from_params


def test_nothing_in_the_url_means_the_defaults() -> None:
    assert from_params({}) == Filters()
    assert Filters().to_params() == {"lang": "zh"}


def test_ids_survive_the_round_trip() -> None:
    params = {
        "lang": "en",
        "p": "2026-09-01..2026-09-10",
        "cmp": "none",
        "grain": "week",
        "hrs": "calendar",
        "site": "demo:mall,demo:it",
        "pri": "p1",
        "m": "sla_met_ratio",
        "by": "team",
    }
    filters = from_params(params)
    assert filters.members == {"site": ("demo:mall", "demo:it"), "priority": ("p1",)}
    assert filters.to_params() == params


def test_a_link_to_another_page_leaves_the_pages_own_behind() -> None:
    filters = from_params({"lang": "en", "p": "last_month", "m": "nps", "id": "ticket:1"})
    assert filters.linked() == {"lang": "en", "p": "last_month"}
    assert filters.linked(id="call:2") == {"lang": "en", "p": "last_month", "id": "call:2"}


def test_clearing_one_dimension_keeps_the_others() -> None:
    filters = from_params({"site": "a", "team": "b"}).with_members("site", ())
    assert filters.to_params() == {"lang": "zh", "team": "b"}


@given(st.dictionaries(st.sampled_from(["lang", "p", "cmp", "grain", "site"]), st.text()))
def test_any_url_is_read_and_what_was_read_is_stable(params: dict[str, str]) -> None:
    filters = from_params(params)
    assert from_params(filters.to_params()).to_params() == filters.to_params()
