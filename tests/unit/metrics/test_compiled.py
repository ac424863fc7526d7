"""Compiled queries on disk: read by the next process, and harmless where they are damaged."""

from pathlib import Path

import pytest

from pipelines.metrics.compiled import CompiledQueries, CompiledQuery, Request, open_compiled

ASKED = Request(("some_ratio",), ("team",), "week", ("site", "team"), has_days=True)
OTHER = Request(("some_count",))
QUERY = CompiledQuery("select '服务' as x\n-- two lines", {"ticket__team": "team"})


@pytest.fixture
def compiler(tmp_path: Path) -> Path:
    path = tmp_path / "compiler.py"
    path.write_text("version = 1", encoding="utf-8")
    return path


def opened(compiler: Path, definitions: str = "{}") -> CompiledQueries:
    return open_compiled(compiler.parent / "compiled", definitions, compiler)


def test_the_next_process_finds_what_was_compiled(compiler: Path) -> None:
    opened(compiler).keep(ASKED, QUERY)
    found = opened(compiler)
    assert found.get(ASKED) == QUERY
    assert found.get(OTHER) is None


def test_to_open_writes_nothing(compiler: Path) -> None:
    assert opened(compiler).get(ASKED) is None
    assert list(compiler.parent.iterdir()) == [compiler]


def test_other_definitions_and_another_compiler_find_nothing(compiler: Path) -> None:
    opened(compiler).keep(ASKED, QUERY)
    assert opened(compiler, '{"metrics": []}').get(ASKED) is None
    compiler.write_text("version = 2", encoding="utf-8")
    assert opened(compiler).get(ASKED) is None


def test_a_cut_line_costs_only_itself(compiler: Path, caplog: pytest.LogCaptureFixture) -> None:
    opened(compiler).keep(ASKED, QUERY)
    (file,) = (compiler.parent / "compiled").iterdir()
    with file.open("a", encoding="utf-8") as stream:
        stream.write('[["calls\n')
    again = opened(compiler)
    again.keep(OTHER, QUERY)
    assert "was cut" in caplog.text
    assert (opened(compiler).get(ASKED), opened(compiler).get(OTHER)) == (QUERY, QUERY)


def test_a_full_disk_does_not_keep_an_answer_back(
    compiler: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    queries = opened(compiler)
    monkeypatch.setattr("pipelines.metrics.compiled.append_line", full)
    queries.keep(ASKED, QUERY)
    assert queries.get(ASKED) == QUERY
    assert "cannot be written" in caplog.text


def test_queries_of_much_older_definitions_are_removed(compiler: Path) -> None:
    for number in range(4):
        opened(compiler, str(number)).keep(ASKED, QUERY)
    assert len(list((compiler.parent / "compiled").iterdir())) == 2
    assert opened(compiler, "3").get(ASKED) == QUERY
