"""Charts as images: what is printed in them, and what is refused."""

import struct
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

import pipelines.exports.images as images
from pipelines.errors import ExportError
from pipelines.exports import can_draw_chinese, png_bytes, svg_bytes

SPECIFICATION: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.1.0.json",
    "data": {"values": [{"队列": "投诉", "n": 3}, {"队列": "咨询", "n": 5}]},
    "mark": "bar",
    "encoding": {
        "y": {"field": "队列", "type": "nominal"},
        "x": {"field": "n", "type": "quantitative"},
    },
}
FACTS = ["时段：2026-09-01 – 2026-09-30", "数据截至 2026-10-01 00:00 · 快照 20261001-a"]


@pytest.fixture
def without_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(images, "_FONT", "No Such Font")
    can_draw_chinese.cache_clear()
    yield
    can_draw_chinese.cache_clear()


def test_an_image_says_what_it_is_of() -> None:
    root = ElementTree.fromstring(svg_bytes(SPECIFICATION, "各队列的呼入量", FACTS))  # noqa: S314
    texts = "".join(root.itertext())
    for text in ("各队列的呼入量", *FACTS, "投诉"):
        assert text.replace(" ", "") in texts.replace(" ", "")


def test_a_png_is_large_enough_for_paper() -> None:
    image = png_bytes(SPECIFICATION, "各队列的呼入量", FACTS)
    assert image.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", image[16:24])
    assert width >= 1_700
    assert height > 200


@pytest.mark.usefixtures("without_fonts")
def test_without_a_font_images_are_refused() -> None:
    assert not can_draw_chinese()
    with pytest.raises(ExportError, match="fonts-noto-cjk"):
        png_bytes(SPECIFICATION, "各队列的呼入量", FACTS)


def test_a_chart_fetches_nothing() -> None:
    foreign = {**SPECIFICATION, "data": {"url": "https://example.org/rows.json"}}
    with pytest.raises(ValueError, match="example"):
        svg_bytes(foreign, "x", FACTS)
