"""List entities."""

from __future__ import annotations

from typing import Any

from dassie.store.lists import UserList


def show_list(one: UserList) -> dict[str, Any]:
    """A list, without its members."""
    return {
        "id": str(one.id),
        "title": one.title,
        "replies_policy": one.replies_policy,
        "exclusive": one.exclusive,
    }
