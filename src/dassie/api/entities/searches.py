"""What a search finds."""

from __future__ import annotations

from typing import TypedDict

from dassie.api.entities.accounts import Account
from dassie.api.entities.collections import Collection
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.tags import Tag


class Search(TypedDict):
    """What is found."""

    accounts: list[Account]
    statuses: list[EncodedStatus]
    hashtags: list[Tag]
    collections: list[Collection]
