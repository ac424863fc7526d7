"""Security headers on every answer. Not here: who is let in, and which paths are closed."""

from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What Streamlit needs beyond its own files: style elements written at run time (emotion),
# images made in the page (charts, cursors of tables), workers made from them.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "frame-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Filters are in the address; no other site is told.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class SecurityHeaders:
    """Adds the headers; where readers come over https, HSTS and `Secure` cookies as well."""

    app: ASGIApp
    is_https: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                headers.update(HEADERS)
                if self.is_https:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
                message = {**message, "headers": _secured(headers.raw, self.is_https)}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _secured(headers: list[tuple[bytes, bytes]], is_https: bool) -> list[tuple[bytes, bytes]]:
    """Headers whose cookies go over https only; Streamlit leaves that to the proxy."""
    return [
        (name, value + b"; Secure")
        if is_https and name == b"set-cookie" and b"secure" not in value.lower()
        else (name, value)
        for name, value in headers
    ]
