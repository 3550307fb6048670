"""Which activities wait for one another."""

from __future__ import annotations

from typing import Any

import pytest

from dassie.federation.inbound.ordering import of_object, order_key
from dassie.federation.vocab.activities import read_activity

POST = "https://here.test/users/ana/statuses/1"
BOB, EVE = "https://b.test/users/bob", "https://e.test/users/eve"


def key(type: str, actor: str, object: Any) -> str:
    return order_key(read_activity({"id": f"{actor}/1", "type": type, "actor": actor, "object": object}))


@pytest.mark.parametrize("type", ["Like", "Announce", "EmojiReact"])
def test_the_crowd_around_one_post_does_not_queue_up(type: str) -> None:
    assert key(type, BOB, POST) != key(type, EVE, POST)
    assert key(type, BOB, POST) != of_object(POST)


@pytest.mark.parametrize("type", ["Like", "Announce", "EmojiReact", "Follow", "Block"])
def test_an_undo_comes_after_what_it_undoes(type: str) -> None:
    inner = {"id": f"{BOB}/0", "type": type, "actor": BOB, "object": POST}
    assert key("Undo", BOB, inner) == key(type, BOB, POST)


@pytest.mark.parametrize("type", ["Update", "Delete"])
def test_changes_come_after_the_post(type: str) -> None:
    note = {"id": f"{BOB}/notes/1", "type": "Note", "attributedTo": BOB}
    assert key(type, BOB, note) == key("Create", BOB, note) == of_object(f"{BOB}/notes/1")
