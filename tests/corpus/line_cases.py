"""Faults of JSON lines and of Parquet files."""

import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from tests.corpus.case import (
    NAMES,
    ROW,
    WHOLE,
    Case,
    Loaded,
    Outcome,
    Refused,
    bad,
    cells,
    good,
    one,
    table,
)

_INVALID = "json:invalid"
_LOCAL = (dt.datetime(2026, 3, 1, 8), dt.datetime(2026, 3, 2, 9, 30))  # noqa: DTZ001 - in the file


def _object(request_id: str = "R1", **values: Any) -> str:
    flat = cells(request_id, **values)
    return json.dumps({"人": {"电话": flat.pop("电话")}, **flat}, ensure_ascii=False)


def _lines(*objects: str) -> str:
    return "\n".join(objects) + "\n"


_THREE = [_object(f"R{n}") for n in (1, 2, 3)]


def _jsonl(name: str, fault: int, content: str | bytes, outcome: Outcome,
           contract: str = "lines") -> Case:  # fmt: skip
    return Case(f"lines_{name}", fault, content, outcome, contract, "{}.jsonl")


def _broken(name: str, text: str, fault: int = 25, code: str = _INVALID) -> Case:
    """R1, a line that is no object, R3."""
    return _jsonl(name, fault, _lines(_THREE[0], text, _THREE[2]),
                  Loaded({1: good("R1"), 3: good("R3")}, {2: [code]}, raw={2: text}))  # fmt: skip


