"""Which request gives the next page, in each of the ways web services page.

Here: tokens - a page's number, an offset, a cursor, an address - and the requests made of them.
Not here: sending them.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from pipelines.contracts.protocols import HttpFetch
from pipelines.errors import FetchError
from pipelines.ingest.json_text import value_at

_NEXT_LINK = re.compile(r'<([^>]*)>\s*;[^,]*?\brel="?next"?', re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """An address and parameters, both with the names of secrets, not their values."""

    key: str
    url: str
    parameters: tuple[tuple[str, str], ...]
    token: str

    @property
    def shown(self) -> str:
        """The whole address without any secret."""
        return with_parameters(self.url, self.parameters, safe="${}")


def linked_address(link: str) -> str | None:
    """The next page's address in a `Link` header; None where it names none."""
    match = _NEXT_LINK.search(link)
    return match.group(1) if match else None


def with_parameters(url: str, parameters: tuple[tuple[str, str], ...], safe: str = "") -> str:
    if not parameters:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters, safe=safe)}"


def first_token(fetch: HttpFetch) -> str:
    """Empty where the first page needs no token."""
    first = {"page": str(fetch.paging.first), "offset": "0"}
    return first.get(fetch.paging.style, "")


def request_of(fetch: HttpFetch, token: str, since: str | None) -> Request:
    """The request a token stands for; its key is the same whenever the page is asked for."""
    paging = fetch.paging
    if paging.style == "link" and token:
        return Request(token, token, (), token)
    parameters = dict(fetch.parameters)
    if fetch.cursor and since is not None:
        parameters[fetch.cursor.parameter] = since
    if paging.size_parameter and paging.size:
        parameters[paging.size_parameter] = str(paging.size)
    if token:
        parameters[paging.parameter] = token
    key = f"{paging.parameter}={token}" if token else "the first page"
    return Request(key, fetch.url, tuple(parameters.items()), token)


def next_token(
    fetch: HttpFetch, request: Request, page: Any, link: str, records: int, seen: int
) -> str | None:
    """The token after a page with `records` records, `seen` so far; None after the last page.

    A page shorter than asked for is no proof of the end: services cap the size of a page.
    """
    paging = fetch.paging
    has_more = value_at(page, paging.has_more) if paging.has_more else None
    if paging.style == "none" or has_more is False:
        return None
    if paging.style in ("cursor", "link"):
        token = _told(fetch, request, page, link)
        if token is None and has_more:
            raise FetchError(f"{request.shown} says there is more, but not where; see `next`.")
        return token
    total = value_at(page, paging.total) if paging.total else None
    if records == 0 or (not has_more and total is not None and seen >= int(total)):
        return None
    return str(int(request.token) + (1 if paging.style == "page" else records))


def _told(fetch: HttpFetch, request: Request, page: Any, link: str) -> str | None:
    """The cursor or address the page tells; an address must be on the same server."""
    value = value_at(page, fetch.paging.next) if fetch.paging.next else None
    if fetch.paging.style == "cursor":
        return str(value) if value not in (None, "", False) else None
    if not fetch.paging.next:
        value = linked_address(link)
    if not value:
        return None
    address = urljoin(request.url, str(value))
    if urlsplit(address)[:2] != urlsplit(fetch.url)[:2]:
        raise FetchError(f"the next page is said to be on another server ({address}); refused.")
    return address
