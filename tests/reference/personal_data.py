"""Personal data planted in simulated extracts, and a search for them that is not the gate's.

No figure changes by them: they stand in titles, in comments, and in one category.
"""

import re
from collections.abc import Iterator
from pathlib import Path

PHONE, EMAIL = "13812345678", "wang.wu@example.cn"
# The simulator's own comments have these; the card is the specimen of GB 11643-1999.
IN_COMMENTS = ("13800138000", "reader@example.com", "11010519491231002X")
PLANTED = (PHONE, EMAIL, *IN_COMMENTS)


def plant_personal_data(landing: Path) -> None:
    """Every ticket's title begins with a phone number; the last file has addresses as category."""
    files = sorted((landing / "demo_itsm").glob("tickets_*.csv"))
    for file in files:
        text = file.read_bytes().decode("gb18030")
        text = re.sub(r'(?m)^(T\d+,"?)', rf"\g<1>{PHONE} ", text)
        if file == files[-1]:
            text = text.replace(",专线,", f",专线 {EMAIL},")
        file.write_bytes(text.encode("gb18030"))


def personal_data_in(text: str) -> Iterator[str]:
    """Whatever was planted, however it is written: compared without width, space and case."""
    plain = re.sub(
        r"[\s\-]", "", text.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    )
    for planted in PLANTED:
        if planted.lower() in plain.lower():
            yield planted
