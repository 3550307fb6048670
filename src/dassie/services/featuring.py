"""Whether somebody may put others into a collection: by the others' wishes, and what stands between them."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.domain.collections import Consent, consent, policy_of
from dassie.store import collections
from dassie.store.tx import Tx
from dassie.store.views import AccountView


async def consents(tx: Tx, viewer: int | None, others: Sequence[AccountView]) -> dict[int, Consent]:
    """What each of these accounts says to the viewer, by id; a guest may feature nobody."""
    if viewer is None:
        return {one.id: "denied" for one in others}
    between = await collections.between(tx, viewer, [one.id for one in others])
    out: dict[int, Consent] = {}
    for one in others:
        policy = policy_of(one)
        groups = ["public"]
        if one.id in between.followed:
            groups.append("followers")  # the viewer follows them
        if one.id in between.followers:
            groups.append("following")
        if one.id in between.blocked or one.id in between.blocking or one.suspended_at is not None:
            out[one.id] = "denied"
        elif one.id == viewer and (not one.local or one.discoverable):
            out[one.id] = "automatic"
        else:
            out[one.id] = consent(policy, groups)
    return out


async def may_feature(tx: Tx, me: AccountView, other: AccountView) -> bool:
    """Whether somebody may ask to put another into a collection."""
    return (await consents(tx, me.id, [other]))[other.id] in ("automatic", "manual")
