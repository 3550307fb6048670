"""The few key pairs that all actors of the fleet share."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dassie.federation.signatures import generate_rsa
from dassie.rehearsal.plan import KEYS

Pairs = list[tuple[str, str]]
"""Private and public PEM: those of the actors, then one for each relay."""


def key_pairs(folder: Path) -> Pairs:
    """Those kept in this folder, made the first time."""
    path = folder / "keys.json"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.encode([generate_rsa() for _ in range(KEYS + 2)]))
    return msgspec.json.decode(path.read_bytes(), type=Pairs)
