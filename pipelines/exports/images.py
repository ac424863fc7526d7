"""Charts as PNG and SVG, drawn on the server without a browser and without a network.

A Vega-Lite specification comes in; its title, and below it the facts, are printed in the image.
Chinese is drawn with a font of the server (Debian: fonts-noto-cjk); where there is none, images
are refused, because they would show boxes.
"""

import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import vl_convert

from pipelines.errors import ExportError

_FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
_WIDTH = 860
_CHARACTERS_PER_LINE = 62  # of Chinese; as many of English leave room
_PIXELS_PER_POINT = 2.0
_PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
    '<text x="2" y="30" font-size="30" font-family="{font}">{character}</text></svg>'
)


def png_bytes(specification: Mapping[str, Any], title: str, facts: Sequence[str]) -> bytes:
    """The chart at twice its size, for screens and paper; raises ExportError without a font."""
    drawn = _printable(specification, title, facts)
    image: bytes = vl_convert.vegalite_to_png(drawn, scale=_PIXELS_PER_POINT, allowed_base_urls=[])
    return image


def svg_bytes(specification: Mapping[str, Any], title: str, facts: Sequence[str]) -> bytes:
    """The chart as SVG; raises ExportError without a font, by which its texts are laid out."""
    drawn = _printable(specification, title, facts)
    return vl_convert.vegalite_to_svg(drawn, allowed_base_urls=[]).encode()


@cache
def can_draw_chinese() -> bool:
    """Whether two characters look different: without a font both are the same box."""
    probes = {vl_convert.svg_to_png(_PROBE.format(font=_FONT, character=c)) for c in "中文"}
    return len(probes) > 1


def _printable(
    specification: Mapping[str, Any], title: str, facts: Sequence[str]
) -> dict[str, Any]:
    if not can_draw_chinese():
        raise ExportError(
            "an image needs a font with Chinese characters and this server has none; install one "
            "(Debian: apt-get install fonts-noto-cjk) and start the dashboards again."
        )
    lines = [line for fact in facts for line in textwrap.wrap(fact, _CHARACTERS_PER_LINE)]
    heading = {
        "text": textwrap.wrap(title, _CHARACTERS_PER_LINE // 2) or [""],
        "subtitle": lines,
        "anchor": "start",
        "fontSize": 16,
        "subtitleFontSize": 11,
        "subtitleColor": "#4A5560",
        "offset": 14,
    }
    config = {**specification.get("config", {}), "font": _FONT, "background": "#FFFFFF"}
    config["axis"] = {"labelFontSize": 12, "titleFontSize": 12} | config.get("axis", {})
    return {
        **specification,
        "title": heading,
        "width": _WIDTH,
        "padding": 20,
        "config": config,
        "autosize": {"type": "pad"},
    }
