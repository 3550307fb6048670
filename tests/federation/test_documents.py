"""Our documents as other servers read them; our own vocabulary reads the same facts out of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import templates
from dassie.domain.ids import new_id
from dassie.federation.signatures import load_public
from dassie.federation.vocab.activities import read_activity
from dassie.federation.vocab.actors import read_actor
from dassie.federation.vocab.collections import read_collection, read_page
from dassie.federation.vocab.notes import read_note
from dassie.store import accounts, blocks, media
from dassie.store.views import AccountView, EmojiView, FieldView
from others import Other, follows_ours, other, read
from worlds import Client, Got, World, new_world

NEVER_CACHED = "private, max-age=0"


@pytest.fixture
async def closed(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A server that wants to know who reads."""
    if not database_url:
        await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_world(tmp_path, database_url=database_url, authorized_fetch=True) as made:
        yield made


async def post(world: World, me: AccountView, text: str, **form: Any) -> Any:
    got = await (await world.api_as(me)).post("/api/v1/statuses", status=text, **form)
    assert got.code == 200, got.text
    return got.json


def path_of(uri: str) -> str:
    return uri.removeprefix("https://here.test")


# Actors ----------------------------------------------------------------------------------------------


async def test_an_actor_says_who_it_is(world: World) -> None:
    ana = await world.account("ana", display_name="Ana & Co", locked=True)
    async with world.server.write() as tx:
        await accounts.change(
            tx,
            ana.id,
            note="<p>Hello :cat:</p>",
            fields=[FieldView("Site", '<a href="https://ana.test" rel="me">ana.test</a>')],
            emojis=[EmojiView("cat", "https://here.test/system/emoji/cat.png")],
            discoverable=True,
            indexable=True,
            avatar_key="avatars/a.webp",
            avatar_description="A cat",
            header_key="headers/h.png",
            also_known_as=["https://old.test/users/ana"],
            attribution_domains=["ana.test"],
        )
    got = await read(world, "/users/ana")
    assert got.code == 200
    assert got.headers["content-type"].startswith("application/activity+json")
    actor = read_actor(got.json)
    assert actor.uri == ana.uri
    assert actor.type == "Person"
    assert (actor.username, actor.webfinger, actor.name) == ("ana", "ana@here.test", "Ana & Co")
    assert actor.summary == "<p>Hello :cat:</p>"
    assert actor.url == "https://here.test/@ana"
    assert actor.inbox == "https://here.test/users/ana/inbox"
    assert actor.shared_inbox == "https://here.test/inbox"
    assert actor.followers == "https://here.test/users/ana/followers"
    assert actor.featured == "https://here.test/users/ana/collections/featured"
    assert actor.icon is not None
    assert (actor.icon.url, actor.icon.alt) == ("https://here.test/system/avatars/a.webp", "A cat")
    assert actor.image is not None
    assert actor.image.url == "https://here.test/system/headers/h.png"
    assert [(field.name, field.value_html) for field in actor.fields] == [
        ("Site", '<a href="https://ana.test" rel="me">ana.test</a>')
    ]
    assert [(emoji.shortcode, emoji.icon_url) for emoji in actor.emojis] == [
        ("cat", "https://here.test/system/emoji/cat.png")
    ]
    assert actor.locked
    assert actor.discoverable
    assert actor.indexable
    assert actor.also_known_as == ("https://old.test/users/ana",)
    assert actor.attribution_domains == ("ana.test",)
    assert [key.key_id for key in actor.keys] == [f"{ana.uri}#main-key"]
    assert load_public(actor.keys[0].pem).key_size == 2048  # type: ignore[union-attr]


async def test_an_actor_changes_with_the_account_and_is_304_until_then(world: World) -> None:
    ana = await world.account("ana")
    first = await read(world, "/users/ana")
    assert "signature" in first.headers["vary"].lower()
    again = await read(world, "/users/ana", if_none_match=first.headers["etag"])
    assert (again.code, again.body) == (304, b"")
    async with world.server.write() as tx:
        await accounts.change(tx, ana.id, display_name="New")
    changed = await read(world, "/users/ana", if_none_match=first.headers["etag"])
    assert changed.code == 200
    assert changed.json["name"] == "New"


