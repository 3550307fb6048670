"""Ids: the layout clients compute with, and an order that never turns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dassie.domain import ids

NOW = datetime(2026, 5, 4, 3, 2, 1, 500_000, tzinfo=UTC)


def test_an_id_holds_its_milliseconds() -> None:
    at = datetime(2020, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
    assert ids.id_time(ids.new_id(at)) == at
    assert ids.id_floor(at) <= ids.new_id(at) < ids.id_floor(at + timedelta(milliseconds=1))


def test_ids_given_out_in_order_keep_their_order_even_when_the_clock_goes_back() -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    made = [ids.next_id(later - timedelta(seconds=n % 3)) for n in range(200_000)]
    assert made == sorted(set(made))


@given(st.text())
def test_what_cannot_be_an_id_is_none(text: str) -> None:
    found = ids.parse_id(text)
    assert found is None or abs(found) <= ids.MAX_ID


def test_ids_that_clients_send_are_read() -> None:
    assert ids.parse_id("109367265846427848") == 109367265846427848
    assert ids.parse_id("-99") == -99
    for text in ("", "abc", "1.5", "9" * 30, "٣", "--1", "0x10"):
        assert ids.parse_id(text) is None
