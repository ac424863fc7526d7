"""Which header of a sample is which column of an entity, by name first and by content second.

The pairs with the greatest sum of weights are taken, each header and column once: so `category`
with `subcategory` beside it becomes the service, and alone it is the category.
"""

from collections.abc import Mapping, Sequence

from pipelines.contracts import Column, EntityContract
from pipelines.sourcing.profile import Profile
from pipelines.sourcing.words import MOST_WORDS, has_values, normal, parts, sure_share

_NAME, _LABEL, _FIRST_SYNONYM, _LAST_SYNONYM, _PART = 100, 98, 95, 60, 40
_MOST_WORDS_UNKNOWN = 12


def guess_mapping(entity: EntityContract, profiles: Mapping[str, Profile]) -> dict[str, str]:
    """Header by column name, in the order of the entity's columns."""
    headers = [header for header, profile in profiles.items() if profile.filled]
    weights = [
        [_weight(column, profiles[header]) for header in headers] for column in entity.columns
    ]
    found = {
        column.name: headers[place]
        for column, place in zip(entity.columns, _assigned(weights), strict=True)
        if place is not None
    }
    for column in entity.columns:
        if column.name not in found and column.substitute in found:
            found[column.name] = found.pop(column.substitute)
    return found


def name_weight(column: Column, header: str) -> int:
    """How surely the header is a name of the column; 0: it is none."""
    name = normal(header)
    if name == normal(column.name):
        return _NAME
    if name == normal(column.label):
        return _LABEL
    for place, synonym in enumerate(column.synonyms):
        if name == normal(synonym):
            return max(_FIRST_SYNONYM - place, _LAST_SYNONYM)
    names = (column.name, column.label, *column.synonyms)
    return _PART if any(_is_part(known, header) for known in names) else 0


def _is_part(known: str, header: str) -> bool:
    """Two words or three Chinese signs, standing together in the header."""
    if known.isascii():
        words, inside = parts(known), parts(header)
        places = range(len(inside) - len(words) + 1)
        return len(words) > 1 and any(inside[n : n + len(words)] == words for n in places)
    return len(known) > 2 and normal(known) in normal(header)


def _weight(column: Column, profile: Profile) -> int:
    weight = name_weight(column, profile.header)
    if not weight or not fits(column, profile):
        return 0
    if column.key_position == 1 and profile.is_key:
        return weight + 10
    if has_values(column):
        return weight + round(10 * sure_share(column, profile))
    return weight


def fits(column: Column, profile: Profile) -> bool:
    """Whether the values can be values of the column."""
    if column.type in ("timestamp", "date"):
        return profile.times is not None or profile.is_excel_serial
    if column.type == "integer":
        return profile.is_integer
    if column.type == "number":
        return profile.is_number
    if column.type == "boolean":
        return profile.distinct <= 3 and sure_share(column, profile) > 0.5
    if column.valid_values:
        few = profile.distinct <= _MOST_WORDS_UNKNOWN
        return few or (profile.distinct <= MOST_WORDS and sure_share(column, profile) > 0.5)
    return True


def _assigned(weights: Sequence[Sequence[int]]) -> list[int | None]:
    """The place of the header for each column, so that the sum of weights is greatest.

    An auction (Bertsekas): columns bid for headers until none is outbid. Weights are whole
    numbers and bids rise by less than one part in their number, so the end is the optimum.
    """
    step = 1 / (len(weights) + 1)
    prices = [0.0] * (len(weights[0]) if weights else 0)
    owners: dict[int, int] = {}
    bidders = list(range(len(weights)))
    while bidders:
        bidder = bidders.pop()
        gains = sorted(
            ((w - prices[h], h) for h, w in enumerate(weights[bidder]) if w), reverse=True
        )
        if not gains or gains[0][0] < 0:
            continue
        second = max(gains[1][0], 0.0) if len(gains) > 1 else 0.0
        best = gains[0][1]
        prices[best] += gains[0][0] - second + step
        if best in owners:
            bidders.append(owners[best])
        owners[best] = bidder
    placed = {column: header for header, column in owners.items()}
    return [placed.get(column) for column in range(len(weights))]