async def test_people_are_sent_to_the_page(world: World) -> None:
    await world.account("ana")
    for path, page in (("/users/ana", "/@ana"), ("/users/ana/statuses/1", "/@ana/1")):
        got = await read(world, path, accept="text/html,application/xhtml+xml,*/*;q=0.8")
        assert got.code == 302
        assert got.headers["location"] == f"https://here.test{page}"


async def test_the_address_of_the_page_gives_servers_the_document(world: World) -> None:
    ana = await world.account("ana")
    status = await post(world, ana, "hello")
    assert (await read(world, "/@ana")).json["id"] == ana.uri
    assert (await read(world, f"/@ana/{status['id']}")).json["id"] == status["uri"]
    page = await read(world, "/@ana", accept="text/html")
    assert page.headers["content-type"].startswith("text/html")


async def test_the_instance_actor_is_an_application(world: World) -> None:
    actor = read_actor((await read(world, "/actor")).json)
    assert actor.uri == "https://here.test/actor"
    assert actor.type == "Application"
    assert actor.username == "here.test"
    assert actor.keys[0].owner == actor.uri
    assert read_collection((await read(world, "/actor/outbox")).json).total == 0


async def test_a_suspended_account_says_so_and_shows_nothing(world: World) -> None:
    ana = await world.account("ana")
    status = await post(world, ana, "hello")
    async with world.server.write() as tx:
        await accounts.change(tx, ana.id, suspended_at=tx.now)
    assert read_actor((await read(world, "/users/ana")).json).suspended
    assert (await read(world, path_of(status["uri"]))).code in (403, 404)
    assert (await read(world, "/users/ana/outbox?page=true")).code == 403
    assert (await read(world, "/users/nobody")).code == 404


# Statuses --------------------------------------------------------------------------------------------


async def test_a_post_with_everything_reads_back_the_same(world: World) -> None:
    ana, bea = await world.account("ana"), await other(world, "bea", "b.test")
    api = await world.api_as(ana)
    parent = await post(world, ana, "first")
    status = await post(
        world,
        ana,
        "Hi @bea@b.test, see #Tests",
        spoiler_text="careful",
        language="de",
        in_reply_to_id=parent["id"],
        visibility="unlisted",
        sensitive=True,
    )
    async with world.server.write() as tx:
        await media.insert(
            tx,
            id=new_id(tx.now),
            account_id=ana.id,
            status_id=int(status["id"]),
            kind="image",
            file_key="media/x.webp",
            file_type="image/webp",
            description="A cat",
            blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
            focus_x=0.5,
            focus_y=-0.25,
            meta={"original": {"width": 640, "height": 480}},
            created_at=tx.now,
        )
        from dassie.store import statuses

        await statuses.change(tx, int(status["id"]), has_media=True)
    got = await read(world, path_of(status["uri"]))
    note = read_note(got.json)
    assert (note.uri, note.type, note.authors) == (status["uri"], "Note", (ana.uri,))
    assert note.content_html == status["content"]
    assert note.spoiler_text == "careful"
    assert note.sensitive
    assert note.language == "de"
    assert note.url == f"https://here.test/@ana/{status['id']}"
    assert note.in_reply_to == parent["uri"]
    assert note.published is not None
    assert note.published.isoformat()[:19] == status["created_at"][:19]
    assert note.updated is None
    assert note.visibility("https://here.test/users/ana/followers") == "unlisted"
    assert note.mention_hrefs == (bea.uri,)
    assert [mention.name for mention in note.mentions] == ["@bea@b.test"]
    assert [(tag.name.lstrip("#").lower()) for tag in note.hashtags] == ["tests"]
    (picture,) = note.attachments
    assert picture.url == "https://here.test/system/media/x.webp"
    assert (picture.kind, picture.media_type, picture.description) == ("image", "image/webp", "A cat")
    assert (picture.width, picture.height, picture.focus) == (640, 480, (0.5, -0.25))
    assert picture.blurhash == "LEHV6nWB2yk8pyo0adR*.7kCMdnj"
    assert note.replies_uri == f"{status['uri']}/replies"
    assert note.likes_count == 0
    root = read_note((await read(world, path_of(parent["uri"]))).json)
    assert root.context == note.context
    assert root.replies == (status["uri"],)
    edited = await api.put(f"/api/v1/statuses/{status['id']}", status="changed", language="de")
    assert edited.code == 200
    after = read_note((await read(world, path_of(status["uri"]))).json)
    assert "changed" in after.content_html
    assert after.updated is not None


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
async def test_visibility_goes_out_and_comes_back(world: World, visibility: str) -> None:
    ana, bea = await world.account("ana"), await other(world, "bea", "b.test")
    status = await post(world, ana, "psst @bea@b.test", visibility=visibility)
    got = await read(world, path_of(status["uri"]), bea)
    assert got.code == 200
    note = read_note(got.json)
    assert note.visibility("https://here.test/users/ana/followers") == visibility
    assert note.silent_recipients in ((), ("https://here.test/users/ana/followers",))
    assert (visibility == "direct") == (got.json.get("directMessage") is True)
    activity = read_activity((await read(world, path_of(status["uri"]) + "/activity", bea)).json)
    assert (activity.type, activity.object_id, activity.actor) == ("Create", status["uri"], ana.uri)


