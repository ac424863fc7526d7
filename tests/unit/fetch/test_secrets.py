"""Secrets come from the environment and leave no trace in texts."""

import pytest

from pipelines.errors import FetchError
from pipelines.fetch.secrets import Secrets
from pipelines.settings import Settings


def test_a_secret_goes_in_and_comes_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TOKEN", "se/cret + 值")
    secrets = Secrets(Settings())
    assert secrets.put_into("Bearer ${DESK_TOKEN}") == "Bearer se/cret + 值"
    quoted = "https://host/?key=se%2Fcret%20%2B%20%E5%80%BC"
    plus = "https://host/?key=se%2Fcret+%2B+%E5%80%BC"
    for text in ("se/cret + 值", quoted, plus):
        assert "cret" not in secrets.take_out_of(text)


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(FetchError, match=r"\$\{KPI_NO_SUCH\}"):
        Secrets(Settings()).put_into("${KPI_NO_SUCH}")
