"""Pages and roles speak of the same pages; what a ledger names has a text."""

import re

from dashboards.i18n import catalogue
from dashboards.navigation import PAGES
from pipelines.metrics.access import roles
from pipelines.settings import PROJECT_DIR


def test_roles_name_pages_that_exist_and_every_page_is_somebodys() -> None:
    named = {page for role in roles().values() for page in role.pages}
    assert named == {page.path for page in PAGES}


def test_every_page_has_its_file_and_its_name() -> None:
    for page in PAGES:
        assert (PROJECT_DIR / "dashboards" / "views" / f"{page.path}.py").is_file()
        assert page.title_key in catalogue("zh")


def test_every_duration_of_a_ticket_has_a_name() -> None:
    """The names of durations are a list in a dbt macro; the record page shows each."""
    macros = (PROJECT_DIR / "dbt_project" / "macros").glob("*.sql")
    found = [
        text
        for path in macros
        for text in re.findall(
            r"macro ticket_durations\(\).*?endmacro", path.read_text(encoding="utf-8"), re.S
        )
    ]
    assert len(found) == 1
    durations = re.findall(r"'(\w+)'", found[0])
    assert len(durations) > 4
    assert {f"duration.{name}" for name in durations} <= catalogue("zh").keys()
