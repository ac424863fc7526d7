"""Streamlit's scripts and styles, compressed once and kept: 5.5 MB of a first visit become 1.8.

Streamlit leaves this to a proxy; without one every first visit would carry it all.
"""

import asyncio
import gzip
import mimetypes
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

_SUFFIXES = {".js", ".css", ".svg", ".wasm"}


class CompressedAssets:
    """Answers requests for Streamlit's hashed files from a cache of compressed ones."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        root = Path(file_util.get_static_dir())
        files = (path for path in (root / "static").rglob("*") if path.suffix in _SUFFIXES)
        self._files = {f"/{path.relative_to(root).as_posix()}": path for path in files}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._files.get(scope["path"]) if scope["type"] == "http" else None
        wants_gzip = path and "gzip" in Headers(scope=scope).get("accept-encoding", "")
        if path is None or not wants_gzip or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        response = Response(
            await asyncio.to_thread(_compressed, path),
            media_type=mimetypes.guess_type(path.name)[0],
            headers={
                "Content-Encoding": "gzip",
                "Vary": "Accept-Encoding",
                "Cache-Control": "public, immutable, max-age=31536000",
            },
        )
        await response(scope, receive, send)


@cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=6)
