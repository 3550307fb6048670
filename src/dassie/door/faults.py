"""Faults of the machine that are no bugs: what a door says when the disk is full."""

from __future__ import annotations

import errno

from dassie.domain.errors import Busy

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def no_room(error: BaseException) -> Busy | None:
    """The refusal that goes with a full disk; None for any other error."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return Busy("The disk is full, so nothing can be saved. Free some space and try again.", retry_after=60)
    return None
