"""The contracts of the corpus: the small source of the gate's tests, each changed in one way."""

from collections.abc import Callable, Mapping

from tests.unit.ingest.request_source import Document, column, set_custom, set_reader

Change = Callable[[Document, Document], None]
_TIMES = ("created_at", "closed_at")
_FORMAT = "yyyy-MM-dd HH:mm:ss"


def reader(**options: object) -> Change:
    """Other options of the reader."""

    def change(source: Document, _: Document) -> None:
        for name, value in options.items():
            set_reader(source, name, value)

    return change


def columns(*names: str, **options: object) -> Change:
    """Other options of the named columns."""

    def change(source: Document, _: Document) -> None:
        for name in names:
            for option, value in options.items():
                set_custom(column(source, name), option, value)

    return change


def times(zone: str | None, *formats: str, **options: object) -> Change:
    return columns(*_TIMES, timezone=zone, formats=list(formats) or [_FORMAT], **options)


def form(name: str, **options: object) -> Change:
    """Another format of files."""

    def change(source: Document, entity: Document) -> None:
        source["servers"][0]["format"] = name
        reader(**options)(source, entity)

    return change


def both(*changes: Change) -> Change:
    def change(source: Document, entity: Document) -> None:
        for one in changes:
            one(source, entity)

    return change


def visible(source: Document, entity: Document) -> None:
    """Every column can be compared: no pseudonyms, nothing dropped; free text is masked."""
    source["servers"][0]["path"] = "desk/*/*"
    phone = column(entity, "phone")
    set_custom(phone, "pii", None)
    phone["logicalTypeOptions"] = {"pattern": "^"}  # any text, but no free text
    set_custom(column(entity, "note"), "pii", "mask")


def versions(_: Document, entity: Document) -> None:
    set_custom(column(entity, "closed_at"), "role", "version")


def ascii_names(source: Document, _: Document) -> None:
    """Nothing beyond ASCII in the header and in words, so that no encoding is told by them."""
    for node in source["schema"][0]["properties"]:
        set_custom(node, "sourceHeaders", [node["name"]])
    for name, words in (("status", {"o": "open"}), ("is_met", {"y": True})):
        set_custom(column(source, name), "valueMap", words)


def large_scores(_: Document, entity: Document) -> None:
    del column(entity, "score")["logicalTypeOptions"]


def undeclared(_: Document, entity: Document) -> None:
    set_custom(column(entity, "note"), "pii", None)


def early_closing_warns(_: Document, entity: Document) -> None:
    entity["schema"][0]["quality"][0]["severity"] = "warning"


_NEW_YORK = "America/New_York"
_MADE_AT = {"pattern": r"_(\d{14})\.", "format": "yyyyMMddHHmmss", "timezone": "Asia/Shanghai"}

CONTRACTS: Mapping[str, Change] = {
    "plain": reader(),
    "utf16": reader(encodings=["utf-16"]),
    "utf8_utf16": reader(encodings=["utf-8", "utf-16"]),
    "utf16_le": reader(encodings=["utf-16-le"]),
    "utf16_be": reader(encodings=["utf-16-be"]),
    "big5": reader(encodings=["utf-8", "big5"]),
    "gbk": reader(encodings=["gbk"]),
    "gb18030_first": reader(encodings=["gb18030", "utf-8"]),
    "ascii": ascii_names,
    "ascii_gb18030": both(ascii_names, reader(encodings=["gb18030"])),
    "ascii_gb18030_first": both(ascii_names, reader(encodings=["gb18030", "utf-8"])),
    "ascii_latin_1": both(ascii_names, reader(encodings=["latin-1"])),
    "large_scores": large_scores,
    "latin_1": reader(encodings=["latin-1"]),
    "semicolon": reader(delimiter=";"),
    "tab": reader(delimiter="\t"),
    "pipe": reader(delimiter="|"),
    "wide_comma": reader(delimiter="，"),
    "two_pipes": reader(delimiter="||"),
    "third_row": reader(headerRow=3),
    "recorded": reader(extraColumns="record"),
    "dropped": reader(extraColumns="record", droppedHeaders=["联系人", "住址"]),
    "absent": columns("code", mayBeAbsent=True),
    "aliases": both(
        columns("request_id", sourceHeaders=["编号", "工单号", "Ticket ID"]),
        columns("code", sourceHeaders=["代码", "Code"]),
    ),
    "day_first": times("Asia/Shanghai", "dd/MM/yyyy HH:mm"),
    "month_first": times("Asia/Shanghai", "MM/dd/yyyy HH:mm"),
    "half_days": times("Asia/Shanghai", "yyyy/M/d h:mm a", "yyyy/M/d a h:mm"),
    "offsets": times(None, "yyyy-MM-dd'T'HH:mm:ssXXX"),
    "chinese_dates": times("Asia/Shanghai", "yyyy年M月d日 H时m分"),
    "compact": times("UTC", "yyyyMMddHHmmss"),
    "new_york": times(_NEW_YORK),
    "new_york_earliest": times(_NEW_YORK, ambiguous="earliest"),
    "lord_howe": times("Australia/Lord_Howe"),
    "serials": times("UTC", _FORMAT, excelSerial=True),
    "comma": columns("ratio", decimalSign=",", thousandsSign="."),
    "thousands": columns("ratio", thousandsSign=","),
    "spaced": columns("ratio", thousandsSign="\u00a0"),
    "bare_booleans": columns("is_met", valueMap=None),
    "rest_of_map": columns("status", valueMap={"开": "open", "未知": None, "*": "closed"}),
    "made_at": reader(extractedAt=_MADE_AT),
    "versions": versions,
    "undeclared": undeclared,
    "early_closing": early_closing_warns,
    "sheet": form("xlsx", sheet="数据"),
    "first_sheet": form("xlsx"),
    "sheet_third_row": form("xlsx", sheet="数据", headerRow=3),
    "sheet_serials": both(form("xlsx", sheet="数据"), times("UTC", _FORMAT, excelSerial=True)),
    "lines": both(form("jsonl"), columns("phone", sourceHeaders=["人.电话"])),
    "lines_recorded": both(
        form("jsonl", extraColumns="record"), columns("phone", sourceHeaders=["人.电话"])
    ),
    "lines_dropped": both(
        form("jsonl", extraColumns="record", droppedHeaders=["联系人", "客.住址"]),
        columns("phone", sourceHeaders=["人.电话"]),
    ),
    "document": both(form("json", records="页.条"), columns("phone", sourceHeaders=["人.电话"])),
    "list": both(form("json"), columns("phone", sourceHeaders=["人.电话"])),
    "parquet": form("parquet"),
    "parquet_recorded": form("parquet", extraColumns="record"),
}
