"""`dassie domains`, as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_commands import command


@pytest.mark.slow
def test_servers_are_blocked_listed_and_allowed(tmp_path: Path) -> None:
    here = ("--data", str(tmp_path / "data"), "--domain", "here.test")
    (tmp_path / "data").mkdir()
    why = ("--public-comment", "spam", "--reject-reports", "--obfuscate")
    assert command("domains", "block", "Bad.test", *why, *here).stdout == "bad.test: suspend\n"
    assert command("domains", "block", "loud.test", "--severity", "silence", *here).stdout == "loud.test: silence\n"
    listed = command("domains", "list", *here).stdout
    assert listed == "bad.test\tsuspend\treject reports, obfuscate\tspam\nloud.test\tsilence\n"
    assert command("domains", "allow", "loud.test", *here).stdout == "loud.test: allowed\n"
    unknown = command("domains", "allow", "loud.test", *here)
    assert (unknown.returncode, unknown.stderr) == (1, "dassie: This server is not blocked.\n")
    assert command("domains", "block", "here.test", *here).returncode == 1
