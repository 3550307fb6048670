"""masto, the JavaScript library of Elk and Phanpy, goes whole ways with the running server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from client_server import Served

pytestmark = pytest.mark.slow

WEB = Path(__file__).parents[2] / "web"
MODULE = WEB / "node_modules" / "masto" / "dist" / "esm" / "index.js"
STEPS = {
    "posting": ["media", "status", "thread", "edit", "marks", "poll", "removal"],
    "people": ["following", "lists", "screening", "profile"],
    "reading": ["home by pages", "notifications", "markers", "conversations", "search", "instance"],
    "settings": ["filters", "hashtags", "scheduling", "policy", "refusals"],
    "streaming": ["events"],
}


def node() -> list[str]:
    """How node is called, as the build of the assets found it."""
    sys.path.insert(0, str(WEB))
    try:
        import node as found
    finally:
        sys.path.remove(str(WEB))
    command: list[str] = found.commands()[0]
    return command


@pytest.mark.parametrize("journey", STEPS)
def test_a_journey_of_masto(served: Served, journey: str) -> None:
    assert MODULE.exists(), "web/node_modules has no masto: `make web` installs it"
    ana, ben = served.person(), served.person()
    environment = served.environment | {
        "BASE": served.base,
        "ANA": ana.token,
        "BEN": ben.token,
        "MASTO": MODULE.as_uri(),
        "NODE_EXTRA_CA_CERTS": str(served.ca.bundle),
    }
    script = Path(__file__).with_name("masto_journeys.mjs")
    done = subprocess.run(
        [*node(), str(script), journey], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split("\n")[:-1] == STEPS[journey]
