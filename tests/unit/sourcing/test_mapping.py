"""Headers find their columns by name, by what they hold, and by what is left over."""

import polars as pl
import pytest

from pipelines.contracts import EntityContract
from pipelines.sourcing import sample_of_frame
from pipelines.sourcing.mapping import guess_mapping, name_weight
from pipelines.sourcing.profile import profiles
from pipelines.sourcing.words import meanings


def mapped(entity: EntityContract, columns: dict[str, list[str]]) -> dict[str, str]:
    frame = pl.DataFrame(columns)
    return guess_mapping(entity, profiles(sample_of_frame("x", frame, "csv")))


def test_chinese_and_english_headers(entities: dict[str, EntityContract]) -> None:
    found = mapped(
        entities["ticket"],
        {
            "工单号": ["1", "2"],
            "当前状态": ["处理中", "已关闭"],
            "Opened At": ["2026-03-01 08:00", "2026-03-02 08:00"],
            "处理部门": ["一组", "二组"],
            "客户创建": ["a", "b"],
        },
    )
    assert found == {
        "ticket_id": "工单号",
        "status": "当前状态",
        "team_id": "处理部门",
        "created_at": "Opened At",
    }


def test_the_category_becomes_the_service_where_a_finer_one_stands_beside_it(
    entities: dict[str, EntityContract],
) -> None:
    alone = mapped(entities["ticket"], {"category": ["a", "b"]})
    beside = mapped(entities["ticket"], {"category": ["a", "b"], "subcategory": ["c", "d"]})
    assert alone == {"category": "category"}
    assert beside == {"service_id": "category", "category": "subcategory"}


def test_what_a_column_holds_decides_among_names(entities: dict[str, EntityContract]) -> None:
    """`Created` by whom is no time, and a status has few words."""
    found = mapped(
        entities["ticket"],
        {
            "created": ["Ann", "Bob"] * 20,
            "open date": ["2026-03-01", "2026-03-02"] * 20,
            "state": [f"remark {n}" for n in range(40)],
        },
    )
    assert found == {"created_at": "open date"}


def test_the_only_end_is_the_solution(entities: dict[str, EntityContract]) -> None:
    days = ["2026-03-01", "2026-03-02"]
    assert mapped(entities["ticket"], {"closed_dt": days}) == {"resolved_at": "closed_dt"}
    both = mapped(entities["ticket"], {"closed_dt": days, "resolved_at": days})
    assert both == {"resolved_at": "resolved_at", "closed_at": "closed_dt"}


def test_weights_of_names(entities: dict[str, EntityContract]) -> None:
    """The name 100, the label 98, the first synonym 95, a part 40, another word 0."""
    created = next(c for c in entities["ticket"].columns if c.name == "created_at")
    headers = ("created_at", "创建时间", "Opened At", "客户创建时间", "sort")
    assert [name_weight(created, h) for h in headers] == [100, 98, 95, 40, 0]


@pytest.mark.parametrize(
    ("column", "words", "values"),
    [
        ("priority", ["1 - Critical", "3 - Moderate", "低"], ["p1", "p3", "p4"]),
        ("status", ["In Progress", "已办结", "-100"], ["open", "solved", "decide"]),
        ("channel", ["微信", "Employee Generated"], ["wechat", "other"]),
        ("is_source_sla_met", ["ONTIME", "OVERDUE"], ["true", "false"]),
        ("is_source_sla_met", ["true", "false"], []),
        ("is_justified", ["是", "否"], ["true", "false"]),
        ("status", ["open", "closed"], []),
    ],
)
def test_words_and_their_values(
    entities: dict[str, EntityContract], column: str, words: list[str], values: list[str]
) -> None:
    node = next(c for c in entities["ticket"].columns if c.name == column)
    sample = sample_of_frame("x", pl.DataFrame({"h": sorted(words * 3)}), "csv")
    found = {m.word: m.value for m in meanings(node, profiles(sample)["h"])}
    assert [found[word] for word in words] == values if values else found == {}


def test_a_number_in_front_of_a_word_is_no_doubt(entities: dict[str, EntityContract]) -> None:
    node = next(c for c in entities["ticket"].columns if c.name == "priority")
    sample = sample_of_frame("x", pl.DataFrame({"h": ["1 - Critical", "very low"]}), "csv")
    found = meanings(node, profiles(sample)["h"])
    assert {m.word: m.is_sure for m in found} == {"1 - Critical": True, "very low": False}


def test_every_value_synonym_has_one_meaning(entities: dict[str, EntityContract]) -> None:
    for entity in entities.values():
        for column in entity.columns:
            words = [w for known in column.value_synonyms.values() for w in known]
            assert len(words) == len(set(words)), (entity.name, column.name)


def test_no_synonym_stands_twice(entities: dict[str, EntityContract]) -> None:
    """Within a column; two columns may share one, and then content or the others decide."""
    for entity in entities.values():
        for column in entity.columns:
            assert len(column.synonyms) == len(set(column.synonyms)), (entity.name, column.name)
