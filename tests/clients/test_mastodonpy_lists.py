"""Mastodon.py against a running server: lists with their timelines and stream, filters of both versions."""

from __future__ import annotations

import pytest
from mastodon import MastodonAPIError, MastodonNotFoundError

from strict_client import StrictMastodon, eventually

pytestmark = [
    pytest.mark.slow,
    # Mastodon.py asks the first version of the instance document by itself, to learn the server's version
    pytest.mark.filterwarnings("ignore::mastodon.errors.MastodonDeprecationWarning"),
]


def test_a_list_from_beginning_to_end(ana: StrictMastodon, ben: StrictMastodon) -> None:
    before = ben.status_post("before the list")
    ana.account_follow(ben.me().id)
    one = ana.list_create("climbers", replies_policy="none", exclusive=False)
    assert (one.title, one.replies_policy, one.exclusive) == ("climbers", "none", False)
    ana.list_accounts_add(one.id, [ben.me().id])
    assert [account.id for account in ana.list_accounts(one.id)] == [ben.me().id]
    assert [found.id for found in ana.account_lists(ben.me().id)] == [one.id]
    eventually(lambda: ana.timeline_list(one.id))
    after = ben.status_post("after it")
    assert [status.id for status in ana.timeline_list(one.id)] == [after.id, before.id]
    assert ana.list_update(one.id, "apart", replies_policy="list", exclusive=True).exclusive is True
    assert ana.timeline_home() == []
    assert [found.title for found in ana.lists()] == ["apart"]
    ana.list_accounts_delete(one.id, [ben.me().id])
    assert ana.timeline_list(one.id) == []
    ana.list_delete(one.id)
    with pytest.raises(MastodonNotFoundError):
        ana.list(one.id)


def test_only_people_one_follows_can_be_listed(ana: StrictMastodon, ben: StrictMastodon) -> None:
    one = ana.list_create("strangers")
    with pytest.raises(MastodonNotFoundError):
        ana.list_accounts_add(one.id, [ben.me().id])


def test_filters_of_the_second_version(ana: StrictMastodon, ben: StrictMastodon) -> None:
    status = ben.status_post("nothing but wasps")
    new = ana.create_filter_v2(
        "pests", ["home", "public"], "warn", expires_in=3600, keywords_attributes=[{"keyword": "wasps"}]
    )
    assert [word.keyword for word in new.keywords] == ["wasps"]
    (found,) = ana.status(status.id).filtered
    assert (found.filter.title, found.keyword_matches) == ("pests", ["wasps"])
    word = ana.add_filter_keyword_v2(new.id, "bees", whole_word=False)
    assert [one.keyword for one in ana.filter_keywords_v2(new.id)] == ["wasps", "bees"]
    ana.delete_filter_keyword_v2(word.id)
    single = ana.add_filter_status_v2(new.id, status.id)
    assert [one.status_id for one in ana.filter_statuses_v2(new.id)] == [status.id]
    assert ana.status(status.id).filtered[0].status_matches == [str(status.id)]
    ana.delete_filter_status_v2(single.id)
    assert ana.update_filter_v2(new.id, title="insects", filter_action="hide").filter_action == "hide"
    assert [one.title for one in ana.filters_v2()] == ["insects"]
    ana.delete_filter_v2(new.id)
    assert ana.status(status.id).filtered == []


def test_filters_of_the_first_version(ana: StrictMastodon) -> None:
    new = ana.filter_create("wasps", ["home"], irreversible=False, whole_word=True)
    assert (new.phrase, new.whole_word, new.irreversible) == ("wasps", True, False)
    assert ana.filter_update(new.id, phrase="bees", context=["public"]).phrase == "bees"
    assert [one.phrase for one in ana.filters()] == ["bees"]
    with pytest.raises(MastodonAPIError):
        ana.filter_create("", ["home"])
    ana.filter_delete(new.id)
    assert ana.filters() == []
