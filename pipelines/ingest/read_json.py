"""One JSON document whose records are the elements of a list in it: cut into lines of JSON.

Here: finding the list and cutting it, text for text. Not here: what is in the records
(`read_jsonl`).
"""

from pathlib import Path

from pipelines.ingest.decode import decode_file
from pipelines.ingest.json_text import record_texts
from pipelines.ingest.read_jsonl import read_lines
from pipelines.ingest.reading import Reading, Task

# A document is one value and has to be in memory whole; lines of JSON need not.
LARGEST_DOCUMENT_BYTES = 128 << 20


def read_json(task: Task) -> Reading:
    """A reading of the document's records, counted in their order.

    Raises ExtractError broken_document, document_too_large, and what lines of JSON raise.
    """
    document = decode_file(task.contract, task.path, task.scratch / "document.json")
    if document.stat().st_size > LARGEST_DOCUMENT_BYTES:
        raise task.refuse(
            "document_too_large",
            f"one JSON document may have {LARGEST_DOCUMENT_BYTES:,} bytes; export JSON lines.",
        )
    return read_lines(task, _cut(task, document.read_text("utf-8"), task.scratch / "text.jsonl"))


def _cut(task: Task, text: str, target: Path) -> Path:
    with target.open("w", encoding="utf-8", newline="") as lines:
        try:
            for record in record_texts(text, task.contract.records):
                lines.write(record + "\n")
        except (ValueError, RecursionError) as error:
            raise task.refuse(
                "broken_document",
                f"it must be one JSON document with a list of records at "
                f"'{task.contract.records or 'its top'}', but {error}; export it again.",
            ) from error
    return target