LINES = [
    _jsonl("whole", 24, _lines(*_THREE), WHOLE),
    _jsonl("windows_line_ends", 15, _lines(*_THREE).replace("\n", "\r\n"), WHOLE),
    _jsonl("marked", 7, "\ufeff" + _lines(*_THREE), WHOLE),
    _jsonl("gb18030", 8, _lines(*_THREE).encode("gb18030"), WHOLE),
    _jsonl("blank", 16, "\n" + "\n\n".join(_THREE), WHOLE),
    _jsonl("escaped", 8, json.dumps(json.loads(_THREE[0])) + "\n", one()),
    _broken("cut", _THREE[1][:-5]),
    _broken("list", "[1, 2]"),
    _broken("number", "7"),
    _broken("text", '"R2"'),
    _broken("null", "null"),
    _broken("words", "-- end of file --"),
    _broken("comma_after", _THREE[1] + ","),
    _broken("two_objects", _THREE[1] + _THREE[1]),
    _broken("single_quotes", "{'编号': 'R2'}"),
    _jsonl("last_comma", 25, _THREE[0][:-1] + ",}", one()),
    _broken("comment", "// " + _THREE[1]),
    _broken("spaces", "   "),
    _broken("nan", _object("R2").replace('"7"', "NaN"), 26, "score:type"),
    _broken("infinite", _object("R2").replace('"0.5"', "-Infinity"), 26, "ratio:type"),
    _broken("bare_control_character", _object("R2").replace("随便", "a\tb")),
    _broken("lone_surrogate", _object("R2").replace("随便", "\\ud800")),
    _broken("lone_second_surrogate", _object("R2").replace("随便", "\\udc00x")),
    _broken("mark_between_two_files", "\ufeff" + _THREE[1]),
    _broken("sign_of_json_sequences", "\x1e" + _THREE[1]),
    _broken("deep", _object("R2").replace('"AB"', '{"a":' * 5_000 + "1" + "}" * 5_000), 25,
            "code:pattern"),
    _broken("key_twice", _object("R2")[:-1] + ', "评分": "3"}', 19, "json:duplicate_key"),
    _broken("key_twice_alike", _object("R2")[:-1] + ', "评分": "7"}', 19, "json:duplicate_key"),
    _jsonl("key_twice_and_no_object", 19, _lines(_object("R1")[:-1] + ', "编号": "X"}', "[", "7"),
           Loaded({}, {1: ["json:duplicate_key"], 2: [_INVALID], 3: [_INVALID]})),
    _broken("nested_key_twice", _object("R2").replace('{"电话"', '{"电话": "1", "电话"'), 19,
            "json:duplicate_key"),
    _jsonl("key_twice_where_no_mapped_path_leads", 19, _object("R1", 新={"a": {"b": 1}}).replace(
           '{"b": 1}', '{"b": 1, "b": 2}'), one(extra='{"新":{"a":{"b":1,"b":2}}}'),
           "lines_recorded"),
    _jsonl("surrogate_pair", 8, _object("R1", 备注="\\ud83d\\ude00").replace("\\\\u", "\\u"),
           one(note="😀")),
    _jsonl("escaped_nul", 12, _object("R1").replace("随便", "a\\u0000b"), one(note="a\0b")),
    _jsonl("escaped_nul_in_an_id", 12, _object("@").replace("@", "R\\u00001"),
           bad("request_id:invisible")),
    _jsonl("escaped_key_twice", 19, _object("R1")[:-1] + ', "\\u7f16\\u53f7": "R9"}',
           bad("json:duplicate_key")),
    _jsonl("escaped_line_end", 13, _object("R1", 备注="a\nb\tc"), one(note="a\nb\tc")),
    _jsonl("one_document", 37, json.dumps([{"编号": "R1"}]), Refused("not_a_table", "JSON")),
    _jsonl("page", 37, "<html>", Refused("not_a_table")),
    _jsonl("empty", 38, "", Refused("empty_file")),
    _jsonl("pretty", 25, '{\n"编号": "R1"\n}\n',
           Loaded({}, {n: [_INVALID] for n in (1, 2, 3)})),
    _jsonl("extra_key", 23, _object("R1", 新=1), Refused("extra_column", "新")),
    _jsonl("extra_key_recorded", 23, _object("R1", 新={"a": [1, None]}),
           one(extra='{"新":{"a":[1,null]}}'), "lines_recorded"),
    _jsonl("personal_data_in_an_extra_key", 47,
           _object("R1", 新={"a": 13900000000, "b": "x\ny@z.cn"}),
           Loaded({1: good("R1", extra='{"新":{"a":"[phone]","b":"x\\n[email]"}}')},
                  warnings={"extra:personal_data": 1}), "lines_recorded"),
    _jsonl("personal_data_in_an_extra_list", 47, _object("R1", 新=[13900000000]),
           Loaded({1: good("R1", extra='"{\\"新\\":[[phone]]}"')},
                  warnings={"extra:personal_data": 1}), "lines_recorded"),
    _jsonl("dropped_keys", 47,
           _lines(_object("R1", 联系人="王小明", 客={"住址": "某路", "级": "A"}),
                  _object("R2", 客={"住址": "某路"}), _object("R3", 评分="x", 客="某路")),
           Loaded({1: good("R1", extra='{"客":{"级":"A"}}'), 2: good("R2", extra='{"客":{}}')},
                  {3: ["score:type"]}, raw={3: '{"人":{"电话"'}), "lines_dropped"),
    _jsonl("missing_key_of_a_required_column", 22, '{"编号": "R1"}', Refused("missing_column")),
    _jsonl("key_left_out", 22, _object("R1", 代码=None).replace(', "代码": null', ""),
           one(code=None)),
    _jsonl("key_renamed_to_an_alias_of_a_path", 22, _object("R1").replace('"人"', '"人员"'),
           Refused("extra_column", "人员")),
    _jsonl("path_through_a_text", 26, _object("R1").replace('{"电话": "13800000000"}', '"李"'),
           one(phone=None)),
    _jsonl("numbers", 27, _object("R1", 评分=7, 比率=0.5), one()),
    _jsonl("number_of_twenty_digits_as_id", 27, _object(12345678901234567890),  # type: ignore[arg-type]
           one("12345678901234567890")),
    _jsonl("number_of_thirty_digits_as_id", 27, _object("@").replace('"@"', "1" * 30),
           one("1" * 30)),
    _jsonl("number_with_zeros_as_id", 27, _object("@").replace('"@"', "1.10"), one("1.1")),
    _jsonl("too_large_number", 26, _object("R1").replace('"0.5"', "1e400"), bad("ratio:type")),
    _jsonl("boolean_for_a_mapped_word", 26, _object("R1", 达标=True), bad("is_met:unknown_value")),
    _jsonl("object_for_a_number", 26, _object("R1", 评分={"a": 1}), bad("score:type")),
    _jsonl("list_for_a_text", 26, _object("R1", 代码=["AB"]), bad("code:pattern")),
]  # fmt: skip


