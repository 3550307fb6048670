"""A small lively server for pictures and journeys: people, posts in every state, follows, notifications."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dassie.domain.settings import InstanceSettings
from dassie.services import favouriting, following, pinning, posting, profiles, reblogging, uploading
from dassie.services.drafts import Draft, PollDraft
from dassie.services.profiles import ProfileChange
from dassie.store import settings
from dassie.store.views import AccountView, StatusRow
from dassie.web import assets
from worlds import World

STONES = "A warm flat stone, a tree with figs, and nothing to do before noon."


@dataclass
class Demo:
    """Who and what is there."""

    ama: AccountView
    ben: AccountView
    first: StatusRow
    counted: StatusRow
    """Of ben, under a warning."""


async def say(world: World, who: AccountView, text: str, *pictures: str, **more: object) -> StatusRow:
    """Post a text with pictures; each picture is named by its description."""
    ids = [await _picture(world, who, description) for description in pictures]
    draft = Draft(text=text, media_ids=[int(id) for id in ids], **more)  # type: ignore[arg-type]
    async with world.server.write() as tx:
        return await posting.post(tx, world.server, who, draft)


async def settle_in(world: World) -> Demo:
    """Fill the server."""
    async with world.server.write() as tx:
        told = InstanceSettings(
            title="Koppie", short_description="A warm pile of stones for three people and some figs."
        )
        await settings.save_instance(tx, told)
    ama = await world.account("ama", display_name="Ama Serwaa", role="Owner")
    ben = await world.account("ben", display_name="Ben of the Hills")
    dalia = await world.account("dalia", display_name="داليا")
    ama = await profiles.change_profile(
        world.server,
        ama,
        ProfileChange(
            note="Climbs slowly, bakes often. #rocks", fields=[("Likes", "figs"), ("Site", "https://x.test")]
        ),
    )
    ben = await profiles.change_profile(world.server, ben, ProfileChange(avatar=assets.DIST / "icon-512.png"))
    dalia = await profiles.change_profile(world.server, dalia, ProfileChange(avatar=assets.DIST / "header-missing.png"))
    for who, whom in ((ama, ben), (ama, dalia), (ben, ama), (dalia, ama)):
        async with world.server.write() as tx:
            await following.follow(tx, world.server, who, whom)
    await say(world, ama, "Note to myself: water the figs.", visibility="private")
    first = await say(world, ama, f"{STONES}\n\n#Koppie #SlowMornings")
    await say(world, dalia, "الحجارة دافئة هذا الصباح، والشمس تملأ المكان.", language="ar")
    stare = "I counted eleven on the big rock. One of them counted back."
    counted = await say(world, ben, stare, spoiler_text="A long stare")
    poll = PollDraft(options=["The big rock", "The fig tree", "Wherever it is warm"], expires_in=86_400)
    await say(world, ben, "Where do we meet tomorrow?", poll=poll)
    reply = await say(world, ben, "@ama save me a place on that stone.", in_reply_to_id=first.id)
    await say(world, ama, "@ben it is wide enough for both.", in_reply_to_id=reply.id)
    view = await say(world, ben, "The view from up there today.", "Hills at dawn, a pile of round stones in front")
    async with world.server.write() as tx:
        await reblogging.reblog(tx, world.server, dalia, view)
        await favouriting.favourite(tx, world.server, ben, first)
        await favouriting.favourite(tx, world.server, dalia, first)
        await favouriting.favourite(tx, world.server, ama, view)
        await pinning.pin(tx, world.server, ama, first)
    await world.settle(30)
    return Demo(ama, ben, first, counted)


async def _picture(world: World, who: AccountView, description: str) -> int:
    source = Path(assets.DIST) / "header-missing.png"
    copy = uploading.folder(world.server) / "demo.png"
    copy.write_bytes(source.read_bytes())
    id = await uploading.upload(world.server, who, copy, "image/png", description=description)
    done = await uploading.wait_until_done(world.server, who, id, 60)
    assert done.state == "ready", done.error
    return id
