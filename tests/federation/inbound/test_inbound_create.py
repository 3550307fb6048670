"""Create: posts of others, who may see them, whom they reach."""

from __future__ import annotations

import pytest

from dassie.store import media, mentions, polls, statuses, tags
from fediverse import PUBLIC, Fediverse
from following_here import follow, pair, status, the_account, the_status, write


async def test_post_comes_into_the_home_feed_with_its_parts(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    note = fediverse.note(
        bob,
        '<p>hi <script>alert(1)</script><a href="https://there.test/x" onclick="y">x</a></p>',
        summary="careful <b>now</b>",
        sensitive=True,
        contentMap={"de": "<p>hi</p>"},
        tag=[
            {"type": "Hashtag", "name": "#Café"},
            {"type": "Emoji", "name": ":cat:", "icon": {"url": "https://there.test/cat.png"}},
        ],
        attachment=[
            {
                "type": "Document",
                "mediaType": "image/png",
                "url": "https://there.test/a.png",
                "name": "a picture",
                "width": 40,
                "height": 20,
                "focalPoint": [0.5, -0.5],
            }
        ],
    )
    await fediverse.deliver(bob, fediverse.create(bob, note))
    row = await the_status(fediverse, note["id"])
    assert row.visibility == "public"
    assert "script" not in row.content
    assert "onclick" not in row.content
    assert row.spoiler_text == "careful now"
    assert (row.sensitive, row.language) == (True, "de")
    assert [(one.shortcode, one.url) for one in row.emojis] == [("cat", "https://there.test/cat.png")]
    async with fediverse.world.server.read() as tx:
        assert await tags.names_of(tx, row.id) == ["cafe"]
        (file,) = (await media.of_statuses(tx, [row.id]))[row.id]
    assert (file.kind, file.remote_url, file.description) == ("image", "https://there.test/a.png", "a picture")
    assert file.meta["original"]["size"] == "40x20"
    assert (file.focus_x, file.focus_y, file.file_key) == (0.5, -0.5, None)
    home = (await (await fediverse.world.api_as(ana)).get("/api/v1/timelines/home")).json
    assert [one["uri"] for one in home] == [note["id"]]


async def test_create_twice_under_two_ids_is_one_post(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = fediverse.note(bob)
    first, second = fediverse.create(bob, note), fediverse.create(bob, note)
    assert [(await fediverse.send(bob, one)).code for one in (first, second)] == [202, 202]
    await fediverse.world.settle()
    assert (await the_account(fediverse, bob.uri)).statuses_count == 1


@pytest.mark.parametrize(
    ("to", "cc", "expected"),
    [
        (["as:Public"], [], "public"),
        (["FOLLOWERS"], ["Public"], "unlisted"),
        (["FOLLOWERS"], [], "private"),
        (["https://here.test/users/ana"], [], "direct"),
        (["https://elsewhere.test/users/x", "https://here.test/users/ana"], [], "limited"),
    ],
)
async def test_visibility_follows_from_the_addresses(
    fediverse: Fediverse, to: list[str], cc: list[str], expected: str
) -> None:
    ana, bob = await pair(fediverse)
    to = [bob.followers if one == "FOLLOWERS" else one for one in to]
    note = fediverse.note(bob, to=to, cc=cc, tag=[{"type": "Mention", "href": ana.uri, "name": "@ana"}])
    await fediverse.deliver(bob, fediverse.create(bob, note))
    assert (await the_status(fediverse, note["id"])).visibility == expected


async def test_mentioned_is_notified_and_addressed_is_not(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    ben = await fediverse.world.account("ben")
    note = fediverse.note(
        bob,
        to=[ana.uri, ben.uri],
        cc=[],
        tag=[
            {"type": "Mention", "href": ana.uri, "name": "@ana@here.test"},
            {"type": "Mention", "href": "https://nowhere.test/users/x", "name": "@x@nowhere.test"},
        ],
    )
    await fediverse.deliver(bob, fediverse.create(bob, note))
    row = await the_status(fediverse, note["id"])
    async with fediverse.world.server.read() as tx:
        assert await mentions.of(tx, row.id) == {ana.id: False, ben.id: True}
        for reader in (ana, ben):
            assert await statuses.visible(tx, [row.id], viewer=reader.id)
    assert not any("nowhere.test" in url for url in fediverse.http.asked)
    told = {}
    for reader in (ana, ben):
        got = await (await fediverse.world.api_as(reader)).get("/api/v1/notifications")
        told[reader.username] = [one["type"] for one in got.json] if got.code == 200 else None
    assert told["ben"] in ([], None)
    assert told["ana"] in (["mention"], None)


async def test_mentioned_but_not_addressed_cannot_read_a_private_post(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    ben = await fediverse.world.account("ben")
    note = fediverse.note(bob, to=[bob.followers], cc=[], tag=[{"type": "Mention", "href": ben.uri, "name": "@ben"}])
    await fediverse.deliver(bob, fediverse.create(bob, note))
    row = await the_status(fediverse, note["id"])
    async with fediverse.world.server.read() as tx:
        assert not await statuses.visible(tx, [row.id], viewer=ben.id)


async def test_post_in_ones_own_inbox_can_be_read_by_its_owner(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    ben = await fediverse.world.account("ben")
    note = fediverse.note(bob, to=["https://there.test/lists/1"], cc=[])
    await fediverse.deliver(bob, fediverse.create(bob, note), "/users/ben/inbox")
    row = await the_status(fediverse, note["id"])
    async with fediverse.world.server.read() as tx:
        assert await statuses.visible(tx, [row.id], viewer=ben.id)


async def test_post_that_addresses_nobody_is_not_taken_from_the_shared_inbox(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = fediverse.note(bob, to=[], cc=[])
    await fediverse.deliver(bob, fediverse.create(bob, note))
    assert await status(fediverse, note["id"]) is None


async def test_reply_joins_its_thread_and_is_counted(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    ours = await write(fediverse, ana)
    note = fediverse.note(bob, inReplyTo=ours.url, to=[PUBLIC], cc=[ana.uri])
    await fediverse.deliver(bob, fediverse.create(bob, note))
    row = await the_status(fediverse, note["id"])
    assert (row.in_reply_to_id, row.in_reply_to_account_id, row.thread_id) == (ours.id, ana.id, ours.id)
    assert (await the_status(fediverse, ours.uri)).replies_count == 1


async def test_ancestors_of_a_reply_are_fetched_upwards(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    carl = fediverse.actor("carl", "other.test", key=1)
    root = fediverse.note(carl, "<p>root</p>")
    middle = fediverse.note(carl, "<p>middle</p>", inReplyTo=root["id"])
    fediverse.http.serve(root)
    fediverse.http.serve(middle)
    note = fediverse.note(bob, inReplyTo=middle["id"])
    await fediverse.deliver(bob, fediverse.create(bob, note))
    rows = [await the_status(fediverse, one["id"]) for one in (root, middle, note)]
    assert [row.in_reply_to_id for row in rows] == [None, rows[0].id, rows[1].id]
    assert len({row.thread_id for row in rows}) == 1


async def test_unreachable_parent_is_left_and_the_reply_stays(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = fediverse.note(bob, inReplyTo="https://gone.test/notes/1")
    await fediverse.deliver(bob, fediverse.create(bob, note))
    row = await the_status(fediverse, note["id"])
    assert (row.in_reply_to_id, row.in_reply_to_uri) == (None, "https://gone.test/notes/1")


async def test_post_of_somebody_else_is_not_taken(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    other_author = fediverse.note(bob, attributedTo="https://there.test/users/carl")
    other_host = fediverse.note(bob, id="https://victim.test/notes/1")
    for note in (other_author, other_host):
        await fediverse.deliver(bob, fediverse.create(bob, note))
        assert await status(fediverse, note["id"]) is None


async def test_second_create_of_a_known_post_widens_nothing(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    eve = fediverse.actor("eve", key=1)
    await follow(fediverse, ana, eve)
    note = fediverse.note(bob, to=[bob.followers], cc=[])
    await fediverse.deliver(bob, fediverse.create(bob, note))
    stolen = note | {"to": [PUBLIC], "attributedTo": eve.uri}
    await fediverse.deliver(eve, fediverse.create(eve, stolen))
    row = await the_status(fediverse, note["id"])
    assert row.visibility == "private"
    assert row.account_id == (await the_account(fediverse, bob.uri)).id


async def test_post_named_by_its_id_alone_is_fetched(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = fediverse.note(bob)
    fediverse.http.serve(note)
    await fediverse.deliver(bob, fediverse.activity("Create", bob, note["id"], to=[PUBLIC]))
    assert (await the_status(fediverse, note["id"])).content == "<p>hello</p>"


async def test_poll_comes_with_its_tallies(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    options = [{"type": "Note", "name": name, "replies": {"totalItems": n}} for name, n in (("tea", 2), ("<i>no", 1))]
    note = fediverse.note(bob, type="Question", oneOf=options, votersCount=3, endTime="2099-01-01T00:00:00Z")
    await fediverse.deliver(bob, fediverse.create(bob, note))
    row = await the_status(fediverse, note["id"])
    async with fediverse.world.server.read() as tx:
        poll = (await polls.of_statuses(tx, [row.id], viewer=None))[row.id]
    assert [(one.title, one.votes) for one in poll.options] == [("tea", 2), ("no", 1)]
    assert (poll.votes_count, poll.voters_count, poll.multiple) == (3, 3, False)


async def test_votes_in_our_poll_are_counted_once_and_never_shown(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    ours = await write(fediverse, ana, poll=["tea", "coffee"])

    def vote(name: str) -> dict[str, object]:
        note = fediverse.note(bob, "", name=name, inReplyTo=ours.uri, to=[ana.uri], cc=[])
        del note["content"]
        return note

    first = vote("coffee")
    await fediverse.deliver(bob, fediverse.create(bob, first))
    await fediverse.deliver(bob, fediverse.create(bob, vote("coffee")))
    await fediverse.deliver(bob, fediverse.create(bob, vote("tea")))
    async with fediverse.world.server.read() as tx:
        poll = (await polls.of_statuses(tx, [ours.id], viewer=None))[ours.id]
    assert [one.votes for one in poll.options] == [0, 1]
    assert await status(fediverse, str(first["id"])) is None


async def test_article_becomes_a_post_with_title_and_link(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = fediverse.note(bob, "<p>long read</p>", type="Article", name="On tea", url="https://there.test/tea")
    await fediverse.deliver(bob, fediverse.create(bob, note))
    row = await the_status(fediverse, note["id"])
    assert "On tea" in row.content
    assert "https://there.test/tea" in row.content
    assert row.spoiler_text == ""


async def test_chat_messages_are_not_posts(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    note = fediverse.note(bob, type="ChatMessage", to=[ana.uri], cc=[])
    await fediverse.deliver(bob, fediverse.create(bob, note))
    assert await status(fediverse, note["id"]) is None


async def test_text_that_databases_refuse_is_taken_without_it(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = fediverse.note(bob, "<p>a\x00b</p>", summary="c\x00d", tag=[{"type": "Hashtag", "name": "#x\x00y"}])
    body = fediverse.create(bob, note)
    await fediverse.deliver(bob, body)
    row = await the_status(fediverse, note["id"])
    assert (row.content, row.spoiler_text) == ("<p>ab</p>", "cd")
