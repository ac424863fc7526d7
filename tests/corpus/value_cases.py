# ruff: noqa: DTZ001 - raw has times in UTC without zone
"""Faults of single values and of rows: times, numbers, ids, words, ranges, repeated keys."""

from datetime import datetime

from tests.corpus.case import Case, Loaded, Outcome, bad, good, line, one, single, table

_NO_TIME = bad("created_at:type")


def _time(name: str, fault: int, text: str, utc: datetime | str | None, contract: str) -> Case:
    """A creation time (local), and its UTC, or the code after the column's name."""
    outcome = bad(f"created_at:{utc}") if isinstance(utc, str) else one(
        created_at=utc, closed_at=None)  # fmt: skip
    return Case(name, fault, single(created_at=text, closed_at=""), outcome, contract)


def _id(name: str, text: str, expected: str | None = None) -> Case:
    return Case(name, 27, single(text), one(expected or text))  # fmt: skip


def _number(name: str, text: str, value: float | None, contract: str = "plain") -> Case:
    outcome = bad("ratio:type") if value is None else one(ratio=value)
    return Case(name, 26, single(ratio=text), outcome, contract)


def _score(name: str, text: str, outcome: Outcome, fault: int = 26) -> Case:
    return Case(name, fault, single(score=text), outcome)


