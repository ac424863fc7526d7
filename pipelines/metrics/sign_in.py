"""How readers sign in (OpenID Connect), and where a dashboard may answer without it.

Not here: the exchange with the identity provider, which is Streamlit's, and what a reader may
see once they are in (`access`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
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
    issued = claims.get("iat")
    if not isinstance(issued, int | float):
        return False
    age = now - datetime.fromtimestamp(issued, tz=now.tzinfo)
    return age < timedelta(hours=settings.auth_hours)


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
