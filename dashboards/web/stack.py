"""The doors in their order, and the routes beside the app's. Each door is a module of its own."""

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route

from dashboards.web.assets import CompressedAssets
from dashboards.web.doors import Doors
from dashboards.web.headers import SecurityHeaders
from dashboards.web.health import health_route
from dashboards.web.language import PageLanguage, script_route
from dashboards.web.return_path import ReturnPath
from pipelines.metrics.sign_in import LOCAL_HOSTS, SignIn


def middleware(sign_in: SignIn | None) -> list[Middleware]:
    """The doors, the outermost first."""
    hosts = [*LOCAL_HOSTS, "[::1]", *([sign_in.host] if sign_in else [])]
    return [
        Middleware(SecurityHeaders, is_https=sign_in is not None and sign_in.is_https),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(
            Doors,
            origins=[sign_in.origin] if sign_in else [],
            is_local_only=sign_in is None,
        ),
        *([Middleware(ReturnPath, origin=sign_in.origin)] if sign_in else []),
        Middleware(CompressedAssets),
        Middleware(PageLanguage),
    ]


def routes() -> list[Route]:
    """Our own addresses."""
    return [health_route(), script_route()]
