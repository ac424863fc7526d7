"""Published worked examples as their files write them, and their events as the contracts do."""

import json
from pathlib import Path
from typing import Any

from tests.reference.examples import utc


def oracle(folder: Path, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return document


def event_row(ticket_id: str, event: list[str]) -> dict[str, Any]:
    kinds = {"created": "created", "status": "status_changed"}
    row: dict[str, Any] = {"ticket_id": ticket_id, "event_at": utc(event[1])}
    if event[0] == "comment":
        is_public = event[3] == "public"
        kind = "public_reply" if event[2] == "agent" else "requester_reply"
        return row | {"event_type": kind if is_public else "internal_note", "actor_type": event[2]}
    row["event_type"] = kinds[event[0]]
    if event[0] == "created":
        return row | {"actor_type": event[2]}
    return row | {"status": {"hold": "on_hold"}.get(event[2], event[2])}
