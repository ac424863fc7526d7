"""YAML as a person would write it: short lines, comments where something must be decided."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

DECIDE_MARK = "# decide: "


def flow(value: str | bool | int | Sequence[str] | Mapping[str, str]) -> str:
    """A scalar, a list or a map in one line, quoted where it must be."""
    listed = yaml.safe_dump(
        [value if isinstance(value, str | bool | int | dict) else list(value)],
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=10_000,
    ).strip()
    return listed[1:-1]


def remark(text: str) -> str:
    return f"  # {' '.join(text.split())}" if text else ""


def decide(text: str) -> str:
    return f"  {DECIDE_MARK}{' '.join(text.split())}"


def custom(name: str, value: Any, comment: str = "", indent: int = 10) -> str:
    """A custom property in one line."""
    return f"{' ' * indent}- {{property: {name}, value: {flow(value)}}}{comment}"


def pairs(name: str, values: Mapping[str, str], comments: Mapping[str, str]) -> list[str]:
    """A custom property that is a map, one line per pair."""
    lines = [f"          - property: {name}", "            value:"]
    for key, value in values.items():
        comment = comments.get(key, "")
        lines.append(f"              {flow(key)}: {flow(value)}{comment}")
    return lines
