"""List entities."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dassie.api.entities.shapes import Id, Words
from dassie.store.lists import UserList


class List(TypedDict):
    """A list of people, with a timeline of its own."""

    id: Id
    title: str
    replies_policy: Annotated[str, Words("followed", "list", "none")]
    exclusive: bool


def show_list(one: UserList) -> List:
    """A list, without its members."""
    return {
        "id": str(one.id),
        "title": one.title,
        "replies_policy": one.replies_policy,
        "exclusive": one.exclusive,
    }
