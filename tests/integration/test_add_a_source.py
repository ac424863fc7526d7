"""`Add a source` of CONTRIBUTING.md, followed to the letter on an extract nobody has seen."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR

TEXT = (PROJECT_DIR / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTION = TEXT.split("## Add a source\n")[1].split("\n## ")[0]
COMMANDS = re.findall(r"^ {7}(kpi .+)$", SECTION, flags=re.MULTILINE)
HEADER = (
    "工单号,当前状态,紧急程度,服务项目,处理部门,处理人,受理渠道,"
    "姓名,联系电话,提交时间,完成时间,回访日期,备注"
)
WORDS = {"待评估": "pending"}


def rows() -> Iterator[str]:
    """24 tickets of March and 16 of April 2026; one has no such day, one no number."""
    for n in range(40):
        day = f"2026/{3 if n < 24 else 4}/{n % 24 + 1}"
        number = "" if n == 5 else f"WX{n:04d}"
        created = "2026/3/32 09:00" if n == 7 else f"{day} 09:00"
        state = "待评估" if n % 10 == 3 else "已完成"
        done = "" if state == "待评估" else f"{day} 17:30"
        back = "" if state == "待评估" else f"{n % 9 + 1:02d}/05/2026"
        yield (
            f"{number},{state},{'紧急' if n % 4 == 0 else '普通'},电梯维修,工程部,张工,电话,"
            f"王先生,138000000{n:02d},{created},{done},{back},请尽快"
        )


class Clerk:
    """Somebody who reads the text: runs its commands, and edits what it says to edit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contracts = folder / "data_contracts"
        shutil.copytree(PROJECT_DIR / "data_contracts", self.contracts)
        text = "\n".join([HEADER, *rows()]) + "\n"
        (folder / "extract.csv").write_bytes(text.encode("gb18030"))

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        program, *arguments = command.split()
        return subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments],
            cwd=self.folder,
            env=os.environ
            | {"KPI_HOME": str(self.folder / "home"), "KPI_CONTRACTS_DIR": str(self.contracts)},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def draft(self) -> Path:
        return self.contracts / "sources" / "desk" / "ticket.odcs.yaml"

    def decide(self) -> None:
        lines = [self._decided(line) for line in self.draft.read_text("utf-8").splitlines()]
        self.draft.write_text("\n".join(lines) + "\n", "utf-8")

    def _decided(self, line: str) -> str:
        line = line.replace("status: draft", "status: active")
        kept, mark, _ = line.partition("  # decide:")
        if mark and kept.endswith(": decide"):
            word = kept.strip().removesuffix(": decide")
            return kept.removesuffix("decide") + WORDS[word]
        if mark and "property: formats" in kept:
            return re.sub(r"\[(.+?), .+\]", r"[\1]", kept)  # the day first
        return kept if mark else line


@pytest.fixture(scope="module")
def clerk(tmp_path_factory: pytest.TempPathFactory) -> Clerk:
    return Clerk(tmp_path_factory.mktemp("desk"))


def test_the_text_fits_on_one_screen() -> None:
    assert len(SECTION.strip().splitlines()) + 2 <= 35
    assert [c.split()[1] for c in COMMANDS] == [
        "source", "contracts", "source", "ingest", "nightly", "query"
    ]  # fmt: skip


def test_from_an_unknown_csv_to_the_first_kpi(clerk: Clerk) -> None:
    """40 rows: WX0007 was made on 32 March, the sixth has no number; 22 + 16 tickets are left."""
    add, check, dry_run, ingest, nightly, query = COMMANDS
    added = clerk.run(add)
    assert added.returncode == 0, added.stderr
    draft = clerk.draft.read_text("utf-8")
    assert "encoding: gb18030" in draft
    assert "待评估: decide" in draft
    assert "[d/M/yyyy, M/d/yyyy]" in draft
    again = clerk.run(add)
    assert again.returncode == 1
    assert "never overwritten" in again.stderr
    before = clerk.run(check)
    assert before.returncode == 1
    assert {line.split(": ")[2] for line in before.stdout.splitlines()} == {
        "formats_clash",
        "value_map_target",
    }

    clerk.decide()
    checked = clerk.run(check)
    assert checked.returncode == 0, checked.stdout
    tried = clerk.run(dry_run)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "40 rows read = 38 accepted + 2 quarantined" in tried.stdout
    assert "quarantined ticket_id:required  1\n    record 6: " in tried.stdout
    assert re.search(r"tickets_opened_count +38 count", tried.stdout)
    assert "王先生" not in tried.stdout
    assert not (clerk.folder / "home").exists()

    loaded = clerk.run(ingest)
    assert "40 read = 38 accepted + 2 quarantined" in loaded.stdout, loaded.stderr
    night = clerk.run(nightly)
    assert night.returncode == 0, night.stdout + night.stderr
    asked = clerk.run(f"{query} --csv")
    assert [line.split(",")[:2] for line in asked.stdout.splitlines()[1:]] == [
        ["2026-03-01", "22.0"],
        ["2026-04-01", "16.0"],
    ]