async def test_a_poll_reads_back_the_same(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    api = await world.api_as(ana)
    got = await api.request(
        "POST",
        "/api/v1/statuses",
        b"status=well%3F&poll[options][]=yes&poll[options][]=no&poll[expires_in]=3600&poll[multiple]=true",
        {"content-type": "application/x-www-form-urlencoded"},
    )
    assert got.code == 200, got.text
    status = got.json
    voted = await (await world.api_as(ben)).post(f"/api/v1/polls/{status['poll']['id']}/votes", choices=[1])
    assert voted.code == 200, voted.text
    doc = (await read(world, path_of(status["uri"]))).json
    assert doc["type"] == "Question"
    poll = read_note(doc).poll
    assert poll is not None
    assert [(option.title, option.votes) for option in poll.options] == [("yes", 0), ("no", 1)]
    assert poll.multiple
    assert poll.voters_count == 1
    assert not poll.closed
    assert poll.ends_at is not None
    world.clock.forward(hours=2)
    closed = read_note((await read(world, path_of(status["uri"]))).json).poll
    assert closed is not None
    assert closed.closed


async def test_private_posts_are_for_followers_who_sign(world: World) -> None:
    ana, bea, carl = (
        await world.account("ana"),
        await other(world, "bea", "b.test"),
        await other(world, "carl", "c.test"),
    )
    await follows_ours(world, bea, ana)
    status = await post(world, ana, "for friends", visibility="private")
    path = path_of(status["uri"])
    assert (await read(world, path)).code == 404
    assert (await read(world, path, carl)).code == 404
    got = await read(world, path, bea, scheme="rfc9421")
    assert got.code == 200
    assert got.headers["cache-control"] == NEVER_CACHED
    assert (await read(world, f"{path}/activity", carl)).code == 404
    forged = Other(carl.id, bea.uri, carl.view, carl.private_key)
    assert (await read(world, path, forged)).code == 404


async def test_a_deleted_post_leaves_a_tombstone(world: World) -> None:
    ana = await world.account("ana")
    status = await post(world, ana, "oops")
    await (await world.api_as(ana)).delete(f"/api/v1/statuses/{status['id']}")
    got = await read(world, path_of(status["uri"]))
    assert got.code == 410
    assert (got.json["type"], got.json["id"]) == ("Tombstone", status["uri"])
    assert (await read(world, f"/@ana/{status['id']}")).code == 410
    assert (await read(world, f"{path_of(status['uri'])}/replies")).code == 410
    for path in ("/users/ana/statuses/12", "/users/ana/statuses/x", "/users/ben/statuses/1"):
        assert (await read(world, path)).code == 404


async def test_a_post_is_not_found_under_another_name(world: World) -> None:
    ana = await world.account("ana")
    await world.account("ben")
    status = await post(world, ana, "mine")
    assert (await read(world, f"/users/ben/statuses/{status['id']}")).code == 404


async def test_a_public_post_is_encoded_once_and_counted_anew(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    status = await post(world, ana, "hello")
    path = path_of(status["uri"])
    first = await read(world, path)
    assert "public" in first.headers["cache-control"]
    assert (await read(world, path, if_none_match=first.headers["etag"])).code == 304
    await (await world.api_as(ben)).post(f"/api/v1/statuses/{status['id']}/favourite")
    await (await world.api_as(ben)).post(f"/api/v1/statuses/{status['id']}/reblog")
    second = await read(world, path, if_none_match=first.headers["etag"])
    assert second.code == 200
    assert (second.json["likes"]["totalItems"], second.json["shares"]["totalItems"]) == (1, 1)
    assert (await read(world, f"{path}/likes")).json["totalItems"] == 1
    assert (await read(world, f"{path}/shares")).json["totalItems"] == 1
    head = await Client(world.app).request("HEAD", path, headers={"accept": "application/activity+json"})
    assert (head.code, head.body) == (200, b"")


# Authorised fetch ------------------------------------------------------------------------------------


async def test_with_authorised_fetch_only_the_instance_actor_is_open(closed: World) -> None:
    ana, bea = await closed.account("ana"), await other(closed, "bea", "b.test")
    status = await post(closed, ana, "hello")
    paths = ["/users/ana", path_of(status["uri"]), "/users/ana/outbox", "/users/ana/followers"]
    for path in paths:
        assert (await read(closed, path)).code == 401
        got = await read(closed, path, bea)
        assert got.code == 200
        assert got.headers["cache-control"] == NEVER_CACHED
    assert (await read(closed, "/actor")).code == 200
    assert (await Client(closed.app).get("/.well-known/webfinger?resource=acct:ana@here.test")).code == 200


async def test_with_authorised_fetch_the_blocked_see_nothing(closed: World) -> None:
    ana, bea = await closed.account("ana"), await other(closed, "bea", "b.test")
    status = await post(closed, ana, "hello")
    assert (await read(closed, path_of(status["uri"]), bea)).code == 200
    async with closed.server.write() as tx:
        await blocks.add(tx, id=new_id(tx.now), account_id=ana.id, target_id=bea.id, uri=None)
    assert (await read(closed, path_of(status["uri"]), bea)).code == 404
    async with closed.server.write() as tx:
        await accounts.change(tx, bea.id, suspended_at=tx.now)
    assert (await read(closed, "/users/ana", bea)).code == 403


# Collections -----------------------------------------------------------------------------------------


async def pages(world: World, first: str) -> list[Got]:
    """All pages of a collection."""
    found: list[Got] = []
    address: str | None = first
    while address is not None and len(found) < 20:
        got = await read(world, path_of(address))
        assert got.code == 200
        found.append(got)
        address = read_page(got.json).next
    return found


async def test_an_outbox_has_all_open_posts_in_pages(world: World) -> None:
    ana = await world.account("ana")
    texts = [f"post {n}" for n in range(23)]
    made = [await post(world, ana, text) for text in texts]
    await post(world, ana, "secret", visibility="private")
    await (await world.api_as(ana)).post(f"/api/v1/statuses/{made[0]['id']}/reblog")
    outbox = read_collection((await read(world, "/users/ana/outbox")).json)
    assert outbox.first is not None
    found = await pages(world, outbox.first)
    items = [read_activity(item) for got in found for item in got.json["orderedItems"]]
    assert [item.type for item in items] == ["Announce", *["Create"] * 23]
    assert [item.object_id for item in items] == [made[0]["uri"], *[one["uri"] for one in reversed(made)]]
    assert len(found) == 2


async def test_followers_are_listed_unless_hidden(world: World) -> None:
    ana = await world.account("ana")
    people = [await other(world, f"p{n}", "b.test") for n in range(3)]
    for one in people:
        await follows_ours(world, one, ana)
    listed = read_collection((await read(world, "/users/ana/followers")).json)
    assert listed.total == 3
    assert listed.first is not None
    (page,) = await pages(world, listed.first)
    assert set(read_page(page.json).item_ids) == {one.uri for one in people}
    assert read_collection((await read(world, "/users/ana/following")).json).total == 0
    async with world.server.write() as tx:
        await accounts.change(tx, ana.id, hide_collections=True)
    hidden = await read(world, "/users/ana/followers")
    assert read_collection(hidden.json).first is None
    assert read_collection(hidden.json).total == 3
    assert (await read(world, "/users/ana/followers?page=true")).code == 403


async def test_pinned_posts_are_featured(world: World) -> None:
    ana = await world.account("ana")
    one, two = await post(world, ana, "one"), await post(world, ana, "two")
    api = await world.api_as(ana)
    for status in (one, two):
        assert (await api.post(f"/api/v1/statuses/{status['id']}/pin")).code == 200
    featured = read_collection((await read(world, "/users/ana/collections/featured")).json)
    assert featured.item_ids == (two["uri"], one["uri"])
    assert read_collection((await read(world, "/users/ana/collections/tags")).json).total == 0


async def test_replies_are_the_authors_own_then_those_of_others(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    root = await post(world, ana, "root")
    own = await post(world, ana, "more", in_reply_to_id=root["id"])
    theirs = await post(world, ben, "@ana well", in_reply_to_id=root["id"])
    await post(world, ben, "@ana psst", in_reply_to_id=root["id"], visibility="direct")
    found = read_collection((await read(world, f"{path_of(root['uri'])}/replies")).json)
    assert found.first_page is not None
    assert found.first_page.item_ids == (own["uri"],)
    assert found.first_page.next is not None
    rest = await pages(world, found.first_page.next)
    assert [read_page(got.json).item_ids for got in rest] == [(theirs["uri"],)]
    note = (await read(world, path_of(root["uri"]))).json
    thread = read_collection((await read(world, path_of(note["context"]))).json)
    assert thread.first_page is not None
    assert set(thread.first_page.item_ids) == {root["uri"], own["uri"], theirs["uri"]}


async def test_every_answer_and_the_whole_thread_can_be_read_page_by_page(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    root = await post(world, ana, "root")
    own = [(await post(world, ana, f"more {n}", in_reply_to_id=root["id"]))["uri"] for n in range(27)]
    others = [(await post(world, ben, f"answer {n}", in_reply_to_id=root["id"]))["uri"] for n in range(21)]
    hidden = await post(world, ben, "for few", in_reply_to_id=root["id"], visibility="private")
    note = (await read(world, path_of(root["uri"]))).json
    assert note["replies"]["first"]["items"] == own[:5]
    assert read_note(note).replies_more == note["replies"]["first"]["next"]
    further = [item for got in await pages(world, note["replies"]["first"]["next"]) for item in got.json["items"]]
    assert further == own[5:] + others[::-1]
    alone = (await read(world, path_of(own[0]))).json
    assert (await read(world, alone["replies"]["first"]["next"].removeprefix("https://here.test"))).json["items"] == []
    thread = read_collection((await read(world, path_of(note["context"]))).json)
    assert thread.first_page is not None
    assert thread.first_page.next is not None
    assert "/items?" in thread.first_page.next
    rest = [item for got in await pages(world, thread.first_page.next) for item in got.json["orderedItems"]]
    whole = [*thread.first_page.item_ids, *rest]
    assert whole == [*others[::-1], *own[::-1], root["uri"]]
    assert hidden["uri"] not in whole
    assert (await read(world, path_of(f"{note['context']}/items?page=true"))).json["id"].endswith("/items?page=true")
    answer_id = own[0].rpartition("/")[2]
    assert (await read(world, f"/contexts/{answer_id}")).code == 404
    assert (await read(world, "/contexts/none/items")).code == 404
