"""Mastodon.py, as bots and scripts use it, against a running server. Every answer must have the declared types."""

from __future__ import annotations

import base64
import hashlib
import queue
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError, StreamListener
from mastodon.errors import MastodonDeprecationWarning, MastodonIllegalArgumentError, MastodonUnauthorizedError

from client_server import SCOPES, Person, Served
from consenting import Person as BrowsingPerson
from sample_pictures import png
from strict_client import StrictMastodon, client, eventually, trusting_session

pytestmark = [
    pytest.mark.slow,
    # Mastodon.py asks the first version of the instance document by itself, to learn the server's version
    pytest.mark.filterwarnings("ignore::mastodon.errors.MastodonDeprecationWarning"),
]
WANTED = SCOPES.split()


def register(served: Served, scopes: list[str] = WANTED, **more: Any) -> tuple[str, str]:
    with trusting_session(served) as session:
        session.headers["X-Forwarded-For"] = served.address()
        made: tuple[str, str] = Mastodon.create_app(
            "A bot", scopes=scopes, api_base_url=served.base, session=session, **more
        )
    return made


def test_an_app_registers_and_its_person_signs_in_and_signs_off(served: Served) -> None:
    person = served.person()
    client_id, secret = register(served, website="https://bot.example", redirect_uris=["https://bot.example/back"])
    api = StrictMastodon(served, client_id=client_id, client_secret=secret)
    address = api.auth_request_url(redirect_uris="https://bot.example/back", scopes=WANTED, state="a state")
    back = BrowsingPerson(served, person.name).allow(address)
    assert back.url.startswith("https://bot.example/back?")
    assert back.answer["state"] == "a state"

    token = api.log_in(code=back.answer["code"], redirect_uri="https://bot.example/back", scopes=WANTED)
    assert api.me().username == person.name
    app = api.app_verify_credentials()
    assert (app.name, app.website) == ("A bot", "https://bot.example")
    assert api.status_post("hello").application.name == "A bot"
    with pytest.raises(MastodonIllegalArgumentError):
        api.log_in(code=back.answer["code"], redirect_uri="https://bot.example/back", scopes=WANTED)

    api.revoke_access_token()
    api.access_token = token
    with pytest.raises(MastodonUnauthorizedError, match="The access token"):
        api.me()
    api.session.close()
    assert api.complaints == []


def test_an_app_without_address_gets_its_code_from_the_page(served: Served) -> None:
    person = served.person()
    client_id, secret = register(served, ["profile", "read"])
    api = StrictMastodon(served, client_id=client_id, client_secret=secret)
    browser = BrowsingPerson(served, person.name)
    code = browser.code_for(api.auth_request_url(scopes=["read"], force_login=True, lang="de"))
    api.log_in(code=code, scopes=["read"])
    assert api.account_verify_credentials().acct == person.name
    with pytest.raises(MastodonAPIError, match="outside the authorized scopes"):
        api.status_post("not allowed")

    again = browser.code_for(api.auth_request_url(scopes=["profile"]))
    api.log_in(code=again, scopes=["profile"])
    assert api.oauth_userinfo().preferred_username == person.name
    api.session.close()
    assert api.complaints == []


def test_a_code_with_a_challenge_needs_its_verifier(served: Served) -> None:
    person = served.person()
    client_id, secret = register(served)
    browser = BrowsingPerson(served, person.name)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": "urn:ietf:wg:oauth:2.0:oob",
        "scope": SCOPES,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with trusting_session(served) as session:
        for given, right in ((secrets.token_urlsafe(48), False), (None, False), (verifier, True)):
            code = browser.code_for(f"{served.base}/oauth/authorize?{urlencode(asked)}")
            fields = {
                "grant_type": "authorization_code",
                "client_id": client_id,
                "client_secret": secret,
                "code": code,
                "redirect_uri": asked["redirect_uri"],
                "code_verifier": given,
            }
            answer = session.post(f"{served.base}/oauth/token", data=fields)
            if right:
                assert answer.status_code == 200, answer.text
                api = StrictMastodon(served, answer.json()["access_token"])
                assert api.me().username == person.name
                api.session.close()
            else:
                assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_the_version_and_limits_are_read(ana: StrictMastodon) -> None:
    assert ana.verify_minimum_version("4.6.0")
    assert ana.mastodon_api_version >= 8
    second = ana.instance_v2()
    assert second.configuration.statuses.max_characters == 500
    assert f"https://{second.domain}" == ana.api_base_url
    with pytest.warns(MastodonDeprecationWarning):
        first = ana.instance_v1()
    assert first.uri == second.domain
    assert first.urls.streaming_api == second.configuration.urls.streaming == f"wss://{second.domain}"
    assert ana.instance_health()
    assert ana.instance_nodeinfo().software.name == "dassie"
    assert ana.instance_rules() == []
    assert ana.instance_peers() == []
    assert len(ana.instance_activity()) == 12
    assert any(language.code == "de" for language in ana.instance_languages())
    assert ana.custom_emojis() == []
    assert ana.instance_extended_description().content is not None
    told: Any = ana.get_approx_server_time()
    assert abs(told.timestamp() - time.time()) < 10


