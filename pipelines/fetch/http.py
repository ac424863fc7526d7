"""Paged JSON of a web service: every page kept as it came, then one file of its records.

Pages are fetched first and kept with address, status and time; the extract is made from them
afterwards. A pull that was killed goes on at its next page for an hour, then it begins anew.
Here: the loop and its ends. Not here: one request (`client`), what the next one is (`paging`).
"""

import hashlib
import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.contracts.protocols import HttpFetch
from pipelines.durability import sync_file
from pipelines.errors import FetchError
from pipelines.fetch.client import TRIES, Client, Reply
from pipelines.fetch.paging import Request, first_token, next_token, request_of
from pipelines.fetch.position import order
from pipelines.fetch.pulls import Pull
from pipelines.fetch.secrets import Secrets
from pipelines.ingest.json_text import record_texts, value_at

RESUMED_WITHIN = timedelta(hours=1)
PAUSE_SECONDS = 1.0
_STARTED, _PAGES = "started.json", "pages.jsonl"
Note = dict[str, Any]


def read_pages(
    fetch: HttpFetch, secrets: Secrets, since: str | None, folder: Path, pull: Pull
) -> tuple[Pull, Path]:
    """Fetch all pages into `folder`; gives the pull and the file of its records.

    Raises FetchError: transient, and the pages so far are kept for the next try; or not, and
    they are thrown away.
    """
    pull.since = since
    started = _started(folder, pull)
    if started is not None:
        try:
            return _read(fetch, secrets, folder, started)
        except FetchError as error:
            if error.is_transient:
                raise
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _STARTED).write_text(json.dumps(_identity(pull)), "utf-8")
    try:
        return _read(fetch, secrets, folder, pull)
    except FetchError as error:
        if not error.is_transient:
            shutil.rmtree(folder)
        raise


def _identity(pull: Pull) -> Note:
    return {"pull_id": pull.pull_id, "fingerprint": pull.fingerprint, "since": pull.since}


def _started(folder: Path, pull: Pull) -> Pull | None:
    """The pull a killed process began: the same question, not long ago by any clock."""
    try:
        note = json.loads((folder / _STARTED).read_text("utf-8"))
        begun = datetime.strptime(note["pull_id"], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except (OSError, ValueError):
        return None
    is_same = note | {"pull_id": pull.pull_id} == _identity(pull)
    is_recent = timedelta(0) <= datetime.now(UTC) - begun <= RESUMED_WITHIN
    return Pull(**note) if is_same and is_recent else None


def _read(fetch: HttpFetch, secrets: Secrets, folder: Path, pull: Pull) -> tuple[Pull, Path]:
    pull.pages = _noted_pages(folder)
    token = pull.pages[-1]["next"] if pull.pages else first_token(fetch)
    client = Client(fetch, secrets)
    asked = {note["key"] for note in pull.pages}
    while token is not None:
        request = request_of(fetch, token, pull.since)
        if request.key in asked:
            raise FetchError(f"its pages go in a circle: {request.key} comes again.")
        if len(pull.pages) >= fetch.page_limit:
            raise FetchError(f"it has more than {fetch.page_limit} pages; raise maxPages.")
        asked.add(request.key)
        note = _fetch_page(fetch, secrets, client, request, folder, pull)
        pull.pages.append(note)
        token = note["next"]
    return _extract(fetch, folder, pull)


def _noted_pages(folder: Path) -> list[Note]:
    """The pages that were written whole; a note that was cut off is not one."""
    notes: list[Note] = []
    path = folder / _PAGES
    for line in path.read_text("utf-8").split("\n")[:-1] if path.exists() else ():
        notes.append(json.loads(line))
    path.write_text("".join(json.dumps(note) + "\n" for note in notes), "utf-8")
    return notes


def _fetch_page(
    fetch: HttpFetch, secrets: Secrets, client: Client, request: Request, folder: Path, pull: Pull
) -> Note:
    """Get one page, keep it, then note it."""
    reply, text, records = _whole_page(fetch, secrets, client, request)
    page = json.loads(text)
    seen = sum(int(note["records"]) for note in pull.pages) + records
    file = folder / f"page_{len(pull.pages) + 1:06d}.json"
    file.write_text(text, "utf-8", newline="")
    sync_file(file)
    total = value_at(page, fetch.paging.total) if fetch.paging.total else None
    note = {
        "file": file.name,
        "key": request.key,
        "url": request.shown,
        "status": reply.status,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "records": records,
        "total": total,
        "next": secrets.take_out_of(
            next_token(fetch, request, page, reply.link, records, seen) or ""
        )
        or None,
    }
    with (folder / _PAGES).open("a", encoding="utf-8") as notes:
        notes.write(json.dumps(note, ensure_ascii=False) + "\n")
    return note


def _whole_page(
    fetch: HttpFetch, secrets: Secrets, client: Client, request: Request
) -> tuple[Reply, str, int]:
    """The reply, its text without secrets and the number of its records.

    A body that ends too soon without ever having had a length looks like a whole one: what is no
    JSON is asked for again.
    """
    for attempt in range(1, TRIES + 1):
        reply = client.get(request)
        text = secrets.take_out_of(reply.text)
        try:
            json.loads(text)
            return reply, text, sum(1 for _ in record_texts(text, fetch.records))
        except (ValueError, IndexError) as error:
            if attempt == TRIES:
                raise FetchError(
                    f"{request.shown} must give JSON with records at '{fetch.records}', but "
                    f"{error}; it begins {text[:60]!r}.",
                ) from None
            time.sleep(PAUSE_SECONDS * attempt)
    raise AssertionError("the last try returns or raises")


def _extract(fetch: HttpFetch, folder: Path, pull: Pull) -> tuple[Pull, Path]:
    """One file of the records of all pages, in their order.

    A record that stands on an earlier page already is left out and counted: pages move while
    they are read. Then another one was missed, which the total tells.
    """
    target, earlier, cursors = folder / "extract.jsonl", set[bytes](), list[str]()
    pull.rows = pull.repeated = 0
    with target.open("w", encoding="utf-8", newline="") as stream:
        for note in pull.pages:
            page = set[bytes]()
            text = (folder / note["file"]).read_text("utf-8")
            for record in record_texts(text, fetch.records):
                digest = hashlib.blake2b(record.encode(), digest_size=16).digest()
                if digest in earlier:
                    pull.repeated += 1
                    continue
                page.add(digest)
                stream.write(record + "\n")
                pull.rows += 1
                if fetch.cursor:
                    value = value_at(json.loads(record), fetch.cursor.name)
                    cursors = [max([*cursors, str(value)], key=order)] if value else cursors
            earlier |= page
    total = pull.pages[-1]["total"] if pull.pages else None
    if total is not None and int(total) != pull.rows:
        raise FetchError(
            f"it says it has {total} records but gave {pull.rows} different ones (and "
            f"{pull.repeated} again); nothing was landed, the next pull begins anew."
        )
    pull.cursor = cursors[0] if cursors else None
    for name in (_STARTED, _PAGES):
        (folder / name).unlink(missing_ok=True)
    return pull, target
