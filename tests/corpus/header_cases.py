"""Faults of headers, titles and footers, and of files that are no table at all."""

from tests.corpus.case import (
    ALL,
    HEADER,
    LINES,
    NAMES,
    TEXT,
    WHOLE,
    Case,
    Loaded,
    Refused,
    all_with,
    good,
    line,
    table,
)

_BODY = TEXT.split("\n", 1)[1]


def _headed(header: str) -> str:
    return header + "\n" + _BODY


def _widened(header: str, *values: str) -> str:
    """The three good rows with more columns."""
    return table(*(",".join([text, *values]) for text in LINES), header=f"{HEADER},{header}")


def _in_order(*names: str) -> str:
    places = [NAMES.index(name) for name in names]
    cells = [text.split(",") for text in TEXT.splitlines()]
    return "".join(",".join(row[place] for place in places) + "\n" for row in cells)


HEADERS = [
    Case("title_row", 17, "客服月报\n" + TEXT, Refused("missing_column", "编号")),
    Case("title_row_of_full_width", 17, "客服月报" + "," * 9 + "\n" + TEXT,
         Refused("missing_column")),
    Case("comment_row", 17, "# made by a tool\n" + TEXT, Refused("missing_column")),
    Case("separator_row_of_a_spreadsheet", 17, "sep=,\n" + TEXT, Refused("missing_column")),
    Case("titles_where_the_third_row_is_the_header", 17, '客服"月报\n2026-03\n' + TEXT, WHOLE,
         "third_row"),
    Case("no_titles_where_the_third_row_is_the_header", 17, TEXT, Refused("missing_column"),
         "third_row"),
    Case("two_header_rows", 17, table(HEADER, *LINES), Loaded(
        {n + 1: row for n, row in ALL.items()},
        {1: ["status:unknown_value", "created_at:type", "closed_at:type", "score:type",
             "ratio:type", "is_met:unknown_value", "code:pattern"]})),
    Case("group_row_above_the_header", 17, "基本,,,,指标,,,其他,,\n" + TEXT,
         Refused("missing_column")),
    Case("no_header", 17, _BODY, Refused("missing_column")),
    Case("total_row", 18, TEXT + "合计,,,,21,,,,,\n", Loaded(
        ALL, {4: ["status:required", "created_at:required", "score:above_maximum"]})),
    Case("total_row_without_key", 18, TEXT + ",,,,21,1.5,,,,\n", Loaded(
        ALL, {4: ["request_id:required", "status:required", "created_at:required",
                  "score:above_maximum"]})),
    Case("count_at_the_end", 18, TEXT + "共 3 条\n", Loaded(ALL, {4: ["csv:missing_columns"]},
         raw={4: "共 3 条"})),
    Case("sign_off_at_the_end", 18, TEXT + "\n\n-- end --\n",
         Loaded(ALL, {4: ["csv:missing_columns"]})),
    Case("header_twice", 19, _widened("状态", "开"), Refused("duplicate_header", "状态")),
    Case("header_twice_in_other_width", 19, _widened("ABC,ＡＢＣ", "x", "y"),
         Refused("duplicate_header", "ＡＢＣ")),
    Case("header_twice_in_other_case", 19, _widened("Abc,aBC", "x", "y"),
         Refused("duplicate_header")),
    Case("two_aliases_of_one_column", 19, _widened("工单号", "X"), Refused("duplicate_header"),
         "aliases"),
    Case("header_with_spaces", 20, _headed(HEADER.replace("编号", "  编号\t").replace(
        "代码", "\u3000代码\u00a0")), WHOLE),
    Case("header_in_full_width", 20, _headed(HEADER.replace("代码", " ＣＯＤＥ ")), WHOLE,
         "aliases"),
    Case("header_in_capitals", 20, _headed(HEADER.replace("编号", "TICKET ID")), WHOLE, "aliases"),
    Case("space_inside_a_header", 20, _headed(HEADER.replace("编号", "Ticket  ID")),
         Refused("missing_column"), "aliases"),
    Case("quoted_header", 20, _headed(",".join(f'"{name}"' for name in NAMES)), WHOLE),
    Case("line_end_inside_a_header", 20, _headed(HEADER.replace("代码", '"代\n码"')),
         Refused("missing_column")),
    Case("mark_in_the_middle_of_the_header", 20, _headed(HEADER.replace("状态", "\ufeff状态")),
         Refused("missing_column", "状态")),
    Case("chinese_alias", 21, _headed(HEADER.replace("编号", "工单号")), WHOLE, "aliases"),
    Case("traditional_characters_are_another_name", 21, _headed(HEADER.replace("编号", "編號")),
         Refused("missing_column"), "aliases"),
    Case("missing_column", 22, _in_order(*NAMES[:1], *NAMES[2:]),
         Refused("missing_column", "'状态'")),
    Case("renamed_column", 22, _headed(HEADER.replace("状态", "状况")),
         Refused("missing_column", "nearest is '状况'")),
    Case("column_that_may_be_absent", 22, _in_order(*NAMES[:-1]), all_with(code=None), "absent"),
    Case("extra_column", 23, _widened("新列", "x"), Refused("extra_column", "新列")),
    Case("extra_column_recorded", 23, _widened("新列,又", "x", ""),
         all_with(extra='{"新列":"x","又":null}'), "recorded"),
    Case("personal_data_in_an_extra_column", 47, _widened("新列", "13900000000 a@b.cn"),
         Loaded({n: {**row, "extra": '{"新列":"[phone] [email]"}'} for n, row in ALL.items()},
                warnings={"extra:personal_data": 3}), "recorded"),
    Case("dropped_column", 47, _widened("联系人,又", "王小明", "x"),
         all_with(extra='{"又":"x"}'), "dropped"),
    Case("extra_column_with_quotes", 23, _widened("新\"列", '"a ""b"""'),
         all_with(extra='{"新\\"列":"a \\"b\\""}'), "recorded"),
    Case("delimiter_at_the_end_of_every_line", 23, _widened("", ""),
         Refused("extra_column", "column 11")),
    Case("nameless_column_recorded", 23, _widened("", "x"), all_with(extra='{"column 11":"x"}'),
         "recorded"),
    Case("columns_backwards", 24, _in_order(*reversed(NAMES)), WHOLE),
    Case("key_last", 24, _in_order(*NAMES[1:], NAMES[0]), WHOLE),
]  # fmt: skip

