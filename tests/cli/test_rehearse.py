"""`dassie rehearse` as people use it: a flood of a few seconds, plain words, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
SENTENCES = ("a relay may offer ", "posts a second are taken in and kept.", "Nothing that was acknowledged was lost.")


def begin(folder: Path, *words: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DASSIE_")}
    environ = kept | {"PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "dassie", "rehearse", *words]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def still_running(folder: Path) -> list[str]:
    """Processes that have to do with this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            told = (path / "cmdline").read_bytes() + (path / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in told and int(path.name) != os.getpid():
            found.append(path.name)
    return found


@pytest.mark.slow
def test_a_short_rehearsal_says_what_the_machine_takes_and_leaves_nothing(tmp_path: Path) -> None:
    folder, figures = tmp_path / "tmp", tmp_path / "figures.json"
    folder.mkdir()
    process = begin(folder, "--seconds", "4", "--json", str(figures), "--details")
    out, err = process.communicate(timeout=200)
    assert (process.returncode, err) == (0, "")
    for sentence in SENTENCES:
        assert sentence in out
    gate, all_in = json.loads(figures.read_text())
    for part in (gate, all_in):
        assert part["summary"]["lost"] == 0
        assert part["outcome"]["own"]["count"] == part["outcome"]["own_sent"] > 0
        assert part["outcome"]["relays"].keys() == {"mastodon", "litepub"}
        assert part["summary"]["offered"] >= part["summary"]["admitted"] > 0
    assert list(folder.iterdir()) == []
    assert still_running(folder) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_ends_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    process = begin(tmp_path, "--seconds", "8")
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Measuring the quiet"):
            break
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert "kept" not in out
    assert list(tmp_path.iterdir()) == []
    assert still_running(tmp_path) == []


def test_too_short_a_time_is_refused(tmp_path: Path) -> None:
    process = begin(tmp_path, "--seconds", "1")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err == "dassie: --seconds takes a number from 4 to 3600.\n"
