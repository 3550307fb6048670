"""`dassie emoji`, as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest

from filing import picture
from test_commands import command


@pytest.mark.slow
def test_emoji_are_added_listed_packed_and_removed(tmp_path: Path) -> None:
    here = ("--data", str(tmp_path / "data"), "--domain", "here.test")
    pack = tmp_path / "pack"
    pack.mkdir()
    for name in ("sun", "moon"):
        (pack / f"{name}.png").write_bytes(picture(20, 20))

    def emoji(*words: str) -> str:
        done = command("emoji", *words, *here)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert emoji("list") == ""
    assert emoji("add", ":star:", str(pack / "sun.png"), "--category", "Sky") == "Added :star:\n"
    again = command("emoji", "add", "star", str(pack / "sun.png"), *here)
    assert (again.returncode, "taken" in again.stderr) == (1, True)
    assert emoji("import", str(pack), "--prefix", "my_", "--unlisted") == "Imported 2, skipped 0, failed to import 0\n"
    names = [line.split("\t")[0] for line in emoji("list").splitlines()]
    assert names == [":my_moon:", ":my_sun:", ":star:"]
    assert emoji("export", str(tmp_path)).strip() == str(tmp_path / "export.tar.gz")
    assert emoji("remove", "star") == "Removed :star:\n"
    assert ":star:" not in emoji("list")
    gone = command("emoji", "remove", "star", *here)
    assert gone.returncode == 1