def test_a_status_with_everything(ana: StrictMastodon) -> None:
    key = secrets.token_hex(8)
    given = {"spoiler_text": "a warning", "visibility": "unlisted", "language": "de", "idempotency_key": key}
    first = ana.status_post("Hallo #Welt", **given)
    again = ana.status_post("Hallo #Welt", **given)
    assert first.id == again.id
    assert (first.spoiler_text, first.visibility, first.language) == ("a warning", "unlisted", "de")
    assert first.sensitive is True
    assert [tag.name for tag in first.tags] == ["Welt"] or [tag.name for tag in first.tags] == ["welt"]
    assert ana.status(first.id).content == first.content
    assert first.created_at.tzinfo is not None
    assert abs(first.id.to_datetime().timestamp() - time.time()) < 60

    changed = ana.status_update(first.id, "Hallo #Mond", spoiler_text="another warning")
    assert changed.edited_at is not None
    assert "Mond" in changed.content
    versions = ana.status_history(first.id)
    assert [version.spoiler_text for version in versions] == ["a warning", "another warning"]
    source = ana.status_source(first.id)
    assert (source.text, source.spoiler_text) == ("Hallo #Mond", "another warning")
    assert [one.id for one in ana.statuses([first.id])] == [first.id]

    gone = ana.status_delete(first.id)
    assert gone.text == "Hallo #Mond"
    ana.expect("Status.content is missing")  # Mastodon, too, answers a deletion with `text` in its place
    with pytest.raises(MastodonNotFoundError, match="Record not found"):
        ana.status(first.id)


def test_pictures_are_described_and_focused(ana: StrictMastodon) -> None:
    made = ana.media_post(png(400, 300), "image/png", description="A stone", focus=(0.5, -0.25), synchronous=True)
    assert (made.type, made.description) == ("image", "A stone")
    assert (made.meta.focus.x, made.meta.focus.y) == (0.5, -0.25)
    assert (made.meta.original.width, made.meta.original.height) == (400, 300)
    assert made.meta.original.size == "400x300"
    assert ana.decode_blurhash(made)
    assert ana.media(made.id).id == made.id
    changed = ana.media_update(made.id, description="A warm stone", focus=(0.0, 0.0))
    assert changed.description == "A warm stone"

    status = ana.status_post("", media_ids=[made], sensitive=True)
    assert [one.description for one in status.media_attachments] == ["A warm stone"]
    assert status.sensitive is True
    with closing(ana.session.get(status.media_attachments[0].url)) as file:
        assert file.headers["content-type"].startswith("image/")
        assert file.headers["access-control-allow-origin"] == "*"
    edits = [ana.generate_media_edit_attributes(made.id, description="A cold stone", focus=(1.0, 1.0))]
    edited = ana.status_update(status.id, "now with words", media_attributes=edits)
    assert edited.media_attachments[0].description == "A cold stone"
    assert edited.media_attachments[0].meta.focus.x == 1.0
    assert [one.id for one in ana.account_statuses(ana.me().id, only_media=True)] == [status.id]


def test_a_poll_is_voted_in_by_somebody_else(ana: StrictMastodon, ben: StrictMastodon) -> None:
    poll = ana.make_poll(["the rock", "the tree", "the shade"], expires_in=3600, multiple=True, hide_totals=True)
    status = ana.status_post("Where?", poll=poll)
    assert [option.title for option in status.poll.options] == ["the rock", "the tree", "the shade"]
    assert (status.poll.multiple, status.poll.expired, status.poll.voted) == (True, False, True)
    seen = ben.status(status.id).poll
    assert (seen.voted, seen.own_votes) == (False, [])
    voted = ben.poll_vote(seen, [0, 2])
    assert (voted.voted, voted.own_votes, voted.votes_count, voted.voters_count) == (True, [0, 2], 2, 1)
    assert [option.votes_count for option in voted.options] == [None, None, None]
    with pytest.raises(MastodonAPIError, match="already voted"):
        ben.poll_vote(seen, 0)
    assert ana.poll(status.poll.id).votes_count == 2


