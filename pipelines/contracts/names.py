"""How two header names are compared, by the contract check and by the readers alike."""

import unicodedata


def folded(name: str) -> str:
    """A header without the differences people do not see: width, case, outer space."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
