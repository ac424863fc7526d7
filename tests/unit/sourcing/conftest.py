"""The project's own entities, and drafts made of texts."""

from pathlib import Path

import pytest

from pipelines.contracts import EntityContract, load_contracts
from pipelines.settings import PROJECT_DIR
from pipelines.sourcing import Draft, Zone, make_draft, read_sample

Entities = dict[str, EntityContract]


@pytest.fixture(scope="session")
def entities() -> Entities:
    return dict(load_contracts(PROJECT_DIR / "data_contracts").entities)


class Drafter:
    """Makes drafts of the text of a CSV file."""

    def __init__(self, folder: Path, entities: Entities) -> None:
        self.folder = folder
        self.entities = entities

    def __call__(self, entity: str, text: str | bytes, name: str = "extract.csv") -> Draft:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        sample = read_sample(str(path), self.folder, frozenset())
        return make_draft("desk", self.entities[entity], sample, Zone("Asia/Shanghai", False))

    def yaml(self, entity: str, text: str | bytes, name: str = "extract.csv") -> str:
        return self(entity, text, name).files[f"{entity}.odcs.yaml"]


@pytest.fixture
def drafter(tmp_path: Path, entities: Entities) -> Drafter:
    return Drafter(tmp_path, entities)