def test_a_conversation_is_read_as_a_thread(ana: StrictMastodon, ben: StrictMastodon) -> None:
    first = ana.status_post("a question")
    answer = ben.status_reply(first, "an answer")
    last = ana.status_reply(answer, "thanks")
    assert answer.in_reply_to_id == first.id
    assert answer.in_reply_to_account_id == ana.me().id
    assert [mention.id for mention in answer.mentions] == [ana.me().id]
    thread = ana.status_context(answer.id)
    assert [one.id for one in thread.ancestors] == [first.id]
    assert [one.id for one in thread.descendants] == [last.id]
    assert ana.status(first.id).replies_count == 1
    eventually(lambda: [n for n in ana.notifications(types=["mention"]) if n.status.id == answer.id])
    assert ana.status_mute(first.id).muted is True
    assert ana.status_unmute(first.id).muted is False


def test_marks_are_set_seen_and_taken_back(ana: StrictMastodon, ben: StrictMastodon) -> None:
    status = ana.status_post("to be liked")
    assert ben.status_favourite(status.id).favourited is True
    assert [one.id for one in ben.favourites()] == [status.id]
    assert [one.id for one in ana.status_favourited_by(status.id)] == [ben.me().id]
    assert ben.status_bookmark(status.id).bookmarked is True
    assert [one.id for one in ben.bookmarks()] == [status.id]
    boost = ben.status_reblog(status.id, visibility="unlisted")
    assert (boost.reblog.id, boost.reblog.reblogged, boost.visibility) == (status.id, True, "unlisted")
    assert [one.id for one in ana.status_reblogged_by(status.id)] == [ben.me().id]
    shown = ana.status(status.id)
    assert (shown.favourites_count, shown.reblogs_count) == (1, 1)
    kinds = eventually(lambda: (found := {n.type for n in ana.notifications()}) >= {"favourite", "reblog"} and found)
    assert kinds == {"favourite", "reblog"}

    assert ben.status_unfavourite(status.id).favourited is False
    assert ben.status_unbookmark(status.id).bookmarked is False
    assert ben.status_unreblog(status.id).reblogged is False
    shown = ana.status(status.id)
    assert (shown.favourites_count, shown.reblogs_count) == (0, 0)

    assert ana.status_pin(status.id).pinned is True
    assert [one.id for one in ben.account_statuses(ana.me().id, pinned=True)] == [status.id]
    assert ana.status_unpin(status.id).pinned is False


def test_timelines_are_paged_both_ways(ana: StrictMastodon, ben: StrictMastodon) -> None:
    ben.account_follow(ana.me().id)
    tag = f"t{secrets.token_hex(4)}"
    posted = [ana.status_post(f"{number} #{tag}").id for number in range(7)]
    newest_first = [str(id) for id in reversed(posted)]
    eventually(lambda: len(ben.timeline_home()) >= 7)
    pages: list[Callable[..., Any]] = [
        ben.timeline_home,
        lambda **more: ben.timeline_hashtag(tag, local=True, **more),
        lambda **more: ben.account_statuses(ana.me().id, exclude_replies=True, **more),
    ]
    for read in pages:
        page = read(limit=3)
        found = [str(one.id) for one in ben.fetch_remaining(page)]
        assert found == newest_first
        second: Any = ben.fetch_next(page)
        assert [str(one.id) for one in second] == newest_first[3:6]
        back: Any = ben.fetch_previous(second)
        assert [str(one.id) for one in back] == newest_first[:3]
        assert [str(one.id) for one in read(limit=2, min_id=posted[2])] == [str(posted[4]), str(posted[3])]
        assert [str(one.id) for one in read(limit=2, since_id=posted[2])] == [str(posted[6]), str(posted[5])]
        assert [str(one.id) for one in read(limit=2, max_id=posted[2])] == [str(posted[1]), str(posted[0])]
    assert str(posted[-1]) in [str(one.id) for one in ben.timeline_local(limit=40)]
    assert str(posted[-1]) in [str(one.id) for one in ben.timeline_public(limit=40)]
    assert ben.timeline_public(remote=True) == []


