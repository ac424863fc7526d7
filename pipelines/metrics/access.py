"""Who may see what: roles, the reader's scope, and whom an installation lets in.

`roles.yaml` beside this file says what a role may do; `access.yaml` in the home says who has it
and for which members. Nobody else is let in. Not here: applying a scope (`scoped`).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import AccessError
from pipelines.settings import Settings

SCOPES = ("site", "team", "customer_tier", "source")
_ROLES = Path(__file__).with_name("roles.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(_Strict):
    """What a role may do; `roles.yaml` explains the fields."""

    name: str
    pages: tuple[str, ...]
    rows: Literal["none", "own", "scope"]
    people: Literal["none", "own", "team"]
    sql: bool
    export_rows: int


class Reader(_Strict):
    """One person who asks: role, and the members they may see by dimension (none: all of them)."""

    id: str
    role: Role
    scope: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    agent: str | None = None

    def may_open(self, page: str) -> bool:
        """Whether the page of this URL path is the reader's; SQL would leave any scope behind."""
        if page == "sql" and (not self.role.sql or self.scope):
            return False
        return page in self.role.pages


class _Grant(_Strict):
    """One entry of `access.yaml`: a group or a user, a role, a scope."""

    group: str | None = None
    user: str | None = None
    role: str
    scope: Literal["everything"] | dict[str, tuple[str, ...]]
    agent: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "_Grant":
        if (self.group is None) == (self.user is None):
            raise ValueError("give either `group` or `user`")
        if self.role not in roles():
            raise ValueError(f"role '{self.role}' is none of {', '.join(roles())}")
        if not self.scope:
            raise ValueError("`scope` is empty; name members, or write `scope: everything`")
        if self.scope != "everything":
            unknown = sorted(set(self.scope) - set(SCOPES))
            if unknown or not all(self.scope.values()):
                raise ValueError(f"`scope` takes members of {', '.join(SCOPES)}")
        role = roles()[self.role]
        if "own" in (role.rows, role.people) and (self.user is None or self.agent is None):
            raise ValueError(f"role '{self.role}' is one person's: give `user` and `agent`")
        return self

    def fits(self, user: str, groups: Sequence[str]) -> bool:
        return self.user == user if self.user is not None else self.group in groups


class _Access(_Strict):
    readers: tuple[_Grant, ...]


@cache
def roles() -> dict[str, Role]:
    """All roles by name."""
    entries: dict[str, Any] = yaml.safe_load(_ROLES.read_text(encoding="utf-8"))
    return {name: Role(name=name, **entry) for name, entry in entries.items()}


def local_reader() -> Reader:
    """The one reader of a dashboard that answers on this machine only."""
    return Reader(id="local", role=roles()["admin"])


def stranger(user: str) -> Reader:
    """Someone who signed in and whom nobody let in: nothing opens; the access log names them."""
    nothing = Role(name="none", pages=(), rows="none", people="none", sql=False, export_rows=0)
    return Reader(id=user, role=nothing)


def reader_of(settings: Settings, user: str, groups: Sequence[str]) -> Reader:
    """The reader whom the identity provider calls `user`, by the first entry that fits.

    Raises AccessError where none does, or where `access.yaml` is missing or wrong.
    """
    for grant in _read(settings.access_path).readers:
        if grant.fits(user, groups):
            return Reader(
                id=user,
                role=roles()[grant.role],
                scope={} if grant.scope == "everything" else grant.scope,
                agent=grant.agent,
            )
    raise AccessError(
        f"nobody let '{user}' in: {settings.access_path} has no entry for this user or for a "
        "group of theirs; an administrator adds one."
    )


def _read(path: Path) -> _Access:
    if not path.exists():
        raise AccessError(f"{path} does not exist, so nobody is let in; docs/access.md shows one.")
    try:
        return _Access.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise AccessError(f"{path} cannot be used, so nobody is let in: {error}") from error
