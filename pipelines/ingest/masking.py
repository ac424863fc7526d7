"""Masks in free text: e-mail addresses, Chinese ID cards and phone numbers become `[email]`,
`[id]` and `[phone]`; the rest of the text stays readable.

Names of people are not recognised. A number is taken whole: a digit before or after it makes it
another number, except that an ID card is told by its check digit. Not here: pseudonyms.
"""

import duckdb

from pipelines.ingest.reading import literal

# Digits and signs that input methods write full-width are read as the plain ones.
_FULL_WIDTH, _PLAIN = "０１２３４５６７８９＠＋－（）", "0123456789@+-()"
_EMAIL = r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+"
# Runs of digits as they stand, and the card number written in groups.
_ID_CANDIDATE = r"[0-9]{6}[ \-][0-9]{8}[ \-]?[0-9]{3}[0-9Xx]|[0-9]{18,}|[0-9]{17}[Xx]"
# GB 11643-1999: weights of the first 17 digits, and the check digit of each remainder by 11.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_PHONES = (
    r"(\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}",  # mobile
    r"\(0[0-9]{2,3}\)[ \-]?[0-9]{3,4}[ \-]?[0-9]{4}",  # (010) 8888 9999
    r"0[0-9]{2,3}[ \-]?[0-9]{7,8}",  # 010-88889999
    r"0[0-9]{2,3}[ \-][0-9]{3,4}[ \-][0-9]{4}",  # 010 8888 9999
    r"[48]00[ \-]?[0-9]{3}[ \-]?[0-9]{4}",  # 400-800-1234
    r"(\+|00)[1-9][0-9]{0,2}[ \-]?(\([0-9]{1,4}\)|[0-9])[0-9 \-]{5,14}[0-9]",  # +44 20 7946 0958
    r"\(?[2-9][0-9]{2}\)?[ .\-][0-9]{3}[ .\-][0-9]{4}",  # (415) 555-0132
)
_PHONE = rf"(^|[^0-9])({'|'.join(_PHONES)})($|[^0-9])"


# No number is masked that has fewer digits than this.
_SUSPECT = r"[@＠]|([0-9０-９][ .()（）\-－]{0,4}){7}"


def masked(sql: str) -> str:
    """SQL of the masked text; a text without @ and without a long number is left alone: quick."""
    plain = f"translate({sql}, {literal(_FULL_WIDTH)}, {literal(_PLAIN)})"
    cards = f"list_filter(regexp_extract_all({plain}, {literal(_ID_CANDIDATE)}), {_is_card()})"
    text = f"list_reduce({cards}, lambda t, card: replace(t, card, '[id]'), {plain})"
    text = f"regexp_replace({text}, {literal(_EMAIL)}, '[email]', 'g')"
    for _ in range(2):  # one separator between two numbers ends the first and begins the second
        text = rf"regexp_replace({text}, {literal(_PHONE)}, '\1[phone]\{_last_group()}', 'g')"
    return f"case when regexp_matches({sql}, {literal(_SUSPECT)}) then {text} else {sql} end"


def masked_json(sql: str) -> str:
    """SQL of a JSON text with its texts and numbers masked: JSON again.

    Escapes are set apart, so that the letter of `\\n` is no part of an address after it. What is
    no JSON any more, such as a list with a masked number, becomes one text.
    """
    apart = rf"regexp_replace({sql}, '\\(.)', chr(1) || '\1' || chr(2), 'g')"
    text = masked(apart)
    text = rf"""regexp_replace({text}, '":(\[[a-z]+\])([,}}])', '":"\1"\2', 'g')"""
    text = rf"regexp_replace({text}, chr(1) || '(.)' || chr(2), '\\\1', 'g')"
    whole = "case when json_valid(t) then t else cast(to_json(t) as varchar) end"
    text = f"list_transform([{text}], lambda t: {whole})"
    return f"case when regexp_matches({sql}, {literal(_SUSPECT)}) then {text}[1] else {sql} end"


def masked_text(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """One text masked, for messages that quote a file."""
    query = f"select {masked('t')} from (select $1::varchar as t)"
    return str(connection.execute(query, [text]).fetchall()[0][0])


def _last_group() -> int:
    return _PHONE.count("(") - _PHONE.count(r"\(")


def _is_card() -> str:
    """Lambda: 17 digits and the check digit that follows from them."""
    number = r"regexp_replace(card, '[ \-]', '', 'g')"
    weighed = " + ".join(
        f"{weight} * try_cast({number}[{place}] as integer)"
        for place, weight in enumerate(_ID_WEIGHTS, start=1)
    )
    check = f"{literal(_ID_CHECKS)}[({weighed}) % 11 + 1]"
    return f"lambda card: length({number}) = 18 and upper({number}[18]) = {check}"
