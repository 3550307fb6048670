"""Who may read what everybody wrote: anybody, those with a login, or nobody (limits_and_rules section 16).

Live feeds are the public timelines; topics are those of hashtags and links. Each has the half of people here and the
half of others; what is closed for everybody is left out, and those of the staff who may look see it all the same.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from msgspec import structs

from dassie.domain.errors import Invalid
from dassie.domain.roles import may
from dassie.domain.settings import InstanceSettings
from dassie.store import settings
from dassie.store.logins import Caller
from dassie.store.timelines import EVERYTHING, Public
from dassie.store.tx import Tx

Kind = Literal["live", "topic"]


def halves(said: InstanceSettings, kind: Kind) -> tuple[str, str]:
    """Who may read the posts of people here, and those of others."""
    if kind == "live":
        return said.local_live_feed_access, said.remote_live_feed_access
    return said.local_topic_feed_access, said.remote_topic_feed_access


async def readable(tx: Tx, kind: Kind, caller: Caller | None, which: Public = EVERYTHING) -> Public | None:
    """The part of `which` that the caller may read; None where that is nothing. Raises `Invalid` where it takes a
    login."""
    local, remote = halves(await settings.instance(tx), kind)
    if caller is None or caller.user is None:
        _check_open([local] if which.local else [remote] if which.remote else [local, remote])
        return which
    if may(caller.user.role, "view_feeds"):
        return which
    no_local, no_remote = local == "disabled", remote == "disabled"
    if (no_local and (which.local or no_remote)) or (no_remote and which.remote):
        return None
    return structs.replace(which, local=which.local or no_remote, remote=which.remote or no_local)


def is_heard(said: InstanceSettings, kind: Kind, role: str, *, local: bool) -> bool:
    """Whether a post of that half comes on streams of somebody with this role."""
    here, elsewhere = halves(said, kind)
    return (here if local else elsewhere) != "disabled" or may(role, "view_feeds")


def _check_open(asked: Collection[str]) -> None:
    if any(one != "public" for one in asked):
        raise Invalid("This method requires an authenticated user")
