"""What a reason code means: the sentence of the rule that a row broke, as its contract states it.

Here: codes of columns, row rules, parsers, duplicates. Not here: finding who breaks them (`gate`).
"""

from collections.abc import Callable, Mapping

from pipelines.contracts import Column, SourceContract

_PARSERS = {
    "csv": "the line must hold one value for each header, quoted as CSV prescribes",
    "json": "the line must be one JSON object",
}


def rule_sentence(contract: SourceContract, code: str) -> str:
    """`<rule> (<contract file>)`, or that the contract has no such rule any more."""
    subject, _, rule = code.partition(":")
    return f"{_sentence(contract, subject, rule)} ({contract.id} {contract.version})"


def _sentence(contract: SourceContract, subject: str, rule: str) -> str:
    if subject in _PARSERS:
        return f"{_PARSERS[subject]}: {rule.replace('_', ' ')}"
    if subject == "rule":
        for row_rule in contract.row_rules:
            if row_rule.name == rule:
                return f"{row_rule.description or row_rule.name}: {row_rule.expression}"
    if rule == "conflict":
        return f"rows of one {subject.replace('+', ' and ')} must not tell different things"
    if rule == "duplicate":
        return f"{subject.replace('+', ' and ')} must be the key of one row of the file only"
    for column in contract.columns:
        if column.name == subject and rule in _COLUMN_RULES:
            return f"{subject} {_COLUMN_RULES[rule](column)}"
    return "no rule of this contract any more"


def _values(column: Column) -> str:
    words = column.value_map
    known = ", ".join(words) if words is not None else ", ".join(column.valid_values)
    return f"must be one of {known}"


def _type(column: Column) -> str:
    formats = f" written as {' or '.join(column.formats)}" if column.formats else ""
    return f"must be a {column.type}{formats}"


_COLUMN_RULES: Mapping[str, Callable[[Column], str]] = {
    "required": lambda _: "must not be empty",
    "type": _type,
    "unknown_value": _values,
    "below_minimum": lambda c: f"must be {c.minimum} or more",
    "above_maximum": lambda c: f"must be {c.maximum} or less",
    "pattern": lambda c: f"must match {c.pattern}",
    "too_short": lambda c: f"must have {c.min_length} characters or more",
    "too_long": lambda c: f"must have {c.max_length} characters or fewer",
    "invisible": lambda _: "must hold no sign that nobody sees, nor letters put together of two",
    "future": lambda _: "must not lie more than a day after the extract was made, nor after 2099",
    "dst_gap": lambda c: f"must be a time that clocks of {c.timezone} show",
    "dst_ambiguous": lambda c: f"must be a time that clocks of {c.timezone} show once",
}
