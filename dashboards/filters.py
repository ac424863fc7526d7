"""Filters of a page, held in the URL as stable ids: reading and writing, no widgets.

Parameters: lang, p (period), cmp (comparison), grain, hrs (hours basis), one per dimension whose
value is a comma-separated list of member ids, and a page's own: m (metric), by (dimension), id
(record), q (saved query), tab (part of the page). What does not parse falls back to the default.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from dashboards.i18n import DEFAULT_LANGUAGE, LANGUAGES, Language
from dashboards.periods import DEFAULT_PRESET, resolve

DIMENSIONS: dict[str, str] = {
    "site": "site",
    "team": "team",
    "svc": "service",
    "ch": "channel",
    "pri": "priority",
    "tier": "customer_tier",
    "type": "ticket_type",
}
COMPARISONS = ("prev", "yoy", "target", "none")
GRAINS = ("auto", "day", "week", "month")
HOURS = ("business", "calendar")
OWN = ("m", "by", "id", "q", "tab")
_SOME_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class Filters:
    """What the reader chose; `members` holds ids by dimension, none where empty.

    `own` is what only the open page understands: links to other pages leave it out.
    """

    language: Language = DEFAULT_LANGUAGE
    period: str = DEFAULT_PRESET
    comparison: str = "prev"
    grain: str = "auto"
    hours: str = "business"
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)

    def to_params(self) -> dict[str, str]:
        """URL parameters; defaults are left out so that links stay short."""
        default = Filters()
        params: dict[str, str] = {"lang": self.language}
        for name, value, usual in (
            ("p", self.period, default.period),
            ("cmp", self.comparison, default.comparison),
            ("grain", self.grain, default.grain),
            ("hrs", self.hours, default.hours),
        ):
            if value != usual:
                params[name] = value
        for name, dimension in DIMENSIONS.items():
            if self.members.get(dimension):
                params[name] = ",".join(self.members[dimension])
        return params | dict(self.own)

    def linked(self, **own: str) -> dict[str, str]:
        """URL parameters of another page, which gets parameters of its own."""
        return replace(self, own=own).to_params()

    def with_members(self, dimension: str, ids: Iterable[str]) -> "Filters":
        return replace(self, members={**self.members, dimension: tuple(ids)})


def from_params(params: Mapping[str, Any], language: Language = DEFAULT_LANGUAGE) -> Filters:
    """Filters of a URL; unknown values fall back to the default, no language to `language`."""
    wanted = params.get("lang")
    period = params.get("p", DEFAULT_PRESET)
    return Filters(
        language=wanted if wanted in LANGUAGES else language,
        period=period if resolve(period, _SOME_DAY) else DEFAULT_PRESET,
        comparison=_one_of(params.get("cmp"), COMPARISONS),
        grain=_one_of(params.get("grain"), GRAINS),
        hours=_one_of(params.get("hrs"), HOURS),
        members={
            dimension: tuple(dict.fromkeys(i for i in params[name].split(",") if i))
            for name, dimension in DIMENSIONS.items()
            if params.get(name)
        },
        own={name: params[name] for name in OWN if params.get(name)},
    )


def _one_of(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else allowed[0]
