"""Who may quote a status, and what became of a quote (FEP-044f, limits_and_rules section 19)."""

from __future__ import annotations

from typing import Literal

UNSUPPORTED = 1
"""The author named somebody whom we cannot tell apart: one person, or a collection that is not ours to read."""
PUBLIC = 2
FOLLOWERS = 4
"""Those who follow the author."""
FOLLOWING = 8
"""Those whom the author follows."""
SHIFT = 16
"""A policy is one number: the bits of those who may at once stand above this many bits of those who must be
agreed to."""

POLICY_WORDS: frozenset[str] = frozenset({"public", "followers", "nobody"})
_BITS = {"public": PUBLIC, "followers": FOLLOWERS, "following": FOLLOWING, "unsupported_policy": UNSUPPORTED}

State = Literal["pending", "accepted", "rejected", "revoked", "deleted"]
"""As stored."""
Approval = Literal["automatic", "manual", "denied", "unknown"]


def policy_of(word: str, visibility: str) -> int:
    """The policy of a status of ours: private and direct ones are quoted by nobody else, whatever was chosen."""
    return _BITS.get(word, 0) << SHIFT if visibility in ("public", "unlisted") else 0


def word_of(policy: int) -> str:
    """The choice that a policy of ours came from."""
    at_once = policy >> SHIFT
    return "public" if at_once & PUBLIC else "followers" if at_once & FOLLOWERS else "nobody"


def together(automatic: int, manual: int) -> int:
    """A policy of the bits of both."""
    return automatic << SHIFT | manual


def names(policy: int) -> tuple[list[str], list[str]]:
    """(those who may at once, those who must be agreed to), in the API's words."""
    at_once, asked = policy >> SHIFT, policy & ((1 << SHIFT) - 1)
    return [word for word, bit in _BITS.items() if at_once & bit], [word for word, bit in _BITS.items() if asked & bit]


def needs_relations(policy: int) -> bool:
    """Whether it matters who follows whom."""
    return bool((policy | policy >> SHIFT) & (FOLLOWERS | FOLLOWING))


def approval(policy: int, visibility: str, *, own: bool, follows: bool = False, followed: bool = False) -> Approval:
    """Whether somebody may quote a status: `own` theirs; `follows`: they follow its author; `followed`: the reverse."""
    if visibility not in ("public", "unlisted"):
        return "automatic" if own and visibility == "private" else "denied"
    if own:
        return "automatic"
    mine = PUBLIC | (FOLLOWERS if follows else 0) | (FOLLOWING if followed else 0)
    if policy >> SHIFT & mine:
        return "automatic"
    if policy & mine & ((1 << SHIFT) - 1):
        return "manual"
    return "unknown" if (policy | policy >> SHIFT) & UNSUPPORTED else "denied"
