"""How readers sign in (OpenID Connect), and where a dashboard may answer without it.

Not here: the exchange with the identity provider, which is Streamlit's, and what a reader may
see once they are in (`access`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Lock
from urllib.parse import urlsplit

from pydantic import SecretStr

from pipelines.errors import SignInError
from pipelines.settings import Settings

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
_FIELDS = ("metadata_url", "client_id", "client_secret", "redirect_uri", "cookie_secret")
_CALLBACK = "/oauth2callback"
_LEAST_SECRET_LENGTH = 32


@dataclass(frozen=True)
class SignIn:
    """A client of an identity provider, and the secret that signs the cookies of its users."""

    metadata_url: str
    client_id: str
    client_secret: SecretStr
    redirect_uri: str
    cookie_secret: SecretStr

    @property
    def origin(self) -> str:
        """Scheme, host and port at which readers open the dashboard."""
        address = urlsplit(self.redirect_uri)
        return f"{address.scheme}://{address.netloc}"

    @property
    def host(self) -> str:
        return urlsplit(self.redirect_uri).hostname or ""

    @property
    def is_https(self) -> bool:
        return self.redirect_uri.startswith("https://")


def sign_in_of(settings: Settings) -> SignIn | None:
    """The configured client, None without one; raises SignInError where it is not whole."""
    values = {field: getattr(settings, f"auth_{field}") for field in _FIELDS}
    missing = [f"KPI_AUTH_{field.upper()}" for field, value in values.items() if not value]
    if len(missing) == len(_FIELDS):
        return None
    if missing:
        raise SignInError(
            f"sign-in is configured in part: {', '.join(missing)} missing; "
            "docs/access.md names all."
        )
    sign_in = SignIn(**values)
    if not sign_in.redirect_uri.endswith(_CALLBACK):
        raise SignInError(f"KPI_AUTH_REDIRECT_URI must end with {_CALLBACK}.")
    if not sign_in.is_https and sign_in.host not in LOCAL_HOSTS:
        raise SignInError(
            "KPI_AUTH_REDIRECT_URI must begin with https://; over http a sign-in can be stolen."
        )
    if len(sign_in.cookie_secret.get_secret_value()) < _LEAST_SECRET_LENGTH:
        raise SignInError(
            f"KPI_AUTH_COOKIE_SECRET is shorter than {_LEAST_SECRET_LENGTH} characters; "
            "`openssl rand -hex 32` makes one."
        )
    return sign_in


def is_local(address: str | None) -> bool:
    """Whether only this machine reaches a server at `address`; None means every address."""
    if address is None or address in LOCAL_HOSTS:
        return address is not None
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def check_address(settings: Settings, address: str | None) -> None:
    """Raise SignInError where others could reach a dashboard that asks nobody to sign in."""
    if sign_in_of(settings) is None and not is_local(address):
        raise SignInError(
            f"a dashboard on {address or 'every address'} needs sign-in, because others reach it: "
            "set KPI_AUTH_* as docs/access.md shows, or leave it on 127.0.0.1."
        )


def is_fresh(settings: Settings, claims: Mapping[str, object], now: datetime) -> bool:
    """Whether a sign-in, by the time its token was issued, is still good at `now`."""
    issued_at = _issued_at(claims)
    return issued_at is not None and now - issued_at < timedelta(hours=settings.auth_hours)


class Uses:
    """When each sign-in was last used, as far as this process knows.

    A page lives on a socket, over which no cookie can be renewed. A sign-in not seen here was
    last used when its token was issued: a restart may end it, and never prolongs it.
    """

    def __init__(self) -> None:
        self._used_at: dict[tuple[object, object], datetime] = {}
        self._lock = Lock()

    def is_idle(self, settings: Settings, claims: Mapping[str, object], now: datetime) -> bool:
        """Whether a sign-in went without use for so long that it has ended at `now`."""
        used_at = self._used_at.get(_key_of(claims)) or _issued_at(claims)
        return used_at is None or now - used_at >= _idle(settings)

    def note(self, settings: Settings, claims: Mapping[str, object], now: datetime) -> None:
        """Note a use; what has ended is forgotten, because its token is older still."""
        with self._lock:
            kept = {k: at for k, at in self._used_at.items() if now - at < _idle(settings)}
            self._used_at = kept | {_key_of(claims): now}


def _key_of(claims: Mapping[str, object]) -> tuple[object, object]:
    return claims.get("sub"), claims.get("iat")


def _idle(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.auth_idle_minutes)


def _issued_at(claims: Mapping[str, object]) -> datetime | None:
    issued = claims.get("iat")
    return datetime.fromtimestamp(issued, UTC) if isinstance(issued, int | float) else None


def user_of(claims: Mapping[str, object]) -> str:
    """What `access.yaml` calls the user: the e-mail address unless it is unverified, else `sub`."""
    email = claims.get("email")
    if isinstance(email, str) and email and claims.get("email_verified") is not False:
        return email
    return str(claims.get("sub", ""))


def groups_of(settings: Settings, claims: Mapping[str, object]) -> tuple[str, ...]:
    """The groups the identity provider names; none where the claim is missing."""
    found = claims.get(settings.groups_claim)
    if isinstance(found, str):
        return (found,)
    return tuple(str(group) for group in found) if isinstance(found, list | tuple) else ()
