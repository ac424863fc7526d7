"""A web service on this machine that pages in five ways and fails when it is told to."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PAGE_SIZE = 3
Fault = Callable[["Handler"], None]


class Service(ThreadingHTTPServer):
    """Serves `records`; the next requests meet the `faults`, one each, None being none."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.records: list[dict[str, object]] = []
        self.faults: list[Fault | None] = []
        self.asked: list[dict[str, str]] = []
        self.headers_seen: list[dict[str, str]] = []
        self.change: Callable[[dict[str, Any]], object] = lambda page: None
        self.on_request: Callable[[], object] = lambda: None
        self.has_link_header = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One request; the path is the way of paging."""

    server: Service
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = dict(parse_qsl(address.query))
        self.server.asked.append(asked)
        self.server.headers_seen.append(dict(self.headers))
        self.server.on_request()
        fault = self.server.faults.pop(0) if self.server.faults else None
        if fault is not None:
            fault(self)
            return
        records = self.server.records
        if "since" in asked:
            records = [r for r in records if str(r["changed"]) >= asked["since"]]
        start = self._start(address.path, asked)
        some, following = records[start : start + PAGE_SIZE], start + PAGE_SIZE
        page: dict[str, Any] = {"data": {"items": some}, "total": len(records)}
        page["@odata.count"] = len(records)
        page["more"] = following < len(records)
        headers: dict[str, str] = {}
        if page["more"]:
            page["next"] = f"c{following}"
            again = address.query.replace(f"start={start}", "").strip("&")
            page["next_url"] = f"/link?start={following}{f'&{again}' if again else ''}"
            page["@odata.nextLink"] = page["next_url"]
            link = f'</link?start=0>; rel="first", <{page["next_url"]}>; rel="next"'
            headers |= {"Link": link} if self.server.has_link_header else {}
        self.server.change(page)
        self.answer(200, json.dumps(page, ensure_ascii=False, indent=1).encode(), **headers)

    def _start(self, path: str, asked: dict[str, str]) -> int:
        match path:
            case "/page":
                return (int(asked["page"]) - 1) * PAGE_SIZE
            case "/offset":
                return int(asked["start"])
            case "/cursor":
                return int(asked.get("after", "c0")[1:])
        return int(asked.get("start", 0))

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the caller was killed
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def status(code: int, body: bytes = b"{}", **headers: str) -> Fault:
    return lambda handler: handler.answer(code, body, **headers)


def broken_connection(handler: Handler) -> None:
    handler.close_connection = True


def cut_body(handler: Handler) -> None:
    """Promises more than it sends, then hangs up."""
    _send_half(handler, "Content-Length", "5000")


def silent_cut(handler: Handler) -> None:
    """Hangs up in the middle without ever having said how much would come."""
    _send_half(handler, "Connection", "close")


def _send_half(handler: Handler, header: str, value: str) -> None:
    handler.send_response(200)
    handler.send_header(header, value)
    handler.end_headers()
    handler.wfile.write(b'{"data": {"items": [{"a"')
    handler.close_connection = True


def no_answer(handler: Handler) -> None:
    """Keeps the caller waiting longer than it waits."""
    threading.Event().wait(1.5)
    handler.close_connection = True


@contextmanager
def running_service() -> Iterator[Service]:
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()