def _document(name: str, fault: int, content: str, outcome: Outcome,
              contract: str = "document") -> Case:  # fmt: skip
    return Case(f"document_{name}", fault, content, outcome, contract, "{}.json")


def _page(*objects: str) -> str:
    return f'{{"数": {len(objects)}, "页": {{"条": [{", ".join(objects)}]}}}}'


def _pretty(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, indent=2)


DOCUMENTS = [
    _document("whole", 24, _page(*_THREE), WHOLE),
    _document("over_many_lines", 15, _pretty(_page(*_THREE)).replace("\n", "\r\n"), WHOLE),
    _document("marked", 7, "\ufeff" + _page(*_THREE) + "\n", WHOLE),
    _document("that_is_the_list", 24, f"[{', '.join(_THREE)}]", WHOLE, "list"),
    _document("without_records", 38, _page(), Loaded()),
    _document("with_a_number_in_its_list", 25, _page(_THREE[0], "7", _THREE[2]),
              Loaded({1: good("R1"), 3: good("R3")}, {2: [_INVALID]}, raw={2: "7"})),
    _document("with_a_key_twice_in_a_record", 19, _page(_object("R1")[:-1] + ', "评分": "3"}'),
              bad("json:duplicate_key")),
    _document("cut_in_a_record", 5, _page(*_THREE)[:-40],
              Refused("broken_document", "Unterminated")),
    _document("cut_behind_its_records", 5, _page(*_THREE)[:-1],
              Refused("broken_document", "ends too soon")),
    _document("with_its_list_twice", 19, _page(_THREE[0])[:-2] + ', "条": []}}',
              Refused("broken_document", "'条' stands twice")),
    _document("without_its_list", 22, '{"页": {}}', Refused("broken_document", "no '条'")),
    _document("whose_list_is_an_object", 22, '{"页": {"条": {}}}',
              Refused("broken_document", "is no list")),
    _document("with_another_behind_it", 37, _page(_THREE[0]) + _page(_THREE[1]),
              Refused("broken_document", "behind its end")),
    _document("that_is_a_page", 37, "<html>", Refused("not_a_table", "web page")),
    _document("that_is_a_table", 37, table(ROW), Refused("not_a_table", "a text")),
    _document("empty", 38, "", Refused("empty_file")),
]  # fmt: skip


