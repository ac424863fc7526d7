"""What stands behind a web address: a file, or the first page of a service and how it pages.

How a service pages is guessed from names its first page uses; a draft asks a person to look.
Here: one request and the guess. Not here: fetching the pages (`pipelines.fetch`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import urllib3

from pipelines.contracts.protocols import HttpFetch, Paging
from pipelines.errors import SampleError
from pipelines.fetch.paging import linked_address
from pipelines.fetch.secrets import Secrets
from pipelines.ingest.json_text import value_at

_LARGEST_BYTES = 1 << 30
_SECONDS = 60.0
_CHUNK_BYTES = 1 << 20
# Objects that services keep the paging in; the page itself first.
_PLACES = ("", "meta.", "paging.", "pagination.", "links.", "_links.", "response_metadata.")
_NEXT_LINKS = (
    "next", "next_url", "nextUrl", "next_link", "nextLink", "next_page", "next.href",
    "/@odata.nextLink",
)  # fmt: skip
_CURSORS = {
    "next_cursor": "cursor",
    "nextCursor": "cursor",
    "next_page_token": "page_token",
    "nextPageToken": "pageToken",
    "next": "cursor",
    "after": "after",
}
_MORE = ("has_more", "hasMore", "has_next", "hasNext", "more")
_TOTALS = ("total", "total_count", "totalCount", "total_results", "totalElements",
           "/@odata.count")  # fmt: skip
_PAGE_NUMBERS = ("page", "page_number", "pageNumber", "p")
_OFFSETS = ("offset", "start", "startAt", "skip", "sysparm_offset")


@dataclass(frozen=True)
class Answer:
    """A downloaded body and the `Link` header it came with."""

    path: Path
    link: str


def get(url: str, headers: Mapping[str, str], secrets: Secrets, folder: Path) -> Answer:
    """The body behind an address, up to a gibibyte. Raises SampleError, FetchError.

    Redirects are followed only where no header was given: they would carry it elsewhere.
    """
    target = folder / (Path(urlsplit(url).path).name or "download")
    address = secrets.put_into(url, is_address=True)
    sent = {name: secrets.put_into(value) for name, value in headers.items()}
    try:
        with urllib3.PoolManager(timeout=_SECONDS) as pool:
            response = pool.request(
                "GET", address, headers=sent, redirect=not headers, preload_content=False
            )
            if response.status != 200:
                raise SampleError(f"{url} answers {response.status}; check address and headers.")
            with target.open("wb") as file:
                for chunk in response.stream(_CHUNK_BYTES):
                    file.write(chunk)
                    if file.tell() > _LARGEST_BYTES:
                        raise SampleError(f"{url} is larger than {_LARGEST_BYTES:,} bytes; cut it.")
    except urllib3.exceptions.HTTPError as error:
        told = secrets.take_out_of(str(error))
        raise SampleError(f"{url} cannot be downloaded: {told}.") from error
    return Answer(target, response.headers.get("Link", ""))


def guess_fetch(
    url: str, headers: Mapping[str, str], page: Any, link: str, records: str
) -> HttpFetch:
    """What a contract would say to fetch all pages of which this is the first."""
    bare, asked = url.partition("?")[0], parse_qsl(urlsplit(url).query)
    fetch = HttpFetch(url, records=records, headers=headers)
    told = Paging(has_more=_found(page, _MORE), total=_found(page, _TOTALS))
    next_link = _found(page, _NEXT_LINKS, is_address=True)
    cursor = _found(page, tuple(_CURSORS), is_address=False)
    if next_link or linked_address(link):
        return replace(fetch, paging=replace(told, style="link", next=next_link))
    if cursor:
        parameter = _CURSORS[cursor.rpartition(".")[2]]
        return replace(
            fetch, paging=replace(told, style="cursor", parameter=parameter, next=cursor)
        )
    for style, names in (("page", _PAGE_NUMBERS), ("offset", _OFFSETS)):
        for name, value in asked:
            if name in names:
                rest = urlencode([pair for pair in asked if pair[0] != name])
                first = int(value) if style == "page" and value.isdigit() else 1
                paging = replace(told, style=style, parameter=name, first=first)
                return replace(fetch, url=f"{bare}?{rest}" if rest else bare, paging=paging)
    return fetch


def _found(page: Any, names: Sequence[str], is_address: bool | None = None) -> str:
    """The path of the first name that a page has with a value of that kind; else empty."""
    for place in _PLACES:
        for name in names:
            value = value_at(page, f"{place}{name}")
            if value in (None, "", [], {}) or isinstance(value, dict | list):
                continue
            if is_address is None or is_address == ("/" in str(value)):
                return f"{place}{name}"
    return ""
