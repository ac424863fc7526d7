"""WCAG 2.2 AA by axe-core, less a named list of defects that are not ours to repair."""

from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}


@dataclass(frozen=True)
class Allowed:
    """A defect of a library: the rule it breaks, on which elements, and why it stays."""

    rule: str
    selector: str
    reason: str


ALLOWED = (
    Allowed(
        "svg-img-alt",
        "g.role-mark[role=graphics-symbol]:empty",
        "Vega gives a group of marks a role even when it draws none (points shown on hover); "
        "the chart itself has a name and a summary.",
    ),
)


def defects(page: Page) -> list[str]:
    """Rule and element of everything that breaks WCAG and is not on the list."""
    found = Axe().run(page, options=_OPTIONS).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"]
        if not any(
            allowed.rule == violation["id"] and _matches(page, node["target"][0], allowed.selector)
            for allowed in ALLOWED
        )
    ]


def _matches(page: Page, target: str, selector: str) -> bool:
    is_match: bool = page.evaluate(
        "([target, selector]) => document.querySelector(target)?.matches(selector) ?? false",
        [target, selector],
    )
    return is_match
