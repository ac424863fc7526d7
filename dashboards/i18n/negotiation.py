"""Which language a reader gets: the address says, then their last choice, then the browser."""

from dashboards.i18n import DEFAULT_LANGUAGE, LANGUAGES, Language

COOKIE = "kpi_lang"


def negotiate(parameter: str | None, cookie: str | None, accept_language: str | None) -> Language:
    """The language of `?lang=`, of the cookie, or the most wanted one of `Accept-Language`."""
    wanted = [parameter, cookie, *_by_preference(accept_language or "")]
    for tag in wanted:
        for language in LANGUAGES:
            if tag == language:
                return language
    return DEFAULT_LANGUAGE


def _by_preference(accept_language: str) -> list[str]:
    """Primary subtags of the header (RFC 9110, 12.5.4), the most wanted first."""
    ranges = []
    for part in accept_language.split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        if weight > 0:
            ranges.append((weight, tag.partition("-")[0].lower()))
    return [tag for _, tag in sorted(ranges, key=lambda entry: -entry[0])]