TIMES = [
    Case("two_listed_formats", 28, table(line("R1"), line("R2", created_at="1/3/2026 8:00",
         closed_at="02/03/2026 09:30")), Loaded({1: good("R1"), 2: good("R2")})),
    _time("undeclared_format", 28, "2026/03/01 08:00:00", "type", "plain"),
    _time("format_without_seconds", 28, "2026-03-01 08:00", "type", "plain"),
    _time("text_after_the_time", 28, "2026-03-01 08:00:00 CST", "type", "plain"),
    _time("unpadded_where_padding_is_usual", 28, "2026-3-1 8:00:00", datetime(2026, 3, 1),
          "plain"),
    _time("thirtieth_of_february", 28, "2026-02-30 08:00:00", "type", "plain"),
    _time("leap_day", 28, "2028-02-29 08:00:00", datetime(2028, 2, 29), "plain"),
    _time("no_leap_day_in_2100", 28, "2100-02-29 08:00:00", "type", "plain"),
    _time("thirteenth_month", 28, "2026-13-01 08:00:00", "type", "plain"),
    _time("hour_24", 28, "2026-03-01 24:00:00", "type", "plain"),
    _time("second_60", 28, "2026-03-01 08:00:60", "type", "plain"),
    _time("year_of_two_digits", 28, "26-03-01 08:00:00", "type", "plain"),
    _time("year_zero", 28, "0000-00-00 00:00:00", "type", "plain"),
    _time("year_of_five_digits", 28, "20260-03-01 08:00:00", "type", "plain"),
    _time("year_1000", 28, "1000-01-01 08:00:00", "type", "plain"),
    _time("zero_date_of_a_database", 28, "1900-01-01 00:00:00", "type", "plain"),
    _time("first_day_of_all", 28, "1900-03-01 08:05:43", datetime(1900, 3, 1), "plain"),
    _time("date_of_a_week", 28, "2026-W09-7 08:00:00", "type", "plain"),
    _time("end_of_all_times", 42, "9999-12-31 23:59:59", "future", "plain"),
    _time("last_second_of_2099", 42, "2100-01-01 07:59:59",
          datetime(2099, 12, 31, 23, 59, 59), "plain"),
    _time("full_width_digits_in_a_time", 28, "２０２６-03-01 08:00:00", "type", "plain"),
    _time("chinese_date", 28, "2026年3月1日 8时5分", datetime(2026, 3, 1, 0, 5), "chinese_dates"),
    _time("compact_date", 28, "20260301080500", datetime(2026, 3, 1, 8, 5), "compact"),
    _time("day_first", 29, "03/04/2026 08:00", datetime(2026, 4, 3), "day_first"),
    _time("month_first", 29, "03/04/2026 08:00", datetime(2026, 3, 4), "month_first"),
    _time("month_first_where_day_is_promised", 29, "03/25/2026 08:00", "type", "day_first"),
    _time("day_first_where_month_is_promised", 29, "25/03/2026 08:00", "type", "month_first"),
    _time("midnight_of_12_hours", 30, "2026/3/1 12:05 AM", datetime(2026, 2, 28, 16, 5),
          "half_days"),
    _time("noon_of_12_hours", 30, "2026/3/1 12:05 PM", datetime(2026, 3, 1, 4, 5), "half_days"),
    _time("small_letters_of_12_hours", 30, "2026/3/1 3:05 pm", datetime(2026, 3, 1, 7, 5),
          "half_days"),
    _time("chinese_morning", 30, "2026/3/1 上午 12:05", datetime(2026, 2, 28, 16, 5), "half_days"),
    _time("chinese_afternoon", 30, "2026/3/1 下午 3:05", datetime(2026, 3, 1, 7, 5), "half_days"),
    _time("chinese_early_morning", 30, "2026/3/1 凌晨 3:05", "type", "half_days"),
    _time("afternoon_of_24_hours", 30, "2026/3/1 下午 15:05", "type", "half_days"),
    _time("chinese_afternoon_undeclared", 30, "2026-03-01 下午 03:05:00", "type", "plain"),
    _time("offset_where_none_is_promised", 31, "2026-03-01 08:00:00+08:00", "type", "plain"),
    _time("offset", 31, "2026-03-01T08:00:00-05:30", datetime(2026, 3, 1, 13, 30), "offsets"),
    _time("zulu", 31, "2026-03-01T08:00:00Z", datetime(2026, 3, 1, 8), "offsets"),
    *(_time(f"offset_in_other_writing_{n}", 31, f"2026-03-01T08:00:00{offset}",
            datetime(2026, 3, 1), "offsets") for n, offset in enumerate(("+08", "+0800"))),
    *(_time(f"offset_of_no_clock_{n}", 31, f"2026-03-01T08:00:00{offset}", "type", "offsets")
      for n, offset in enumerate(("+15:00", "+08:75", "+8", "UTC", "+08:00:00"))),
    _time("no_offset_where_one_is_promised", 31, "2026-03-01T08:00:00", "type", "offsets"),
    _time("skipped_hour", 32, "2026-03-08 02:30:00", "dst_gap", "new_york"),
    _time("last_second_before_the_gap", 32, "2026-03-08 01:59:59",
          datetime(2026, 3, 8, 6, 59, 59), "new_york"),
    _time("first_second_after_the_gap", 32, "2026-03-08 03:00:00", datetime(2026, 3, 8, 7),
          "new_york"),
    _time("doubled_hour", 32, "2026-11-01 01:30:00", "dst_ambiguous", "new_york"),
    _time("doubled_hour_earliest", 32, "2026-11-01 01:30:00", datetime(2026, 11, 1, 5, 30),
          "new_york_earliest"),
    _time("skipped_hour_earliest", 32, "2026-03-08 02:30:00", "dst_gap", "new_york_earliest"),
    _time("after_the_doubled_hour", 32, "2026-11-01 02:00:00", datetime(2026, 11, 1, 7),
          "new_york"),
    _time("doubled_half_hour", 32, "2026-04-05 01:45:00", "dst_ambiguous", "lord_howe"),
    _time("skipped_half_hour", 32, "2026-10-04 02:15:00", "dst_gap", "lord_howe"),
    _time("shanghai_skipped_1986", 32, "1986-05-04 02:30:00", "dst_gap", "plain"),
    _time("shanghai_doubled_1991", 32, "1991-09-15 01:30:00", "dst_ambiguous", "plain"),
    _time("shanghai_summer_1988", 32, "1988-07-01 09:00:00", datetime(1988, 7, 1), "plain"),
    _time("shanghai_winter_1988", 32, "1988-12-01 08:00:00", datetime(1988, 12, 1), "plain"),
    _time("before_1970", 32, "1969-12-31 08:00:00", datetime(1969, 12, 31), "plain"),
    _time("serial_undeclared", 33, "46082.5", "type", "plain"),
    _time("serial", 33, "46082.25", datetime(2026, 3, 1, 6), "serials"),
    _time("serial_of_a_whole_day", 33, "46082", datetime(2026, 3, 1), "serials"),
    _time("serial_of_a_second", 33, "46082.000011574074", datetime(2026, 3, 1, 0, 0, 1),
          "serials"),
    _time("serial_before_all_days", 33, "-1", "type", "serials"),
    *(_time(f"serial_of_a_disputed_day_{n}", 33, day, "type", "serials")
      for n, day in enumerate(("0.5", "1", "59", "60"))),
    _time("serial_of_the_first_sure_day", 33, "61", datetime(1900, 3, 1), "serials"),
    *(_time(f"serial_in_other_writing_{n}", 33, text, "type", "serials")
      for n, text in enumerate(("46_082", "4.6e4", "+46082", "nan"))),
    _time("serial_in_milliseconds", 33, "1772323200000", "type", "serials"),
    _time("text_among_serials", 33, "2026-03-01 06:00:00", datetime(2026, 3, 1, 6), "serials"),
    Case("made_a_day_before", 42, single(closed_at="2026-03-02 10:00:00"), one(
         closed_at=datetime(2026, 3, 2, 2)), "made_at", "{}_20260301100000.csv"),
    Case("more_than_a_day_after_the_export", 42, single(closed_at="2026-03-02 10:00:01"),
         bad("closed_at:future"), "made_at", "{}_20260301100000.csv"),
    Case("future_without_a_time_of_export", 42, single(closed_at="2036-03-02 09:30:00"), one(
         closed_at=datetime(2036, 3, 2, 1, 30)), "made_at"),
]  # fmt: skip

