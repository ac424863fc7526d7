"""One run at a time; a killed run leaves nothing that stops the next one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.errors import LockedError
from pipelines.settings import Settings
from pipelines.warehouse.lock import child_pid_path, warehouse_lock
from pipelines.warehouse.runs import read_runs, recorded_run, update_run

SLEEPER = "import time; print('ready', flush=True); time.sleep(60)"
HOLDER = """
import sys, time
from pathlib import Path
from pipelines.settings import Settings
from pipelines.warehouse.lock import warehouse_lock
with warehouse_lock(Settings(home=Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_told_who_holds_it_and_a_kill_frees_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=str(holder.pid)), warehouse_lock(settings):
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with warehouse_lock(settings):
            pass


def sleeper(*arguments: str) -> "subprocess.Popen[str]":
    """A running process: its command line is readable only after it has said so."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_an_orphaned_dbt_is_ended_before_the_next_build(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with sleeper("dbt") as orphan:
        child_pid_path(settings).write_text(str(orphan.pid))
        with warehouse_lock(settings):
            assert orphan.wait(timeout=10) == -signal.SIGKILL
    assert not child_pid_path(settings).exists()


def test_a_number_that_now_belongs_to_another_program_is_left_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with sleeper() as other:
        child_pid_path(settings).write_text(str(other.pid))
        with warehouse_lock(settings):
            time.sleep(0.1)
            assert other.poll() is None
        other.kill()


def test_runs_are_logged_with_their_end(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    update_run(settings, "dead", status="running", started_at="2026-01-01T00:00:00+00:00")
    with recorded_run(settings, "good"):
        update_run(settings, "good", snapshot_id="s1")
    with pytest.raises(ValueError, match="gate"), recorded_run(settings, "bad"):
        raise ValueError("gate")
    states = dict(read_runs(settings).select("run_id", "status").iter_rows())
    assert states == {"dead": "killed", "good": "published", "bad": "not published"}
