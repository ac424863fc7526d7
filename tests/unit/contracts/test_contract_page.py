"""The page of contract keys names every key, and its examples are sound contracts."""

import re
from pathlib import Path

import pytest
import yaml

from pipelines.contracts import check_contracts
from pipelines.contracts.batch_rules import KINDS
from pipelines.contracts.protocol_rules import COMPLETIONS, SERVER_PROPERTIES, SSL_MODES
from pipelines.contracts.protocols import PAGE_STYLES
from pipelines.contracts.source_rules import COLUMN_PROPERTIES, FORMATS
from pipelines.settings import PROJECT_DIR
from tests.unit.ingest.request_source import Document, column, write_contracts

PAGE = (PROJECT_DIR / "docs" / "contracts.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_every_key_is_on_the_page() -> None:
    words = {name for names in SERVER_PROPERTIES.values() for name in names}
    words |= {*KINDS, *(kind.metric for kind in KINDS.values() if kind.metric)}
    words |= {*COLUMN_PROPERTIES, *FORMATS, *COMPLETIONS, *SSL_MODES, *PAGE_STYLES}
    assert sorted(word for word in words if f"`{word}`" not in PAGE) == []


def test_the_rules_of_whole_extracts_are_sound(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml rules\n(.*?)```", PAGE, re.DOTALL)
    (schema,) = yaml.safe_load(example)["schema"]
    (priority,) = schema["properties"]

    def change(source: Document, _: Document) -> None:
        source["schema"][0]["quality"] = schema["quality"]
        column(source, "status")["quality"] = priority["quality"]

    assert [str(m) for m in check_contracts(write_contracts(tmp_path, change))] == []


@pytest.mark.parametrize("number", range(5))
def test_examples_are_sound(tmp_path: Path, number: int) -> None:
    assert len(EXAMPLES) == 5
    (node,) = yaml.safe_load(EXAMPLES[number])["servers"]
    if node["type"] == "local":
        node["path"] = node["path"].replace("callcenter/", "desk/")
    contracts = write_contracts(tmp_path, lambda source, _: source.update(servers=[node]))
    (contracts / "sources" / "desk" / "open_visits.sql").write_text("select * from visits", "utf-8")
    assert [str(mistake) for mistake in check_contracts(contracts)] == []
