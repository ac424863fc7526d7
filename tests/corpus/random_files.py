"""Random extracts of the small source, sound and damaged, each from a plan that can be read."""

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass

NAMES = ("编号", "状态", "创建时间", "关闭时间", "评分", "比率", "达标", "备注")
_TIMES = (
    "2026-03-01 08:00:00", "2026-3-1 8:00:00", "1/3/2026 8:05", "31/12/2025 23:59",
    "2026-03-02 09:30:00", "2026-02-29 08:00:00", "2026-13-01 08:00:00", "2026-03-01 24:00:00",
    "2026-03-01", "昨天", "", " 2026-03-03 10:00:00\u3000", "1986-05-04 02:30:00",
    "1991-09-15 01:30:00", "1988-07-01 08:00:00", "2026-03-01  08:00:00", "2026-03-01T08:00:00",
    "26-03-01 08:00:00", "46082.25", "2026-03-01 08:00:00+08:00", "0999-01-01 00:00:00",
)  # fmt: skip
_CELLS: dict[str, Sequence[str]] = {
    "编号": ("R1", "R2", "R3", "r1", "007", " R4 ", "12345678901234567890", "1e5", "NULL", "",
             "\u3000", "R\n5", "R,6", '"R7"', "合计"),
    "状态": ("开", "关", "开 ", "\u00a0关", "停", "open", "", "开关"),
    "创建时间": _TIMES,
    "关闭时间": ("", "", *_TIMES),
    "评分": ("7", "0", "10", "11", "-1", "+3", "7.0", "7.5", "07", "-", "", "七", "７", "1e1",
             "9" * 25, " 5\t", "0x7"),
    "比率": ("0.5", ".5", "5.", "1,234.5", "1,23", "0,5", "1e-3", "1E400", "nan", "inf", "-0.25",
             "", "1_0", "12,34,567", "1.2.3", "50%", "+1"),
    "达标": ("是", "否", "", "true", "是 ", "YES"),
    "备注": ("随便", "", 'a"b', '5" 屏', '他说"好"', "第一行\n第二行", "a,b", "a;b", " 空 ", "'",
             "\\", "=1+1", "x\u2028y", "-", "NULL", "\u3000", "🙂", "\n\n", "a\tb", "\x1f"),
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How a file is made; `seed` decides what its cells hold."""

    seed: int
    rows: int
    encoding: str
    line_end: str
    quoting: str
    header: str
    damage: str


_ENCODINGS = ["utf-8"] * 9 + ["gb18030"] * 6 + ["utf-8-sig"] * 3 + ["utf-16", "big5"]
_LINE_ENDS = ["\n", "\n", "\r\n", "\r"]
_QUOTING = ["minimal", "minimal", "all", "some"]
_HEADERS = ["shuffled"] * 12 + ["plain"] * 4 + ["wide"] * 4 + ["missing", "extra", "twice"]
_DAMAGES = [""] * 6 + ["cut", "quote", "delimiter", "blank"] * 2 + ["junk", "lost", "nul"]


def planned(seed: int, count: int) -> list[Plan]:
    """As many plans, all of them different and the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return [
        Plan(
            seed=chance.getrandbits(64),
            rows=chance.randrange(21),
            encoding=chance.choice(_ENCODINGS),
            line_end=chance.choice(_LINE_ENDS),
            quoting=chance.choice(_QUOTING),
            header=chance.choice(_HEADERS),
            damage=chance.choice(_DAMAGES),
        )
        for _ in range(count)
    ]


def made(plan: Plan) -> bytes:
    """The bytes of the file."""
    chance = random.Random(plan.seed)  # noqa: S311 - no secret
    names = _header(plan, chance)
    lines = [names, *(_row(names, chance) for _ in range(plan.rows))]
    text = plan.line_end.join([*(_written(plan, line, chance) for line in lines), ""])
    if chance.random() < 0.2:
        text = text.removesuffix(plan.line_end)
    return _damaged(plan, text, chance)


def _header(plan: Plan, chance: random.Random) -> list[str]:
    names = list(NAMES)
    if plan.header != "plain":
        chance.shuffle(names)
    if plan.header == "wide":
        names = [chance.choice([f" {n}", f"{n}\u3000", n]) for n in names]
    if plan.header == "missing":
        names.pop(chance.randrange(len(names)))
    if plan.header == "extra":
        names.insert(chance.randrange(len(names)), chance.choice(["新列", "", "编码"]))
    if plan.header == "twice":
        names.append(chance.choice(names))
    return names


def _row(names: Sequence[str], chance: random.Random) -> list[str]:
    """Mostly good cells, so that rows with one flaw or none are many."""
    flawed = chance.random()
    row = []
    for name in names:
        cells = _CELLS.get(name.strip(), ("x", ""))
        row.append(chance.choice(cells if chance.random() < flawed / 2 else cells[:2]))
    if "编号" in names and chance.random() < 0.7:
        row[names.index("编号")] = f"R{chance.randrange(10, 40)}"
    shape = chance.random()
    if shape < 0.04:
        return row[: chance.randrange(len(row))]
    if shape < 0.08:
        return [*row, chance.choice(["", "", "x"])]
    return [] if shape < 0.12 else [" "] if shape < 0.13 else row


def _written(plan: Plan, cells: Sequence[str], chance: random.Random) -> str:
    """One record as a careful exporter writes it, with the line end of the file inside too."""
    texts = [cell.replace("\n", plan.line_end) for cell in cells]
    if plan.quoting == "some":
        return ",".join(_quoted(t) if _must(t) or chance.random() < 0.3 else t for t in texts)
    if plan.quoting == "all":
        return ",".join(map(_quoted, texts))
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(texts)
    return stream.getvalue().removesuffix("\n")


def _must(text: str) -> bool:
    return any(sign in text for sign in ',"\r\n')


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _damaged(plan: Plan, text: str, chance: random.Random) -> bytes:
    place = chance.randrange(len(text) + 1)
    if plan.damage == "quote":
        text = text[:place] + '"' * chance.choice([1, 1, 2]) + text[place:]
    if plan.damage == "delimiter":
        text = text[:place] + text[place:].replace(",", chance.choice([";", ",,", ""]), 1)
    if plan.damage == "blank":
        text = text.replace(plan.line_end, plan.line_end * 2)
    content = text.encode(plan.encoding, "ignore")
    place = chance.randrange(len(content) + 1)
    if plan.damage == "cut":
        return content[:place]
    if plan.damage == "junk":
        return content[:place] + chance.randbytes(chance.randrange(1, 4)) + content[place:]
    if plan.damage == "lost":
        return content[:place] + content[place + 1 :]
    return content[:place] + b"\0" + content[place:] if plan.damage == "nul" else content
