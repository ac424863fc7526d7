# ruff: noqa: DTZ001 - raw has times in UTC without zone
"""Faults of deliveries: packed files, bombs, the same bytes again, uploads that still go on."""

import gzip
import io
import zipfile
from datetime import datetime

import pyarrow as pa  # type: ignore[import-untyped]

from pipelines.ingest.unpack import BOMB_FLOOR_BYTES
from tests.corpus.case import (
    TEXT,
    WHOLE,
    Case,
    Known,
    Loaded,
    Refused,
    Waits,
    good,
    line,
    one,
    single,
    table,
)

_TEXT = TEXT.encode()
_MANY = table(*(line(f"R{n}") for n in range(300))).encode()
_CUT = "truncated_archive"


def zipped(*members: tuple[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def _zip_that_asks_for_a_password() -> bytes:
    content = bytearray(zipped(("a.csv", TEXT)))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


_BOMB_BYTES = BOMB_FLOOR_BYTES + (1 << 22)

PACKED = [
    Case("gzip", 4, _gzip(_TEXT), WHOLE, file="{}.csv.gz"),
    Case("gzip_under_a_plain_name", 4, _gzip(_TEXT + b"\n"), WHOLE),
    Case("plain_text_called_gzip", 4, TEXT + "\n\n", WHOLE, file="{}.csv.gz"),
    Case("two_gzip_members", 4, _gzip(_TEXT[:100]) + _gzip(_TEXT[100:]), WHOLE),
    Case("gzip_of_gb18030", 4, _gzip(single(note="好").encode("gb18030")), one(note="好")),
    Case("gzip_of_gzip", 4, _gzip(_gzip(_TEXT)), Refused("encoding")),
    Case("truncated_gzip", 4, _gzip(_MANY)[:-40], Refused(_CUT, "gzip")),
    Case("gzip_without_its_last_bytes", 4, _gzip(_MANY)[:-3], Refused(_CUT)),
    Case("gzip_with_a_wrong_checksum", 4, _flipped(_gzip(_TEXT), -8), Refused(_CUT, "CRC")),
    Case("gzip_with_a_wrong_length", 4, _flipped(_gzip(_TEXT), -1), Refused(_CUT)),
    Case("gzip_head_alone", 4, _gzip(_TEXT)[:8], Refused(_CUT)),
    Case("gzip_with_a_flipped_byte", 4, _flipped(_gzip(_MANY), 60), Refused(_CUT)),
    Case("text_after_gzip", 4, _gzip(_TEXT) + b"R9", Refused(_CUT)),
    Case("empty_gzip", 38, _gzip(b""), Refused("empty_file")),
    Case("zip", 4, zipped(("a.csv", TEXT)), WHOLE, file="{}.zip"),
    Case("zip_with_a_folder", 4, zipped(("x/", ""), ("x/a.csv", TEXT)), WHOLE, file="{}.zip"),
    Case("zip_with_two_files", 4, zipped(("a.csv", TEXT), ("b.csv", TEXT)),
         Refused("archive_members", "holds 2")),
    Case("zip_with_notes_of_a_mac", 4, zipped(("a.csv", TEXT), ("__MACOSX/._a.csv", "x")),
         Refused("archive_members", "holds 2")),
    Case("zip_of_zip", 4, zipped(("a.zip", zipped(("a.csv", TEXT)))), Refused("encoding")),
    Case("two_zips", 4, zipped(("a.csv", TEXT)) + zipped(("b.csv", TEXT)), Refused(_CUT, "else")),
    Case("zip_and_half_a_zip", 4, zipped(("a.csv", TEXT)) + zipped(("b.csv", TEXT))[:-40],
         Refused(_CUT, "else")),
    Case("zip_with_no_file", 4, zipped(("x/", "")), Refused("archive_members", "holds 0")),
    Case("truncated_zip", 4, zipped(("a.csv", TEXT))[:-30], Refused(_CUT, "zip")),
    Case("zip_with_a_flipped_byte", 4, _flipped(zipped(("a.csv", _MANY)), 60), Refused(_CUT)),
    Case("zip_with_a_password", 4, _zip_that_asks_for_a_password, Refused(_CUT)),
    Case("zstandard", 4, _zstd(_TEXT), WHOLE, file="{}.csv.zst"),
    Case("two_frames_of_zstandard", 4, _zstd(_TEXT[:100]) + _zstd(_TEXT[100:]), WHOLE),
    Case("text_after_zstandard", 4, _zstd(_TEXT) + b"R9", Refused(_CUT)),
    Case("truncated_zstandard", 4, _zstd(_MANY)[:-9], Refused(_CUT, "zstd")),
    Case("zstandard_with_a_flipped_byte", 4, _flipped(_zstd(_MANY), 30), Refused(_CUT)),
    Case("bomb_of_gzip", 35, lambda: _gzip(b"," * _BOMB_BYTES), Refused("archive_bomb")),
    Case("bomb_of_zip", 35, lambda: zipped(("a.csv", b"," * _BOMB_BYTES)),
         Refused("archive_bomb")),
    Case("bomb_of_zstandard", 35, lambda: _zstd(b"," * _BOMB_BYTES), Refused("archive_bomb")),
    Case("honest_compression", 35, lambda: _gzip(single(note="x" * 5_000_000).encode()),
         one(note="x" * 5_000_000)),
    Case("archive_of_another_kind", 4, b"7z\xbc\xaf\x27\x1c" + bytes(64), Refused("encoding")),
]  # fmt: skip

AGAIN = [
    Case("first_delivery", 2, table(line("A1")), Loaded({1: good("A1")})),
    Case("same_bytes_other_name", 1, table(line("A1")), Known("first_delivery")),
    Case("same_bytes_name_of_another_day", 1, table(line("A1")), Known("first_delivery"),
         file="{}_20260301.txt"),
    Case("same_name_other_bytes", 2, table(line("A1", score="8")),
         Loaded({1: good("A1", score=8)}), file="first_delivery.csv"),
    Case("same_rows_other_line_ends", 2, table(line("A1")).replace("\n", "\r\n"),
         Loaded({1: good("A1")})),
    Case("refused_bytes_again", 1, "<!DOCTYPE html><html>Login</html>", Known("login_page")),
    Case("upload_in_parts", 3, TEXT, Waits(), file="{}.csv.part"),
    Case("upload_to_a_temporary_name", 3, TEXT, Waits(), file="{}.csv.tmp"),
    Case("upload_by_a_file_manager", 3, TEXT, Waits(), file="{}.filepart"),
    Case("download_of_a_browser", 3, TEXT, Waits(), file="{}.crdownload"),
    Case("lock_file_of_a_spreadsheet", 3, TEXT, Waits(), file="~${}.xlsx"),
    Case("hidden_file", 3, TEXT, Waits(), file=".{}.csv"),
    Case("older_version_after_newer", 44, table(line("R1", score="3")),
         Loaded({1: good("R1", score=3)}), "versions"),
    Case("newest_version_first", 44, table(line("R1", closed_at="2026-03-09 09:30:00"), line("R2")),
         Loaded({1: good("R1", closed_at=datetime(2026, 3, 9, 1, 30)), 2: good("R2")}),
         "versions"),
]  # fmt: skip
CASES = [*PACKED, *AGAIN]
