"""Mastodon.py reads notifications in groups from a running server. Every answer must have the declared types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from mastodon import MastodonNotFoundError

from client_server import Served
from strict_client import StrictMastodon, client, eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::mastodon.errors.MastodonDeprecationWarning"),
]

AS_NUMBER = re.compile(r"\.most_recent_notification_id is \d+, not str$")
"""Declared as text, as Mastodon's documentation has it; Mastodon itself sends a number (limits_and_rules section 3)."""


@pytest.fixture
def person(served: Served) -> Iterator[Callable[[], StrictMastodon]]:
    """Makes clients of new people."""
    with ExitStack() as stack:

        def make() -> StrictMastodon:
            api = client(served, served.person())
            stack.callback(api.session.close)
            made.append(api)
            return api

        made: list[StrictMastodon] = []
        yield make
        complaints = [words for one in made for words in one.complaints if not AS_NUMBER.search(words)]
        assert complaints == []


def test_groups_are_read_counted_and_dismissed(person: Callable[[], StrictMastodon]) -> None:
    ana, *others = [person() for _ in range(4)]
    post = ana.status_post("like this")
    for one in others:
        one.status_favourite(post.id)
    others[0].account_follow(ana.me().id)
    assert eventually(lambda: len(ana.notifications()) == 4)

    told = ana.grouped_notifications(limit=10, expand_accounts="partial_avatars")
    assert [group.type for group in told.notification_groups] == ["follow", "favourite"]
    follow, favourites = told.notification_groups
    assert favourites.notifications_count == 3
    assert str(favourites.status_id) == str(told.statuses[0].id) == str(post.id)
    assert len(favourites.sample_account_ids) == 3
    assert len(told.accounts) + len(told.partial_accounts) == 3
    assert int(ana.unread_grouped_notifications_count()) == 2

    [alone] = ana.grouped_notification(favourites.group_key).notification_groups
    assert alone.notifications_count == 3
    people = ana.grouped_notification_accounts(favourites.group_key)
    assert [one.id for one in people] == [one.me().id for one in reversed(others)]
    assert len(ana.grouped_notifications(grouped_types=["follow"]).notification_groups) == 4

    ana.dismiss_grouped_notification(favourites.group_key)
    assert [group.group_key for group in ana.grouped_notifications().notification_groups] == [follow.group_key]
    with pytest.raises(MastodonNotFoundError):
        ana.grouped_notification(favourites.group_key)
