"""Encoding, delimiter and header row, as a sample proves them."""

import pytest

from pipelines.errors import SampleError
from pipelines.sourcing.sample_text import decode_sample, layout

CHINESE = "编号,创建时间,处理部门\n甲一,三月,工程部\n乙二,四月,客服中心\n"
TAIWANESE = "編號,建立時間,處理部門\n甲一,三月,工程部\n乙二,四月,客服中心\n"
KOREAN = "번호,내용\n1,서비스 만족도\n2,대기 시간\n"
WESTERN = "id;città;prénom\n1;Forlì;Élodie\n2;Orléans;Zoë\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (WESTERN, "cp1252"),
    ],
)
def test_the_encoding_that_reads_a_language_comes_first(text: str, encoding: str) -> None:
    """Most of these bytes are GB18030 too, but no Chinese anyone writes."""
    decoded = decode_sample(text.encode(encoding), is_whole=True)
    assert decoded.encodings[0] == encoding
    assert decoded.text == text


def test_utf8_is_never_in_doubt() -> None:
    assert decode_sample(CHINESE.encode(), is_whole=True).encodings == ("utf-8",)


def test_all_that_fit_are_told() -> None:
    """Korean reads as common Chinese signs in the wrong order: a person must look."""
    encodings = decode_sample(KOREAN.encode("cp949"), is_whole=True).encodings
    assert len(encodings) > 1
    assert "cp949" in encodings


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_settles_the_encoding_and_is_no_text(encoding: str) -> None:
    decoded = decode_sample("编号,x\r\n甲,1\r\n".encode(encoding), is_whole=True)
    assert decoded.text == "编号,x\n甲,1\n"


def test_a_sample_cut_in_a_character_loses_its_last_line_only() -> None:
    data = "编号\n甲\n乙丙".encode()[:-1]
    assert decode_sample(data, is_whole=False).text == "编号\n甲\n"
    assert decode_sample(data, is_whole=False).encodings == ("utf-8",)


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(SampleError, match="utf-16"):
        decode_sample(b"\xff\xfea\x00\x00\xd8", is_whole=True)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(delimiter: str) -> None:
    rows = [["id", "note", "when"], ["1", '"a, b; c"', "x"], ["2", '"d|e"', "y"]]
    text = "\n".join(delimiter.join(row) for row in rows)
    assert (layout(text).delimiter, layout(text).header_row) == (delimiter, 1)


def test_titles_and_blank_lines_before_the_header() -> None:
    """Lines 1 to 3 are a title, its date and nothing; the header is line 4."""
    text = "工单明细,,\n导出,2026-04-01,\n\n编号,状态,时间\n1,开,2026\n2,关,2026\n"
    assert layout(text).header_row == 4
