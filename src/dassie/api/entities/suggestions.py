"""Suggestion entities."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dassie.api.entities.accounts import Account
from dassie.api.entities.shapes import Words


class Suggestion(TypedDict):
    """Somebody to follow, and why."""

    source: Annotated[str, Words("staff", "past_interactions", "global")]
    sources: list[
        Annotated[
            str,
            Words(
                "featured", "most_followed", "most_interactions", "similar_to_recently_followed", "friends_of_friends"
            ),
        ]
    ]
    account: Account
