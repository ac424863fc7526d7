"""The key of the pseudonyms: whose it is, how it changes, and that no build mixes two."""

import hashlib
import hmac
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipelines.errors import SecretError
from pipelines.ingest import (
    begin_rotation,
    finish_rotation,
    has_begun,
    reconcile,
    require_one_key,
)
from pipelines.ingest.ledger import read_entries
from pipelines.ingest.pseudonym import Key, current_key, next_key_path
from pipelines.settings import Settings
from tests.unit.ingest.request_source import ROW, Desk, table

ENVIRONMENT = "0123456789abcdef0123456789abcdef"


def token(secret: bytes) -> str:
    return hmac.new(secret, b"13800000000", hashlib.sha256).hexdigest()[:32]


def with_environment(desk: Desk, secret: str = ENVIRONMENT) -> Settings:
    desk.settings = desk.settings.model_copy(update={"secret_key": SecretStr(secret)})
    return desk.settings


def rotate(desk: Desk) -> int:
    begin_rotation(desk.settings)
    return len(list(finish_rotation(desk.settings, desk.contracts, "rotate")))


def test_key_of_the_environment_goes_before_the_file(desk: Desk) -> None:
    with_environment(desk)
    extract = desk.ingest(table(ROW))
    assert desk.rows(extract)[0]["phone"] == token(ENVIRONMENT.encode())
    assert extract.key_id == Key(ENVIRONMENT.encode()).id
    assert not desk.settings.key_path.exists()
    assert ENVIRONMENT not in repr(desk.settings) + repr(current_key(desk.settings))


def test_short_key_is_refused(desk: Desk) -> None:
    with pytest.raises(SecretError, match="32 characters at least, and has 5"):
        current_key(with_environment(desk, "short"))


def test_file_others_can_read_is_refused(desk: Desk) -> None:
    desk.ingest(table(ROW))
    desk.settings.key_path.chmod(0o640)
    with pytest.raises(SecretError, match="read by others"):
        desk.ingest(table(ROW) + "\n")


def test_rotation_gives_every_extract_tokens_of_the_new_key(desk: Desk) -> None:
    extract = desk.ingest(table(ROW))
    refused = desk.ingest("<html>")
    assert refused.key_id is None
    old = current_key(desk.settings)
    assert rotate(desk) == 1
    new = current_key(desk.settings)
    assert new.id != old.id
    assert desk.rows(extract)[0]["phone"] == token(new.secret)
    assert not has_begun(desk.settings)
    require_one_key(desk.settings)
    assert list(reconcile(desk.settings, desk.contracts)) == []


def test_rotation_numbers_its_readings_behind_those_before(desk: Desk) -> None:
    """Three extracts have the numbers 1 to 3; read again they have 4 to 6, whatever the clock."""
    for n in range(3):
        desk.ingest(table(ROW) + "\n" * n)
    assert sorted(e.sequence for e in read_entries(desk.settings)) == [1, 2, 3]
    assert rotate(desk) == 3
    assert sorted(e.sequence for e in read_entries(desk.settings)) == [4, 5, 6]


def test_rotation_that_stopped_goes_on_with_its_key(desk: Desk) -> None:
    for n in range(3):
        desk.ingest(table(ROW) + "\n" * n)
    begin_rotation(desk.settings)
    next(finish_rotation(desk.settings, desk.contracts, "killed"))
    begun = next_key_path(desk.settings).read_bytes()
    with pytest.raises(SecretError, match="2 extracts carry pseudonyms of another key"):
        require_one_key(desk.settings)
    assert desk.ingest(table(ROW, ROW)).key_id == Key(begun).id
    assert rotate(desk) == 2
    assert desk.settings.key_path.read_bytes() == begun


def test_another_key_of_the_environment_is_refused_until_it_is_rotated_to(desk: Desk) -> None:
    desk.ingest(table(ROW))
    with_environment(desk)
    with pytest.raises(SecretError, match="kpi secrets rotate"):
        require_one_key(desk.settings)
    assert rotate(desk) == 1
    require_one_key(desk.settings)
    assert not desk.settings.key_path.exists()
    with pytest.raises(SecretError, match="set it to the new key"):
        begin_rotation(desk.settings)


def test_extract_without_its_archived_file_stops_the_rotation(desk: Desk) -> None:
    extract = desk.ingest(table(ROW))
    (desk.settings.archive_dir / extract.sha256 / "requests.csv").unlink()
    with pytest.raises(SecretError, match="its archived file is missing"):
        rotate(desk)
    assert has_begun(desk.settings)


def test_personal_data_in_any_free_text_is_masked_and_counted(desk: Desk, tmp_path: Path) -> None:
    from tests.unit.ingest.request_source import column, set_custom, with_values

    def change(_: object, entity: dict[str, object]) -> None:
        set_custom(column(entity, "note"), "pii", None)
        column(entity, "code")["logicalTypeOptions"] = {"maxLength": 40}

    desk.changed(change)
    rows = (
        with_values(note="请回电 13800138000", code="a.b@c.cn"),
        with_values(request_id="13800138000", note="很好"),
    )
    extract = desk.ingest(table(*rows))
    found = desk.rows(extract)
    assert [row["note"] for row in found] == ["请回电 [phone]", "很好"]
    assert [row["code"] for row in found] == ["[email]", "AB"]
    assert found[1]["request_id"] == "13800138000"
    assert dict(extract.warnings) == {"code:personal_data": 1, "note:personal_data": 1}


def test_message_of_a_refusal_shows_no_personal_data(desk: Desk) -> None:
    extract = desk.ingest("打 13800138000\n" + ROW)
    assert "13800138000" not in str(extract.message)
    assert "[phone]" in str(extract.message)
