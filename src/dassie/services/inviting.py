"""Inviting others here."""

from __future__ import annotations

import secrets
from datetime import timedelta

from dassie.domain.errors import Invalid, NotAllowed, NotFound
from dassie.domain.ids import new_id
from dassie.domain.roles import may
from dassie.store import invites
from dassie.store.invites import Invite
from dassie.store.logins import User
from dassie.store.tx import Tx

MOST_OPEN = 50
MOST_USES = 1000
LASTS = (1_800, 3_600, 21_600, 43_200, 86_400, 604_800)
"""Seconds that may be chosen."""
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


async def invite(
    tx: Tx, user: User, *, max_uses: int | None = None, lasts: int | None = None, autofollow: bool = False
) -> Invite:
    """A new link. None: as often, or for as long, as one likes. Raises `NotAllowed` or `Invalid`."""
    if not may(user.role, "invite_users"):
        raise NotAllowed("Your role does not have the permission invite_users.")
    if max_uses is not None and not 1 <= max_uses <= MOST_USES:
        raise Invalid(f"An invitation can be used 1 to {MOST_USES} times.")
    if lasts is not None and lasts not in LASTS:
        raise Invalid("One of the choices does not exist.")
    if await invites.count_open(tx, user.id) >= MOST_OPEN:
        raise Invalid(f"You have {MOST_OPEN} open invitations: end one first.")
    new = Invite(
        id=new_id(tx.now),
        user_id=user.id,
        code="".join(secrets.choice(_LETTERS) for _ in range(10)),
        max_uses=max_uses,
        uses=0,
        autofollow=autofollow,
        expires_at=tx.now + timedelta(seconds=lasts) if lasts is not None else None,
        created_at=tx.now,
    )
    await invites.insert(tx, new)
    return new


async def end(tx: Tx, user: User, id: int) -> None:
    """Nobody comes by this link any more; raises `NotFound` where it is somebody else's."""
    if not await invites.end(tx, user.id, id):
        raise NotFound