NUMBERS = [
    _score("words_for_a_number", "七", bad("score:type")),
    _score("half_a_point", "7.5", bad("score:type")),
    _score("whole_number_with_a_fraction_of_zero", "7.0", one(score=7)),
    _score("exponent_in_an_integer", "1e1", bad("score:type")),
    _score("hexadecimal", "0x7", bad("score:type")),
    _score("twenty_five_digits", "9" * 25, bad("score:type")),
    _score("full_width_digits", "７", bad("score:type")),
    _score("unit_after_the_number", "7分", bad("score:type")),
    _score("not_available", "N/A", bad("score:type")),
    _score("zero_of_two_digits", "07", one(score=7)),
    _score("below_the_minimum", "-1", bad("score:below_minimum"), 40),
    _score("above_the_maximum", "11", bad("score:above_maximum"), 40),
    _score("at_the_minimum", "0", one(score=0), 40),
    _score("at_the_maximum", "10", one(score=10), 40),
    _number("not_a_number", "nan", None),
    _number("infinite", "inf", None),
    _number("too_large_for_any_number", "1e999", None),
    _number("underscore", "1_0", None),
    _number("two_points", "1.2.3", None),
    _number("percent", "50%", None),
    _number("exponent", "1e-3", 0.001),
    _number("no_digit_before_the_point", ".5", 0.5),
    _number("full_width_point", "0．5", None),
    _number("minus_of_typography", "\u22120.5", None),
    _number("comma_undeclared", '"0;5"', None),
    _number("decimal_comma", '"1.234,5"', 1234.5, "comma"),
    _number("decimal_point_where_a_comma_is_promised", "0.5", None, "comma"),
    _number("american_number_where_a_comma_is_promised", '"1,234.5"', None, "comma"),
    _number("thousands", '"1,234,567.5"', 1234567.5, "thousands"),
    _number("thousands_of_india", '"12,34,567"', 1234567, "thousands"),
    _number("thousands_of_two_kinds", '"1,234,56,789"', None, "thousands"),
    *(_number(f"broken_thousands_{n}", f'"{text}"', None, "thousands")
      for n, text in enumerate(("1,2345", "1,,234", ",123", "1.234,5"))),
    *(_number(f"number_in_other_writing_{n}", text, None)
      for n, text in enumerate(("(5)", "5-", "¥5", "0x1p3", "1'234"))),
    Case("whole_number_beyond_what_a_float_tells", 26, single(score="9007199254740993"),
         one(score=9007199254740993), "large_scores"),
    Case("whole_number_of_one_more_than_fits", 26, single(score="9223372036854775808"),
         bad("score:type"), "large_scores"),
    _number("decimal_comma_where_thousands_are_promised", '"0,5"', None, "thousands"),
    _number("hard_spaces_as_thousands", "1\u00a0234.5", 1234.5, "spaced"),
    _number("spaces_where_hard_ones_are_promised", "1 234.5", None, "spaced"),
]  # fmt: skip

