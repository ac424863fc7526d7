"""The page of contract keys names every key, and its examples are sound contracts."""

import re
from pathlib import Path

import pytest
import yaml

from pipelines.contracts import check_contracts
from pipelines.contracts.protocol_rules import COMPLETIONS, SERVER_PROPERTIES, SSL_MODES
from pipelines.contracts.protocols import PAGE_STYLES
from pipelines.contracts.source_rules import COLUMN_PROPERTIES, FORMATS
from pipelines.settings import PROJECT_DIR
from tests.unit.ingest.request_source import write_contracts

PAGE = (PROJECT_DIR / "docs" / "contracts.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_every_key_is_on_the_page() -> None:
    words = {name for names in SERVER_PROPERTIES.values() for name in names}
    words |= {*COLUMN_PROPERTIES, *FORMATS, *COMPLETIONS, *SSL_MODES, *PAGE_STYLES}
    assert sorted(word for word in words if f"`{word}`" not in PAGE) == []


@pytest.mark.parametrize("number", range(5))
def test_examples_are_sound(tmp_path: Path, number: int) -> None:
    assert len(EXAMPLES) == 5
    (node,) = yaml.safe_load(EXAMPLES[number])["servers"]
    if node["type"] == "local":
        node["path"] = node["path"].replace("callcenter/", "desk/")
    contracts = write_contracts(tmp_path, lambda source, _: source.update(servers=[node]))
    (contracts / "sources" / "desk" / "open_visits.sql").write_text("select * from visits", "utf-8")
    assert [str(mistake) for mistake in check_contracts(contracts)] == []