NO_TABLES = [
    Case("login_page", 37, "<!DOCTYPE html><html>Login</html>", Refused("not_a_table", "web page")),
    Case("page_after_blank_lines", 37, "\r\n \n<HTML><body>502</body>", Refused("not_a_table")),
    Case("page_after_a_mark", 37, "\ufeff<html></html>", Refused("not_a_table")),
    Case("error_in_xml", 37, "<?xml version='1.0'?><Error/>", Refused("not_a_table")),
    Case("error_in_json", 37, '{"error": "token expired"}', Refused("not_a_table", "JSON")),
    Case("list_in_json", 37, '[{"编号": "R1"}]', Refused("not_a_table", "JSON")),
    Case("error_in_words", 37, "ERROR: connection timed out\n", Refused("missing_column")),
    Case("table_of_a_page", 37, "<table><tr><td>R1</td></tr></table>", Refused("missing_column")),
    Case("picture", 37, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", Refused("encoding")),
    Case("empty", 38, b"", Refused("empty_file")),
    Case("blank_lines_alone", 38, "\n\n  \n", Refused("empty_file")),
    Case("mark_alone", 38, "\ufeff", Refused("empty_file")),
    Case("header_alone", 38, HEADER + "\n", Loaded()),
    Case("header_alone_without_line_end", 38, HEADER, Loaded()),
    Case("header_and_blank_lines", 38, HEADER + "\n\n\n", Loaded()),
    Case("one_row_without_line_end", 38, HEADER + "\n" + line("R9"), Loaded({1: good("R9")})),
]  # fmt: skip

CASES = [*HEADERS, *NO_TABLES]