IDS = [
    _id("leading_zeros", "00120"),
    _id("twenty_digits", "12345678901234567890"),
    _id("forty_digits", "1" * 40),
    _id("id_like_a_float", "1e5"),
    _id("id_like_a_number", "7.10"),
    _id("id_like_hexadecimal", "0x1F"),
    _id("id_like_a_boolean", "TRUE"),
    _id("id_like_null", "NULL"),
    _id("id_like_nan", "NaN"),
    _id("id_like_a_date", "2026-03-01"),
    _id("id_with_full_width_digits", "００７"),
    _id("id_with_outer_space", "\u3000R 1\u00a0", "R 1"),
    _id("id_of_four_byte_characters", "𠮷😀1"),
    _id("id_with_an_accent", "caf\u00e9"),
    *(
        Case(f"id_with_a_sign_nobody_sees_{n}", 27, single(text), bad("request_id:invisible"))
        for n, text in enumerate(
            (
                "R\u200b1",
                "R1\u200d",
                "\ufeffR1",
                "R\u00ad1",
                "R1\u2003",
                "R\u00a01",
                "R\x011",
                "R1\u2028",
                '"R\t1"',
                "cafe\u0301",
            )
        )
    ),
    Case("id_in_an_exponent", 27, single(phone="1.38E+10"), one(phone="1.38E+10")),
]

