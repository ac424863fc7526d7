"""What a column of a sample holds: how full, how different, which kinds of values.

Here: facts counted from the sample. Not here: what the column is for (`mapping`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines.sourcing.sample import Sample
from pipelines.sourcing.times import Times, guess_times, is_clock

# Texts that mean "nothing"; those that could be words of a list are told apart.
NULL_TOKENS = (
    "?", "-", "--", "—", "/", "NULL", "null", "(null)", "N/A", "n/a", "NA", "#N/A", "None", "none",
    "NaN", "nan", r"\N", "无", "空", "暂无", "Blank", "blank", "0000-00-00", "0000-00-00 00:00:00",
)  # fmt: skip
BOOLEAN_WORDS: Mapping[str, tuple[str, ...]] = {
    "true": ("true", "t", "yes", "y", "1", "是", "有", "真", "√"),
    "false": ("false", "f", "no", "n", "0", "否", "无", "假", "×"),
}
_DISTINCT_KEPT = 20_000
_FIRST_LOOK, _TIME_LIKE = 50, r"^.*\d.{4,}"
_INTEGER, _NUMBER = r"^[+-]?\d+(\.0+)?$", r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_PERSONAL = {
    "phone": r"^(\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}$|^0\d{2,3}-?\d{7,8}$|"
    r"^\(?[2-9]\d{2}\)?[ .\-]\d{3}[ .\-]\d{4}$",
    "e-mail": r"^[^@\s]+@[^@\s]+\.[A-Za-z]+$",
    "ID card": r"^\d{17}[\dXx]$",
}  # fmt: skip
_PEOPLE = (
    "first|last|full|customer|client|caller|contact|requester|reporter|applicant|complainant|user|"
    "patient|guest|visitor|resident|passenger|driver|agent|assignee|person"
)
_PERSONAL_HEADER = (
    r"(?i)(姓名|电话|手机|邮箱|身份证|住址|地址|联系人|微信号|"
    rf"\b({_PEOPLE})[ _.]?name\b|phone|mobile|e-?mail|id[ _]?card|passport|\baddress\b|\bstreet\b)"
)


@dataclass(frozen=True)
class Profile:
    """Facts of one column. `values` has the distinct texts with counts, the most frequent first,

    without `null_tokens`. `personal` says what the column looks like, None: like nothing.
    """

    header: str
    rows: int
    filled: int
    distinct: int
    values: pl.DataFrame
    null_tokens: tuple[str, ...]
    is_integer: bool
    is_number: bool
    has_thousands: bool
    times: Times | None
    is_clock: bool
    is_excel_serial: bool
    personal: str | None

    @property
    def is_key(self) -> bool:
        return self.rows > 0 and self.filled == self.rows == self.distinct

    @property
    def words(self) -> dict[str, int]:
        return dict(self.values.iter_rows())


def profiles(sample: Sample) -> dict[str, Profile]:
    """The profile of every column, by header."""
    with duckdb.connect(config={"python_enable_replacements": False}) as connection:
        return {
            header: _profile(connection, sample, sample.frame[header])
            for header in sample.frame.columns
        }


def _profile(connection: duckdb.DuckDBPyConnection, sample: Sample, column: pl.Series) -> Profile:
    counted = column.drop_nulls().rename("text").value_counts(sort=True)
    is_nothing = counted["text"].is_in(NULL_TOKENS)
    values = counted.filter(~is_nothing)
    texts = values["text"].head(_DISTINCT_KEPT)
    is_number = _all(texts, _NUMBER) or _all(texts, f"{_NUMBER}|{_THOUSANDS}")
    times = None
    if _all(texts.head(_FIRST_LOOK), _TIME_LIKE):
        times = guess_times(connection, texts)
    numbers = texts.cast(pl.Float64, strict=False)
    return Profile(
        header=column.name,
        rows=column.len(),
        filled=int(values["count"].sum()),
        distinct=values.height,
        values=values,
        null_tokens=tuple(counted["text"].filter(is_nothing)),
        is_integer=_all(texts, f"{_INTEGER}|{_THOUSANDS}"),
        is_number=is_number,
        has_thousands=is_number and not _all(texts, _NUMBER),
        times=times,
        is_clock=bool(texts.len()) and times is None and is_clock(connection, texts),
        is_excel_serial=sample.format == "xlsx"
        and times is None
        and is_number
        and bool(numbers.is_between(20_000, 60_000).all()),
        personal=_personal(column.name, texts),
    )


def _all(texts: pl.Series, pattern: str) -> bool:
    return bool(texts.len()) and bool(texts.str.contains(pattern).all())


def _personal(header: str, texts: pl.Series) -> str | None:
    for kind, pattern in _PERSONAL.items():
        if texts.len() and float(texts.str.contains(pattern).mean() or 0) > 0.5:  # type: ignore[arg-type]
            return kind
    is_named = pl.Series([header]).str.contains(_PERSONAL_HEADER).item()
    return "a name, a number or an address of a person" if is_named else None