def test_people_are_found_and_followed(ana: StrictMastodon, ben: StrictMastodon) -> None:
    me, other = ana.me(), ben.me()
    assert ana.account_lookup(other.acct).id == other.id
    assert ana.account_lookup(f"{other.acct}@{ana.instance_v2().domain}").id == other.id
    assert [one.id for one in ana.accounts([other.id, me.id])] == [other.id, me.id]
    assert other.id in [one.id for one in ana.account_search(other.username)]
    assert other.id in [one.id for one in ana.search(f"@{other.username}").accounts]

    followed = ana.account_follow(other.id, reblogs=False, notify=True)
    assert (followed.following, followed.showing_reblogs, followed.notifying) == (True, False, True)
    assert [one.id for one in ana.account_following(me.id)] == [other.id]
    assert [one.id for one in ana.account_followers(other.id)] == [me.id]
    assert ben.account_relationships([me.id, other.id])[0].followed_by is True
    assert eventually(lambda: [n.type for n in ben.notifications()]) == ["follow"]
    assert ana.account_note_set(other.id, "kind").note == "kind"
    assert ana.account_familiar_followers([other.id])[0].accounts == []
    assert ben.account_remove_from_followers(me.id).followed_by is False
    assert ana.account_follow(other.id).following is True
    assert ana.account_unfollow(other.id).following is False


def test_requests_mutes_and_blocks(ana: StrictMastodon, ben: StrictMastodon) -> None:
    me, other = ana.me(), ben.me()
    assert ana.account_update_credentials(locked=True).locked is True
    assert ben.account_follow(me.id).requested is True
    assert ana.me().source.follow_requests_count == 1
    assert [one.id for one in ana.follow_requests()] == [other.id]
    assert ana.follow_request_authorize(other.id).followed_by is True
    assert ben.account_unfollow(me.id).following is False
    ben.account_follow(me.id)
    assert ana.follow_request_reject(other.id).followed_by is False
    assert ana.follow_requests() == []

    muted = ana.account_mute(other.id, notifications=False, duration=3600)
    assert (muted.muting, muted.muting_notifications) == (True, False)
    assert [one.id for one in ana.mutes()] == [other.id]
    assert ana.mutes()[0].mute_expires_at is not None
    assert ana.account_unmute(other.id).muting is False
    assert ana.account_block(other.id).blocking is True
    assert [one.id for one in ana.blocks()] == [other.id]
    assert ben.account_relationships(me.id)[0].blocked_by is True
    assert ana.account_unblock(other.id).blocking is False


def test_notifications_are_read_counted_and_cleared(ana: StrictMastodon, ben: StrictMastodon) -> None:
    status = ana.status_post("a stone")
    ben.status_favourite(status.id)
    ben.status_reply(status, "nice")
    ben.account_follow(ana.me().id)
    found = eventually(lambda: len(page := ana.notifications()) == 3 and page)
    assert sorted(one.type for one in found) == ["favourite", "follow", "mention"]
    assert ana.notifications_unread_count().count == 3
    assert [one.type for one in ana.notifications(types=["follow"])] == ["follow"]
    assert sorted(one.type for one in ana.notifications(exclude_types=["follow"])) == ["favourite", "mention"]
    assert len(ana.notifications(account_id=ben.me().id)) == 3
    first = ana.notifications(limit=1)
    assert [one.id for one in ana.fetch_remaining(first)] == [one.id for one in found]
    assert ana.notifications(id=found[0].id).id == found[0].id

    marked = ana.markers_set("notifications", found[0].id)
    assert str(marked["notifications"].last_read_id) == str(found[0].id)
    assert ana.notifications_unread_count().count == 0
    both = ana.markers_set(["home", "notifications"], [status.id, found[1].id])
    assert both["notifications"].version == marked["notifications"].version + 1
    assert str(ana.markers_get(["home"])["home"].last_read_id) == str(status.id)
    ana.notifications_dismiss(found[0].id)
    assert len(ana.notifications()) == 2
    ana.notifications_clear()
    assert ana.notifications() == []


