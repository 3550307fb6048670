"""Streams within one process: every listener is bounded."""

from __future__ import annotations

from dassie.adapters import streams_memory
from dassie.adapters.streams_memory import MemoryStreams
from dassie.ports import Event


async def test_a_listener_that_falls_behind_is_let_go_and_holds_nothing() -> None:
    streams = MemoryStreams()
    slow, quick = streams.subscribe(frozenset({"public", "tokens"})), streams.subscribe(frozenset({"public"}))
    heard = aiter(quick)
    for number in range(streams_memory.WAITING_EVENTS + 1):
        streams.publish("public", Event("update", number))
        assert (await anext(heard))[1].id == number
    assert [event async for event in slow] == []
    assert (slow.fell_behind, quick.fell_behind) == (True, False)
    assert (streams.listeners("public"), streams.listeners("tokens")) == (1, 0)
    streams.publish("public", Event("update", 0))  # to those who are left


async def test_a_listener_that_keeps_up_hears_all_in_order() -> None:
    streams = MemoryStreams()
    heard = streams.subscribe(frozenset({"a"}))
    heard.add("b")
    for number in range(streams_memory.WAITING_EVENTS):
        streams.publish("ab"[number % 2], Event("update", number))
    heard.remove("b")
    streams.publish("b", Event("update", -1))
    await streams.close()
    assert [event.id async for _, event in heard] == list(range(streams_memory.WAITING_EVENTS))
    assert not heard.fell_behind