def _parquet_bytes(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def _arrow(*rows: dict[str, Any], **columns: pa.Array) -> pa.Table:
    texts = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
    return pa.table({**texts, **columns})


def _parquet(name: str, fault: int, content: pa.Table | bytes, outcome: Outcome,
             contract: str = "parquet") -> Case:  # fmt: skip
    data = content if isinstance(content, bytes) else _parquet_bytes(content)
    return Case(f"parquet_{name}", fault, data, outcome, contract, "{}.parquet")


_ROWS = [cells(f"R{n}") for n in (1, 2, 3)]
_FILE = _parquet_bytes(_arrow(*_ROWS))
_UNREADABLE = Refused("unreadable_parquet")

TABLES = [
    _parquet("texts", 24, _FILE, WHOLE),
    _parquet("own_types", 26, _arrow(cells(), 创建时间=pa.array([_LOCAL[0]]),
             关闭时间=pa.array([_LOCAL[1]], pa.timestamp("ns")), 评分=pa.array([7], pa.int8()),
             比率=pa.array([Decimal("0.50")]), 电话=pa.array([13800000000])), one()),
    _parquet("fractions_of_a_second", 28, _arrow(cells(), 创建时间=pa.array(
             [_LOCAL[0].replace(microsecond=5)])), bad("created_at:type")),
    _parquet("instants_with_zone", 31, _arrow(cells(), 创建时间=pa.array([_LOCAL[0]],
             pa.timestamp("us", "UTC"))), bad("created_at:type")),
    _parquet("date_for_a_time", 26, _arrow(cells(), 创建时间=pa.array([_LOCAL[0].date()])),
             bad("created_at:type")),
    _parquet("durations", 26, _arrow(cells(), 评分=pa.array([dt.timedelta(seconds=7)])),
             Refused("unreadable_parquet", "durations in us")),
    _parquet("not_a_number", 26, _arrow(cells(), 比率=pa.array([float("nan")])),
             bad("ratio:type")),
    _parquet("infinite", 26, _arrow(cells(), 比率=pa.array([float("inf")])), bad("ratio:type")),
    _parquet("words_where_numbers_were", 26, _arrow(cells(), cells("R2", 评分="x")),
             Loaded({1: good("R1")}, {2: ["score:type"]})),
    _parquet("nulls", 26, _arrow(cells(备注=None), 代码=pa.array([None], pa.string())),
             one(note=None, code=None)),
    _parquet("list_for_a_text", 26, _arrow(cells(), 代码=pa.array([["AB"]])),
             bad("code:pattern")),
    _parquet("text_its_writer_calls_bytes", 26, _arrow(cells(), 备注=pa.array([
             "随便".encode()])), one()),
    _parquet("text_its_writer_calls_bytes_of_one_length", 26, _arrow(cells(), 备注=pa.array([
             "随便".encode()], pa.binary(6))), one()),
    _parquet("bytes_for_a_text", 26, _arrow(cells(), 代码=pa.array([b"\xff"])), _UNREADABLE),
    _parquet("ids_of_a_column_with_gaps", 27, _arrow(cells("@"), 编号=pa.array([13800000000.0]),
             电话=pa.array([7.5])), one("13800000000", phone="7.5")),
    _parquet("long_decimal_as_id", 27, _arrow(cells(), 编号=pa.array([Decimal("9" * 38)])),
             one("9" * 38)),
    _parquet("times_of_96_bits", 26, _parquet_bytes(_arrow(cells(), 创建时间=pa.array([_LOCAL[0]],
             pa.timestamp("ns"))), use_deprecated_int96_timestamps=True), one()),
    _parquet("dictionary", 24, _arrow(cells(), 状态=pa.array(["开"]).dictionary_encode()), one()),
    _parquet("recorded_structure", 23, _arrow(cells(), 新=pa.array([{"a": 1}])),
             one(extra='{"新":"{\\"a\\":1}"}'), "parquet_recorded"),
    _parquet("missing_column", 22, _arrow(*_ROWS).drop_columns(["状态"]),
             Refused("missing_column", "状态")),
    _parquet("extra_column", 23, _arrow(cells(), 新=pa.array([1])), Refused("extra_column")),
    _parquet("column_twice", 19, pa.Table.from_arrays([*_arrow(cells()).columns,
             pa.array(["x"])], names=[*NAMES, "状态"]), Refused("extra_column", "状态_1")),
    _parquet("without_rows", 38, _arrow(cells()).slice(0, 0), Loaded()),
    _parquet("corrupt_end", 54, _FILE[:-40] + bytes(40), _UNREADABLE),
    _parquet("truncated", 5, _FILE[:-20], _UNREADABLE),
    _parquet("head_alone", 5, b"PAR1", _UNREADABLE),
    _parquet("empty", 38, b"", _UNREADABLE),
    _parquet("text", 37, "编号,状态\n".encode(), _UNREADABLE),
    _parquet("flipped_byte_in_a_page", 54, _FILE[:60] + bytes([_FILE[60] ^ 0xFF]) + _FILE[61:],
             _UNREADABLE),
]  # fmt: skip

CASES = [*LINES, *DOCUMENTS, *TABLES]