def test_the_own_profile_is_changed(ana: StrictMastodon) -> None:
    changed = ana.account_update_credentials(
        display_name="Ana of the Rocks",
        note="I climb. #rocks",
        avatar=png(200, 200),
        avatar_mime_type="image/png",
        header=png(600, 200),
        header_mime_type="image/png",
        bot=True,
        discoverable=True,
        fields=[("Likes", "figs"), ("Site", "https://rocks.example")],
    )
    assert (changed.display_name, changed.bot, changed.discoverable) == ("Ana of the Rocks", True, True)
    assert [(one.name, one.value) for one in changed.source.fields] == [
        ("Likes", "figs"),
        ("Site", "https://rocks.example"),
    ]
    assert changed.source.note == "I climb. #rocks"
    assert "missing" not in changed.avatar
    assert "missing" not in changed.header
    with closing(ana.session.get(changed.avatar)) as picture:
        assert picture.headers["content-type"].startswith("image/")
    assert ana.me().fields[0].name == "Likes"
    preferences = ana.preferences()
    assert preferences.posting_default_visibility == "public"
    assert ana.profile().display_name == "Ana of the Rocks"
    assert "missing" in ana.account_delete_avatar().avatar
    assert "missing" in ana.account_delete_header().header


def test_search_finds_people_tags_and_links(ana: StrictMastodon, ben: StrictMastodon) -> None:
    tag = f"stone{secrets.token_hex(4)}"
    status = ana.status_post(f"an unusual #{tag}")
    found = eventually(lambda: (all := ana.search(tag, result_type="hashtags")).hashtags and all)
    assert [one.name for one in found.hashtags] == [tag]
    assert [one.id for one in ben.search(status.url, resolve=True).statuses] == [status.id]
    assert [one.id for one in eventually(lambda: ana.search("unusual", result_type="statuses").statuses)] == [status.id]
    assert ana.tag(tag).name == tag


class Listening(StreamListener):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()

    def on_update(self, status: Any) -> None:
        self.heard.put(("update", status))

    def on_status_update(self, status: Any) -> None:
        self.heard.put(("status.update", status))

    def on_delete(self, status_id: Any) -> None:
        self.heard.put(("delete", status_id))

    def on_notification(self, notification: Any) -> None:
        self.heard.put(("notification", notification))

    def on_abort(self, err: Exception) -> None:
        self.heard.put(("abort", err))

    def next(self, event: str) -> Any:
        """The next event of this kind; others in between are dropped."""
        while True:
            name, payload = self.heard.get(timeout=15)
            assert name != "abort", payload
            if name == event:
                return payload


def test_the_stream_of_a_person_tells_what_happens(ana: StrictMastodon, ben: StrictMastodon) -> None:
    ana.account_follow(ben.me().id)
    assert ana.stream_healthy()
    listening = Listening()
    stream = ana.stream_user(listening, run_async=True)
    try:
        status = ben.status_post(f"@{ana.me().acct} look")
        assert listening.next("update").id == status.id
        ben.status_update(status.id, f"@{ana.me().acct} look here")
        assert "look here" in listening.next("status.update").content
        ben.status_favourite(ana.status_post("mine").id)
        while (heard := listening.next("notification")).type != "favourite":
            assert heard.type == "mention"
        ben.status_delete(status.id)
        ben.expect("Status.content is missing")
        assert str(listening.next("delete")) == str(status.id)
    finally:
        # Closing waits for the reader, and the reader for the next words from us: an event, or `:thump`
        closes = threading.Thread(target=stream.close)
        closes.start()
        ben.status_post("the end")
        closes.join()


def test_people_who_may_not_are_told_so(served: Served, ana: StrictMastodon) -> None:
    stranger = StrictMastodon(served)
    secret = ana.status_post("for myself", visibility="direct")
    open_one = ana.status_post("for all")
    assert stranger.status(open_one.id).id == open_one.id
    assert stranger.account_statuses(ana.me().id)[0].id == open_one.id
    with pytest.raises(MastodonNotFoundError, match="Record not found"):
        stranger.status(secret.id)
    with pytest.raises(MastodonUnauthorizedError):
        stranger.timeline_home()
    with pytest.raises(MastodonAPIError, match="Validation failed"):
        ana.status_post("x" * 501)
    stranger.session.close()
    assert stranger.complaints == []


def test_the_token_of_the_command_line_is_one_of_a_person(served: Served) -> None:
    person: Person = served.person()
    api = client(served, person)
    assert int(api.me().id) == person.id
    api.session.close()
