"""Which header of an extract is which canonical column: by name, never by position.

Names are compared without width, case and outer space. Here too: the refusals for missing,
doubled and unexpected headers.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence

from pipelines.contracts import SourceContract
from pipelines.contracts.names import folded
from pipelines.errors import ExtractError
from pipelines.ingest.reading import Headers, Task, literal


def header_names(task: Task, names: Sequence[str]) -> tuple[str, ...]:
    """The header row as read, each name once; nameless columns are called `column <n>`."""
    named = [name.strip() or f"column {n}" for n, name in enumerate(names, start=1)]
    seen: dict[str, str] = {}
    for name in named:
        other = seen.setdefault(folded(name), name)
        if other is not name:
            raise task.refuse(
                "duplicate_header",
                f"header '{name}' stands twice, so its values cannot be told apart; export the "
                "file with one column of that name.",
            )
    return tuple(named)


def without_dropped(contract: SourceContract, found: Mapping[str, str]) -> dict[str, str]:
    """The headers but for those that nothing may read, here and in quarantine."""
    dropped = set(map(folded, contract.dropped_headers))
    return {name: sql for name, sql in found.items() if folded(name) not in dropped}


def match_headers(task: Task, found: Mapping[str, str]) -> Headers:
    """Map headers to columns.

    Raises ExtractError missing_column, duplicate_header or extra_column.
    """
    by_fold = {folded(name): name for name in found}
    mapped: dict[str, str] = {}
    used: set[str] = set()
    for column in task.contract.columns:
        present = [by_fold[folded(h)] for h in column.headers if folded(h) in by_fold]
        present = list(dict.fromkeys(present))
        if len(present) > 1:
            raise task.refuse(
                "duplicate_header",
                f"column '{column.name}' is delivered as {' and '.join(present)}; leave one out.",
            )
        if present:
            mapped[column.name] = found[present[0]]
            used.add(present[0])
        elif column.headers and not column.may_be_absent:
            raise missing_column(task, column.headers, found)
    extra = {name: sql for name, sql in found.items() if name not in used}
    refuse_extra(task, extra)
    is_kept = extra and task.contract.extra_columns == "record"
    return Headers(mapped, json_object(extra) if is_kept else None)


def json_object(columns: Mapping[str, str]) -> str:
    """SQL of a JSON text of {header: text}."""
    pairs = ", ".join(f"{literal(header)}, {sql}" for header, sql in columns.items())
    return f"cast(json_object({pairs}) as varchar)"


def refuse_extra(task: Task, extra: Iterable[str]) -> None:
    """Refuse headers the contract does not know, unless it records them or a shape took them."""
    extra = sorted(extra)
    if extra and task.contract.extra_columns == "refuse" and task.contract.shape_sql is None:
        raise task.refuse(
            "extra_column",
            f"headers {', '.join(extra)} are not in the contract; map them, or set "
            "extraColumns: record.",
        )


def missing_column(task: Task, headers: Sequence[str], found: Iterable[str]) -> ExtractError:
    names = list(found)
    promised = " or ".join(f"'{header}'" for header in headers)
    if len(names) == 1:
        advice = f"found only '{names[0]}' - wrong delimiter?"
    else:
        close = [difflib.get_close_matches(h, names, n=1, cutoff=0.0) for h in headers]
        nearest = next((match[0] for match in close if match), "nothing")
        advice = f"nearest is '{nearest}'."
    return task.refuse(
        "missing_column",
        f"column {promised} is promised but absent; {advice} Rename it in the extract, or map it "
        "in the contract.",
    )
