"""Interaction policies: who may quote, reply, like or boost, as the author wishes (FEP-044f, GoToSocial)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from dassie.federation.vocab.values import refs

MAX_ENTRIES = 100


class Policy(Struct, frozen=True):
    """Ids of actors and collections allowed at once, and those the author decides about."""

    automatic: tuple[str, ...]
    manual: tuple[str, ...]


class InteractionPolicy(Struct, frozen=True):
    """None means the author said nothing about it: everyone may."""

    can_quote: Policy | None = None
    can_reply: Policy | None = None
    can_like: Policy | None = None
    can_announce: Policy | None = None
    can_feature: Policy | None = None


def read_policy(value: Any) -> InteractionPolicy | None:
    """The `interactionPolicy` of a post or actor; None where there is none."""
    if type(value) is not dict:
        return None
    return InteractionPolicy(
        can_quote=_rule(value.get("canQuote")),
        can_reply=_rule(value.get("canReply")),
        can_like=_rule(value.get("canLike")),
        can_announce=_rule(value.get("canAnnounce")),
        can_feature=_rule(value.get("canFeature")),
    )


def _rule(value: Any) -> Policy | None:
    if type(value) is not dict:
        return None
    return Policy(_entries(value, "automaticApproval", "always"), _entries(value, "manualApproval", "approvalRequired"))


def _entries(rule: dict[str, Any], name: str, old_name: str) -> tuple[str, ...]:
    """`old_name` is GoToSocial's before 0.20."""
    value = rule.get(name)
    return refs(rule.get(old_name) if value is None else value, MAX_ENTRIES)
