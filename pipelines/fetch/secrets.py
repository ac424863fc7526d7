"""Secrets of the environment put where a contract names them, and kept out of everything else."""

import json
import re
from urllib.parse import quote, quote_plus

from pipelines.errors import FetchError
from pipelines.settings import Settings

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
# Shorter texts stand in honest data as well; nobody should have such a secret.
_SHORTEST_SCRUBBED = 6


class Secrets:
    """Puts values of variables into texts and remembers them, to take them out of others."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._used: dict[str, str] = {}

    def put_into(self, text: str, is_address: bool = False) -> str:
        """The text with the values of its variables, quoted in an address.

        Raises FetchError where one is not set.
        """

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            secret = self._settings.secret(name)
            if not secret:
                raise FetchError(f"its contract names ${{{name}}}, which is not set; set {name}.")
            self._used[name] = secret
            return quote(secret, safe="") if is_address else secret

        return _VARIABLE.sub(value, text)

    def take_out_of(self, text: str) -> str:
        """The text with the names of variables for their values, plain or quoted."""
        for name, secret in self._used.items():
            if len(secret) >= _SHORTEST_SCRUBBED:
                quoted = (quote(secret, safe=""), quote(secret), quote_plus(secret))
                for form in (secret, *quoted, json.dumps(secret)[1:-1]):
                    text = text.replace(form, f"${{{name}}}")
        return text
