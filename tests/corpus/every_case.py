"""All cases of the corpus, in the order in which their files are ingested."""

from tests.corpus import (
    delivery_cases,
    header_cases,
    line_cases,
    sheet_cases,
    text_cases,
    value_cases,
)
from tests.corpus.case import Case

CASES: list[Case] = [
    *text_cases.CASES,
    *header_cases.CASES,
    *value_cases.CASES,
    *line_cases.CASES,
    *sheet_cases.CASES,
    *delivery_cases.CASES,
]
