"""The composer without scripts."""

from __future__ import annotations

import struct
import zlib
from datetime import timedelta

from clicking import Browser
from dassie.services import voting
from dassie.services.drafts import PollDraft
from dassie.store import polls, statuses
from test_reading import say
from worlds import World


def png(width: int = 8, height: int = 8) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x2a\x6a\x4c" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def test_a_post_is_written_and_shown(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/publish")
    page = await browser.submit(page, "form.write", status="Hello, #stones.", visibility="unlisted", language="en")
    assert "Your post is out" in page.words()
    assert "Hello, #stones." in page.words(".opened .text")
    assert "Quiet public" in page.words(".meta")


async def test_sending_the_same_form_twice_makes_one_post(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/publish")
    first = await browser.submit(page, "form.write", status="once")
    second = await browser.submit(page, "form.write", status="once")
    assert first.path == second.path
    assert len((await browser.open("/@ana")).tree.css("ol.posts > li")) == 1


async def test_an_empty_post_is_refused_and_nothing_is_lost(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/publish")
    page = await browser.submit(page, "form.write", status="x" * 501, spoiler_text="careful", visibility="private")
    assert page.code == 422
    assert "limit of 500" in page.words("#errors")
    assert page.one("#status").text() == "x" * 501
    assert page.one("#spoiler_text").attributes["value"] == "careful"
    assert page.one("#visibility option[selected]").attributes["value"] == "private"
    assert page.one("#status").attributes["aria-invalid"] == "true"


async def test_files_go_with_the_form_and_keep_their_description(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/publish")
    files = {"file1": png(), "file2": png(16, 8)}
    page = await browser.submit(page, "form.write", status="two", alt1="a green square", files=files)
    pictures = page.tree.css(".media img")
    assert [picture.attributes["alt"] for picture in pictures] == ["a green square", ""]
    assert pictures[1].attributes["width"] == "16"
    assert (await browser.open(str(pictures[0].attributes["src"]))).code == 200


async def test_what_is_no_picture_is_refused_and_the_text_stays(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/publish")
    page = await browser.submit(page, "form.write", status="look", files={"file1": b"not a picture", "file2": png()})
    assert page.code == 422
    assert page.one("#status").text() == "look"
    assert len(page.tree.css("input[name='media_ids[]']")) == 1
    page = await browser.submit(page, "form.write")
    assert len(page.tree.css(".media img")) == 1


async def test_a_reply_begins_with_those_who_take_part(world: World) -> None:
    await world.account("ana")
    ben = await world.account("ben")
    await world.account("cas")
    post = await say(world, ben, "@cas @ana what do you say?", visibility="unlisted", spoiler_text="question")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open(f"/publish?in_reply_to={post.id}")
    assert page.one("#status").text() == "@ben @cas "
    assert page.one("#visibility option[selected]").attributes["value"] == "unlisted"
    assert page.one("#spoiler_text").attributes["value"] == "question"
    page = await browser.submit(page, "form.write", status="@ben yes")
    assert page.trail[0].startswith(f"/@ben/{post.id}#s-")
    assert "yes" in page.words("ol.after")


async def test_an_edit_changes_text_and_keeps_the_files(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/publish")
    page = await browser.submit(page, "form.write", status="frist", alt1="stone", files={"file1": png()})
    id = page.path.rsplit("/", 1)[1]
    edit = await browser.open(f"/publish?edit={id}")
    assert edit.one("#status").text() == "frist"
    page = await browser.submit(edit, "form.write", status="first", files={})
    assert "Your changes are saved" in page.words()
    assert "first" in page.words(".opened .text")
    assert page.one(".media img").attributes["alt"] == "stone"
    assert "Edited" in page.words(".meta")


async def test_nobody_edits_or_deletes_posts_of_others(world: World) -> None:
    await world.account("ana")
    post = await say(world, await world.account("ben"), "mine")
    browser = Browser(world.app)
    home = await browser.sign_in("ana")
    token = str(home.one("form#act input[name=token]").attributes["value"])
    assert (await browser.open(f"/publish?edit={post.id}")).code == 404
    assert (await browser.open(f"/statuses/{post.id}/delete")).code == 404
    assert (await browser.post(f"/statuses/{post.id}/delete", {"token": token})).code == 404


async def test_a_poll_is_asked(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/publish")
    page = await browser.submit(page, "form.write", status="which?", poll_options__=["a", "b", "", ""])
    assert [option.text() for option in page.tree.css("li.result span[dir=auto]")] == ["a", "b"]


async def test_editing_a_post_leaves_its_poll_alone_even_when_it_has_ended(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    poll = PollDraft(options=["granite", "sand"], expires_in=3600)
    post = await say(world, ana, "wich?", poll=poll)
    async with world.server.read() as tx:
        asked = (await polls.of_statuses(tx, [post.id], viewer=None))[post.id]
    async with world.server.write() as tx:
        await voting.vote(tx, world.server, ben, asked.id, [1])
    world.clock.forward(hours=2)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.submit(await browser.open(f"/publish?edit={post.id}"), "form.write", status="which?")
    assert "which?" in page.words(".opened .text")
    async with world.server.read() as tx:
        after = (await polls.of_statuses(tx, [post.id], viewer=None))[post.id]
    assert (after.id, after.expires_at, after.votes_count) == (asked.id, asked.expires_at, 1)


async def test_deleting_asks_first_and_can_be_written_anew(world: World) -> None:
    ana = await world.account("ana")
    first, second = await say(world, ana, "first"), await say(world, ana, "second")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.submit(await browser.open(f"/statuses/{first.id}/delete"), "main form", button="Delete")
    assert "The post is deleted" in page.words()
    page = await browser.submit(
        await browser.open(f"/statuses/{second.id}/delete"), "main form", button="Delete and write it anew"
    )
    assert page.one("#status").text() == "second"
    async with world.server.read() as tx:
        assert await statuses.by_ids(tx, [first.id, second.id]) == {}


async def test_the_script_uploads_one_file_and_gets_its_id(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/publish")
    page.body = page.body.replace(b'action="/publish"', b'action="/publish/media"')
    answer = await browser.submit(page, "form.write", files={"file": png()})
    assert answer.code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.text.startswith('{"id":"')


async def test_a_post_is_scheduled_moved_and_cancelled_without_scripts(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    at = world.clock.now() + timedelta(days=2)
    page = await browser.open("/publish")
    page = await browser.submit(page, "form.write", status="Later.", scheduled_at=f"{at:%Y-%m-%dT%H:%M}")
    assert page.path == "/scheduled"
    assert "Your post will be out at its time" in page.words()
    assert "Later." in page.words(".planned")
    assert page.one(".planned time").attributes["datetime"] == f"{at:%Y-%m-%dT%H:%M}:00Z"
    soon = await browser.submit(page, "form[action$='/move']", scheduled_at=f"{world.clock.now():%Y-%m-%dT%H:%M}")
    assert soon.code == 422
    assert "must be in the future" in soon.words(".planned .error")
    moved = await browser.submit(page, "form[action$='/move']", scheduled_at=f"{at:%Y-%m-%dT}00:15", zone="-120")
    day_before = at - timedelta(days=1)
    assert moved.one(".planned time").attributes["datetime"] == f"{day_before:%Y-%m-%d}T22:15:00Z"
    gone = await browser.submit(moved, "form[action$='/cancel']")
    assert "The post will not be out" in gone.words()
    assert "Nothing is scheduled" in gone.words()


async def test_a_time_that_is_too_soon_loses_nothing_that_was_typed(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    at = f"{world.clock.now() + timedelta(minutes=3):%Y-%m-%dT%H:%M}"
    page = await browser.submit(await browser.open("/publish"), "form.write", status="Later.", scheduled_at=at)
    assert page.code == 422
    assert page.one("#status").text() == "Later."
    assert page.one("#scheduled_at").attributes["value"] == at
    assert page.one("#scheduled_at").attributes["aria-invalid"] == "true"