ROWS = [
    Case("unknown_word", 26, single(status="停"), bad("status:unknown_value", raw='{"编号":"R1"')),
    Case("word_of_the_warehouse", 26, single(status="open"), bad("status:unknown_value")),
    Case("word_of_another_case", 26, single(is_met="YES"), bad("is_met:unknown_value")),
    Case("rest_of_the_words", 26, single(status="停"), one(status="closed"), "rest_of_map"),
    Case("word_that_means_nothing", 26, single(status="未知"), bad("status:required"),
         "rest_of_map"),
    Case("boolean_without_a_map", 26, single(is_met="Yes"), one(is_met=True), "bare_booleans"),
    Case("no_boolean", 26, single(is_met="是"), bad("is_met:type"), "bare_booleans"),
    Case("no_key", 26, single(request_id=""), bad("request_id:required")),
    Case("key_of_spaces", 26, single(request_id=" \u3000\u00a0"), bad("request_id:required")),
    Case("null_token", 26, single(score="-"), Loaded(
         one(score=None).accepted, warnings={"rule:score_given": 1})),
    Case("null_token_of_another_column", 26, single(ratio="-"), bad("ratio:type")),
    Case("pattern_not_met", 26, single(code="ab"), bad("code:pattern")),
    Case("too_long", 26, single(code="ABCD"), bad("code:too_long")),
    Case("several_flaws", 26, single(status="停", score="x", code="abcd"), bad(
         "status:unknown_value", "score:type", "code:pattern")),
    Case("closed_before_created", 41, single(closed_at="2026-02-01 08:00:00"),
         bad("rule:closing_not_before_creation")),
    Case("not_closed_yet", 41, single(closed_at=""), one(closed_at=None)),
    Case("closed_when_created", 41, single(closed_at="2026-03-01 08:00:00"), one(
         closed_at=datetime(2026, 3, 1))),
    Case("closed_before_created_warned", 41, single(closed_at="2026-02-01 08:00:00"), Loaded(
         one(closed_at=datetime(2026, 2, 1)).accepted,
         warnings={"rule:closing_not_before_creation": 1}), "early_closing"),
    Case("phone_in_a_comment", 47, single(note="请回电 13800138000"), Loaded(
         one(note="请回电 [phone]").accepted, warnings={"note:masked": 1})),
    Case("address_in_a_comment", 47, single(note="写信 a.b@c.com.cn 谢谢"), Loaded(
         one(note="写信 [email] 谢谢").accepted, warnings={"note:masked": 1})),
    Case("identity_card_in_a_comment", 47, single(note="身份证11010519491231002X没错"), Loaded(
         one(note="身份证[id]没错").accepted, warnings={"note:masked": 1})),
    Case("number_with_a_wrong_check_digit", 47, single(note="No 110105194912310020"),
         one(note="No 110105194912310020")),
    Case("phone_in_a_text_nobody_declared", 47, single(note="回电 13800138000"), Loaded(
         one(note="回电 [phone]").accepted, warnings={"note:personal_data": 1}), "undeclared"),
    Case("phone_in_a_code", 47, single(code="138"), bad("code:pattern")),
    Case("phone_in_a_word", 47, single(status="13800138000"), bad("status:unknown_value")),
    Case("row_twice", 43, table(line("R1"), line("R2"), line("R1")), Loaded(
         {1: good("R1"), 2: good("R2")}, {3: ["request_id:duplicate"]})),
    Case("row_three_times", 43, table(line("R1"), line("R1"), line("R1"), line("R2")), Loaded(
         {1: good("R1"), 4: good("R2")},
         {2: ["request_id:duplicate"], 3: ["request_id:duplicate"]})),
    Case("row_twice_in_other_writing", 43, table(line("R1"), line(" R1", ratio="0.50")), Loaded(
         {1: good("R1")}, {2: ["request_id:duplicate"]})),
    Case("key_twice_with_other_values", 43, table(line("R1"), line("R2"), line("R1", score="3")),
         Loaded({2: good("R2")}, {1: ["request_id:conflict"], 3: ["request_id:conflict"]})),
    Case("key_thrice_one_row_different", 43, table(line("R1"), line("R1"), line("R1", code="")),
         Loaded({}, {n: ["request_id:conflict"] for n in (1, 2, 3)})),
    Case("keys_that_conflict_and_repeat", 43, table(line("R1"), line("R2"), line("R1", code=""),
         line("R2"), line("R3", score="")), Loaded(
         {2: good("R2"), 5: good("R3", score=None)},
         {1: ["request_id:conflict"], 3: ["request_id:conflict"], 4: ["request_id:duplicate"]},
         {"rule:score_given": 1})),
    Case("warned_rows_that_conflict", 43, table(line("R1", score=""), line("R1")),
         Loaded({}, {1: ["request_id:conflict"], 2: ["request_id:conflict"]})),
    Case("key_of_a_rejected_row", 43, table(line("R1", score="x"), line("R1")),
         Loaded({2: good("R1")}, {1: ["score:type"]})),
    Case("keys_of_different_case", 43, table(line("R1"), line("r1")),
         Loaded({1: good("R1"), 2: good("r1")})),
    Case("versions_of_a_key", 44, table(line("R1", closed_at="2026-03-04 09:30:00"), line("R1")),
         Loaded({1: good("R1", closed_at=datetime(2026, 3, 4, 1, 30)), 2: good("R1")}),
         "versions"),
]  # fmt: skip

CASES = [*TIMES, *NUMBERS, *IDS, *ROWS]
