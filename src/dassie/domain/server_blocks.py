"""Servers that this one keeps at a distance: how far, and what is said of it in public."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from msgspec import Struct

SEVERITIES = ("noop", "silence", "suspend")
PUBLISHED = frozenset({"silence", "suspend"})
LONGEST_COMMENT = 500
MOST = 20_000
"""Servers that can be blocked."""


class ServerBlock(Struct, frozen=True):
    """What is done about a server and its subdomains."""

    id: int
    domain: str
    severity: str
    """silence: its people are limited; suspend: nothing is taken from or sent to it; noop: only what follows."""
    reject_reports: bool
    obfuscate: bool
    """Some letters of its name are hidden in public."""
    public_comment: str
    private_comment: str
    marked_at: datetime
    created_at: datetime
    updated_at: datetime

    @property
    def shown_domain(self) -> str:
        """Its name as everybody sees it."""
        return obfuscated(self.domain) if self.obfuscate else self.domain

    @property
    def digest(self) -> str:
        """By which those who know the name find it, in hex."""
        return sha256(self.domain.encode()).hexdigest()

    def covers(self, domain: str) -> bool:
        """Whether a server is meant."""
        return domain == self.domain or domain.endswith(f".{self.domain}")


def obfuscated(domain: str) -> str:
    """A name with a star for each letter but those of the outer quarters, and the dots."""
    kept = len(domain) // 4
    return "".join(
        "*" if kept < place < len(domain) - kept and letter != "." else letter for place, letter in enumerate(domain)
    )
