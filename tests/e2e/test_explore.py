"""Explore in a real browser: a query runs, another is cancelled, a file of rows is taken."""

import time

from playwright.sync_api import Page, expect

from dashboards.i18n import Texts
from tests.e2e.browser import MARKS
from tests.e2e.conftest import Watch

pytestmark = MARKS
EN = Texts("en")
ENDLESS = (
    "select count(*) from range(10000000) a, range(10000000) b where a.range * b.range % 7 = 3"
)
COPY_MS = 90_000


def write(page: Page, sql: str) -> None:
    page.get_by_label(EN("sql.text")).fill(sql)
    page.get_by_role("button", name=EN("sql.run"), exact=True).click()


def test_a_query_runs_and_another_is_cancelled(watch: Watch) -> None:
    watched = watch(locale="en-GB")
    watched.open("sql?lang=en")
    page = watched.page
    expect(page.get_by_label(EN("sql.text"))).to_be_visible(timeout=COPY_MS)
    write(page, "select ticket_key, priority from marts.fct_tickets order by 1 limit 7")
    expect(page.get_by_text("7 rows,")).to_be_visible(timeout=20_000)
    write(page, ENDLESS)
    cancel = page.get_by_role("button", name=EN("sql.cancel"), exact=True)
    expect(cancel).to_be_visible(timeout=10_000)
    cancel.click()
    started = time.monotonic()
    expect(page.get_by_text(EN("sql.reason_cancelled"))).to_be_visible(timeout=8_000)
    assert time.monotonic() - started < 5, "a cancelled query is gone within a second or so"
    write(page, "copy (select 1) to 'x.csv'")
    expect(page.get_by_text(EN("sql.reason_kind"))).to_be_visible(timeout=20_000)
    assert watched.faults == []


def test_a_file_of_a_result_is_downloaded(watch: Watch) -> None:
    watched = watch(locale="en-GB")
    watched.open("sql?lang=en")
    page = watched.page
    expect(page.get_by_label(EN("sql.text"))).to_be_visible(timeout=COPY_MS)
    write(page, "select '=1+1' as text, range as n from range(6000)")
    expect(page.get_by_text("6,000 rows, 5,000 shown")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name=EN("export.open"), exact=True).click()
    with page.expect_download(timeout=30_000) as download:
        page.get_by_role("button", name=EN("export.csv"), exact=True).click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[:2] == ["text,n", "'=1+1,0"]
    assert lines[6_000] == "'=1+1,5999"
    assert any("select '=1+1'" in line for line in lines[6_001:])
    assert watched.faults == []
