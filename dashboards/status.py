"""The state of the snapshot as short badges: data time, run, checks, refusals, simulation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from dashboards.data import View


@dataclass(frozen=True)
class Badge:
    """One word on the status line; grey is fine, orange asks for a look."""

    text: str
    colour: Literal["gray", "orange", "blue"] = "gray"


def local_time(view: View, instant: datetime) -> str:
    """A UTC instant in the time zone of the installation."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo("UTC"))
    return f"{aware.astimezone(ZoneInfo(view.store.timezone)):%Y-%m-%d %H:%M}"


def badges(view: View, has_period: bool, is_short: bool) -> list[Badge]:
    """What a reader must know before trusting a figure."""
    texts, snapshot = view.texts, view.store.snapshot
    found = [Badge(texts("status.as_of", time=local_time(view, snapshot.as_of)))]
    if view.store.status.is_simulated:
        found.append(Badge(texts("status.simulated"), "blue"))
    if has_period and view.period.end > view.last_day:
        found.append(Badge(texts("status.partial"), "orange"))
    published = texts("status.published", time=local_time(view, snapshot.published_at))
    found += [Badge(published), *_failed_run(view), *_checks(view), *_refused(view)]
    shown_id = snapshot.id.rsplit("-", 1)[-1] if is_short else snapshot.id
    found.append(Badge(texts("status.snapshot", id=shown_id)))
    return found


def _checks(view: View) -> list[Badge]:
    unmet = view.store.status.unmet
    if not unmet:
        return [Badge(view.texts("status.checks_met", count=view.store.status.checks_count))]
    return [
        Badge(view.texts(f"status.checks_{severity}", count=count), "orange")
        for severity, count in sorted(unmet.items())
    ]


def _failed_run(view: View) -> list[Badge]:
    started_at = view.store.failed_run_started_at()
    if started_at is None:
        return []
    return [Badge(view.texts("status.run_failed", time=local_time(view, started_at)), "orange")]


def _refused(view: View) -> list[Badge]:
    refused = view.store.status.refused_count
    return [Badge(view.texts("status.refused", count=refused), "orange")] if refused else []
