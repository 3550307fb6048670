"""Update and Delete: others change and remove what is theirs, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dassie.domain.ids import to_ms
from dassie.store import edits, polls, statuses
from fediverse import PUBLIC, Actor, Fediverse, timestamp
from following_here import follow, pair, status, the_account, the_status


async def posted(fediverse: Fediverse, by: Actor, **changes: Any) -> dict[str, Any]:
    note = fediverse.note(by, **changes)
    await fediverse.deliver(by, fediverse.create(by, note))
    return note


def edited(fediverse: Fediverse, note: dict[str, Any], seconds: float = 60, **changes: Any) -> dict[str, Any]:
    return note | {"updated": timestamp(fediverse.world.clock.now() + timedelta(seconds=seconds))} | changes


async def test_edit_keeps_what_was_there_before(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = await posted(fediverse, bob)
    fediverse.world.clock.forward(hours=1)
    changed = edited(fediverse, note, -1, content="<p>better</p><script>x</script>")
    await fediverse.deliver(bob, fediverse.activity("Update", bob, changed, to=[PUBLIC]))
    row = await the_status(fediverse, note["id"])
    assert row.content == "<p>better</p>"
    assert row.edited_at is not None
    async with fediverse.world.server.read() as tx:
        assert [one.content for one in await edits.of_status(tx, row.id)] == ["<p>hello</p>", "<p>better</p>"]


async def test_the_icon_of_a_file_is_its_preview_also_after_an_edit(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    api = await fediverse.world.api_as(ana)
    sound = {"type": "Document", "mediaType": "audio/mpeg", "url": "https://there.test/a.mp3", "name": "Rain"}

    def icon(name: str) -> dict[str, Any]:
        return {"type": "Image", "mediaType": "image/png", "url": f"https://there.test/{name}.png"}

    async def shown() -> tuple[str, str]:
        row = await the_status(fediverse, note["id"])
        (file,) = (await api.get(f"/api/v1/statuses/{row.id}")).json["media_attachments"]
        return file["preview_remote_url"], file["preview_url"]

    note = await posted(fediverse, bob, attachment=[sound | {"icon": icon("cover")}])
    urls = fediverse.world.server.urls
    first = "https://there.test/cover.png"
    assert await shown() == (first, urls.proxied(first, "small"))
    fediverse.world.clock.forward(hours=1)
    changed = edited(fediverse, note, -1, attachment=[sound | {"icon": icon("other")}])
    await fediverse.deliver(bob, fediverse.activity("Update", bob, changed, to=[PUBLIC]))
    second = "https://there.test/other.png"
    assert await shown() == (second, urls.proxied(second, "small"))
    assert not {first, second}.intersection(fediverse.http.asked)


async def test_older_edit_changes_nothing(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = await posted(fediverse, bob)
    fediverse.world.clock.forward(hours=1)
    for seconds, text in ((-10, "<p>newer</p>"), (-20, "<p>older</p>")):
        changed = edited(fediverse, note, seconds, content=text)
        await fediverse.deliver(bob, fediverse.activity("Update", bob, changed, to=[PUBLIC]))
    assert (await the_status(fediverse, note["id"])).content == "<p>newer</p>"


async def test_new_tallies_are_no_edit(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    options = [{"type": "Note", "name": name, "replies": {"totalItems": 0}} for name in ("tea", "coffee")]
    note = await posted(fediverse, bob, type="Question", oneOf=options, votersCount=0)
    counted = [one | {"replies": {"totalItems": 4}} for one in options]
    changed = note | {"oneOf": counted, "votersCount": 8}
    await fediverse.deliver(bob, fediverse.activity("Update", bob, changed, to=[PUBLIC]))
    row = await the_status(fediverse, note["id"])
    assert row.edited_at is None
    async with fediverse.world.server.read() as tx:
        poll = (await polls.of_statuses(tx, [row.id], viewer=None))[row.id]
        assert await edits.of_status(tx, row.id) == []
    assert ([one.votes for one in poll.options], poll.voters_count) == ([4, 4], 8)


async def test_edit_never_widens_the_audience(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    ben = await fediverse.world.account("ben")
    note = await posted(fediverse, bob, to=[bob.followers], cc=[])
    changed = edited(fediverse, note, content="<p>new</p>", to=[PUBLIC, ben.uri])
    await fediverse.deliver(bob, fediverse.activity("Update", bob, changed, to=[PUBLIC]))
    row = await the_status(fediverse, note["id"])
    assert (row.content, row.visibility) == ("<p>new</p>", "private")
    async with fediverse.world.server.read() as tx:
        assert not await statuses.visible(tx, [row.id], viewer=ben.id)


async def test_nobody_edits_or_deletes_the_posts_of_others(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    eve, mallory = fediverse.actor("eve", key=1), fediverse.actor("mallory", "evil.test", key=1)
    for one in (eve, mallory):
        await follow(fediverse, ana, one)
    note = await posted(fediverse, bob)
    for one in (eve, mallory):
        forged = edited(fediverse, note, content="<p>forged</p>", attributedTo=one.uri)
        await fediverse.deliver(one, fediverse.activity("Update", one, forged, to=[PUBLIC]))
        await fediverse.deliver(one, fediverse.activity("Delete", one, note["id"], to=[PUBLIC]))
    assert (await the_status(fediverse, note["id"])).content == "<p>hello</p>"


async def test_update_of_an_unknown_post_is_a_new_one_while_it_is_young(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    young = fediverse.note(bob)
    old = fediverse.note(bob, published="2020-01-01T00:00:00Z")
    for note in (young, old):
        await fediverse.deliver(bob, fediverse.activity("Update", bob, note, to=[PUBLIC]))
    assert await status(fediverse, young["id"]) is not None
    assert await status(fediverse, old["id"]) is None


async def test_profile_changes_and_is_sanitised(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    changed = bob.doc | {
        "name": "Bobby <b>T</b>",
        "summary": "<p>tea<script>x</script></p>",
        "manuallyApprovesFollowers": True,
        "attachment": [{"type": "PropertyValue", "name": "web", "value": '<a href="https://b.test" onclick="x">b</a>'}],
        "icon": {"type": "Image", "url": "https://there.test/bob.png"},
    }
    await fediverse.deliver(bob, fediverse.activity("Update", bob, changed, to=[PUBLIC]))
    account = await the_account(fediverse, bob.uri)
    assert (account.display_name, account.note, account.locked) == ("Bobby T", "<p>tea</p>", True)
    assert "onclick" not in account.fields[0].value
    assert account.avatar_remote_url == "https://there.test/bob.png"
    assert not any("bob.png" in url for url in fediverse.http.asked)


async def test_nobody_changes_the_profile_of_others(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    eve = fediverse.actor("eve", key=1)
    await fediverse.world.server.remote.account(eve.uri)
    forged = bob.doc | {"name": "Forged"}
    await fediverse.deliver(eve, fediverse.activity("Update", eve, forged, to=[PUBLIC]))
    assert (await the_account(fediverse, bob.uri)).display_name == "Bob"


async def test_deleted_post_is_gone_and_does_not_come_back(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = await posted(fediverse, bob)
    tombstone = {"id": note["id"], "type": "Tombstone"}
    await fediverse.deliver(bob, fediverse.activity("Delete", bob, tombstone, to=[PUBLIC]))
    assert await status(fediverse, note["id"]) is None
    await fediverse.deliver(bob, fediverse.create(bob, note))
    assert await status(fediverse, note["id"]) is None
    assert (await the_account(fediverse, bob.uri)).statuses_count == 0


async def test_delete_that_comes_before_its_create_counts(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = fediverse.note(bob)
    await fediverse.deliver(bob, fediverse.activity("Delete", bob, note["id"], to=[PUBLIC]))
    await fediverse.deliver(bob, fediverse.create(bob, note))
    assert await status(fediverse, note["id"]) is None


async def test_account_that_deletes_itself_is_removed(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = await posted(fediverse, bob)
    await fediverse.deliver(bob, fediverse.activity("Delete", bob, bob.uri, to=[PUBLIC]))
    assert await status(fediverse, note["id"]) is None


async def test_delete_passed_on_by_another_counts_only_when_it_is_really_gone(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    carl = fediverse.actor("carl", "other.test", key=1)
    note = await posted(fediverse, bob)
    fediverse.http.serve(note)
    await fediverse.deliver(carl, fediverse.activity("Delete", bob, note["id"], to=[PUBLIC]))
    assert await status(fediverse, note["id"]) is not None
    fediverse.http.gone(note["id"])
    await fediverse.deliver(carl, fediverse.activity("Delete", bob, note["id"], to=[PUBLIC], id=bob.uri + "#d2"))
    assert await status(fediverse, note["id"]) is None


async def test_updates_and_deletes_never_overtake_their_create(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    notes = [fediverse.note(bob) for _ in range(30)]
    for index, note in enumerate(notes):
        await fediverse.send(bob, fediverse.create(bob, note))
        if index % 3 == 1:
            changed = edited(fediverse, note, content="<p>edited</p>")
            await fediverse.send(bob, fediverse.activity("Update", bob, changed, to=[PUBLIC]))
        if index % 3 == 2:
            await fediverse.send(bob, fediverse.activity("Delete", bob, note["id"], to=[PUBLIC]))
    await fediverse.world.settle(60)
    rows = [await status(fediverse, note["id"]) for note in notes]
    assert [row.content if row else None for row in rows] == ["<p>hello</p>", "<p>edited</p>", None] * 10


async def test_future_times_become_now(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = await posted(fediverse, bob, published="2090-01-01T00:00:00Z")
    row = await the_status(fediverse, note["id"])
    assert to_ms(row.created_at) <= to_ms(fediverse.world.clock.now())
