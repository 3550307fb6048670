"""OAuth scopes: which there are, and what holding one allows (limits_and_rules section 12)."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from dassie.domain.errors import Invalid

READ = "accounts blocks bookmarks collections favourites filters follows lists mutes notifications search statuses"
WRITE = (
    "accounts blocks bookmarks collections conversations favourites filters follows lists media mutes "
    "notifications reports statuses"
)
ADMIN = "accounts reports domain_allows domain_blocks ip_blocks email_domain_blocks canonical_email_blocks"
FOLLOW = frozenset(f"{way}:{what}" for way in ("read", "write") for what in ("blocks", "follows", "mutes"))
ALL: tuple[str, ...] = (
    "profile",
    "read",
    *(f"read:{name}" for name in READ.split()),
    "write",
    *(f"write:{name}" for name in WRITE.split()),
    "follow",
    "push",
    "admin:read",
    *(f"admin:read:{name}" for name in ADMIN.split()),
    "admin:write",
    *(f"admin:write:{name}" for name in ADMIN.split()),
)
_KNOWN = frozenset(ALL)


def parse_scopes(text: str, *, default: str = "read") -> list[str]:
    """The scopes in a request, in order, each once; raises `Invalid` for one that does not exist."""
    asked = list(dict.fromkeys(text.replace("+", " ").split())) or [default]
    for scope in asked:
        if scope not in _KNOWN:
            raise Invalid("The requested scope is invalid, unknown, or malformed.")
    return asked


def allows(held: Collection[str], needed: str) -> bool:
    """Whether these scopes cover `needed` (`a|b`: any of them)."""
    return _allows(tuple(held), needed)


@lru_cache(maxsize=4_096)
def _allows(held: tuple[str, ...], needed: str) -> bool:
    return any(_allows_one(held, scope) for scope in needed.split("|"))


def _allows_one(held: Collection[str], needed: str) -> bool:
    if needed in held:
        return True
    parts = needed.split(":")
    if any(":".join(parts[:i]) in held for i in range(1, len(parts))):
        return True
    return "follow" in held and needed in FOLLOW


def within(asked: Collection[str], registered: Collection[str]) -> bool:
    """Whether an app that registered these scopes may ask for those."""
    return all(_allows_one(registered, scope) for scope in asked)
