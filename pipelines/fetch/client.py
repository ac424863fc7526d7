"""One GET request at a time: secrets put in, retried with growing pauses, never too often.

urllib3's own `Retry` covers all that passes by itself - refused and broken connections, time-outs,
a body that ends too soon, 429 and 503 with their `Retry-After`. Redirects are not followed: they
would carry secrets to places the contract does not name.
"""

import time
from dataclasses import dataclass

import urllib3
from urllib3.util import Retry, Timeout

from pipelines.contracts.protocols import HttpFetch
from pipelines.errors import FetchError
from pipelines.fetch.paging import Request, with_parameters
from pipelines.fetch.secrets import Secrets

TRIES = 5
PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 300
_PASSING = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Reply:
    """A page as text, its status and its `Link` header."""

    text: str
    status: int
    link: str


class Client:
    """Asks one web service."""

    def __init__(self, fetch: HttpFetch, secrets: Secrets) -> None:
        self._secrets = secrets
        self._pause = 60 / fetch.requests_per_minute if fetch.requests_per_minute else 0.0
        self._free_at = 0.0
        headers = {name: secrets.put_into(value) for name, value in fetch.headers.items()}
        retries = Retry(
            total=TRIES,
            status_forcelist=_PASSING,
            backoff_factor=PAUSE_SECONDS,
            backoff_jitter=PAUSE_SECONDS,
            retry_after_max=LONGEST_PAUSE_SECONDS,
        )
        timeout = Timeout(connect=fetch.timeout_seconds, read=fetch.timeout_seconds)
        agent = {"Accept": "application/json", "User-Agent": "service-kpi-warehouse"}
        self._pool = urllib3.PoolManager(headers=agent | headers, retries=retries, timeout=timeout)

    def get(self, request: Request) -> Reply:
        """The page. Raises FetchError, transient where another try may help."""
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        parameters = tuple((n, self._secrets.put_into(v)) for n, v in request.parameters)
        address = with_parameters(self._secrets.put_into(request.url, True), parameters)
        try:
            response = self._pool.request("GET", address, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            reason = getattr(error, "reason", None) or error
            told = self._secrets.take_out_of(f"{type(reason).__name__}: {reason}")
            raise FetchError(
                f"{request.shown} gave no whole answer in {TRIES + 1} tries ({told}).", True
            ) from None
        self._free_at = time.monotonic() + self._pause
        if response.status != 200:
            what = "check the secret" if response.status in (401, 403) else "check the address"
            raise FetchError(f"{request.shown} answers {response.status}; {what}.")
        try:
            text = response.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FetchError(f"{request.shown} is not UTF-8: byte {error.start}.") from None
        return Reply(text, response.status, response.headers.get("Link", ""))
