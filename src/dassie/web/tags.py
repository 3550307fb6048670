"""Hashtags: the page of one, and following them."""

from __future__ import annotations

from urllib.parse import quote

from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.domain.text import normalise_tag
from dassie.door.limits import FOLLOWS
from dassie.services import following_tags
from dassie.store import followed_tags, tag_uses, timelines
from dassie.store.tx import Tx
from dassie.web import notices
from dassie.web.acting import swap
from dassie.web.answers import Answer, Go
from dassie.web.reading import feed, readable, show
from dassie.web.routing import form, page
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

PAGE = 50


@page("/tags/{name}")
async def tag(visit: Visit, name: str) -> Answer:
    """Public posts with a hashtag."""
    name = name.strip().removeprefix("#")[:100]
    async with visit.server.read() as tx:
        part = await readable(tx, visit, "topic")
        wanted = normalise_tag(name)
        ids = await timelines.tagged(tx, wanted, visit.part(), visit.viewer, part) if part is not None else []
        shown = await show(tx, visit, ids, "public")
        around = await visit.page(tx)
        following = await _follows(tx, visit.viewer, name)
    return feed(visit, "pages/tag.html", around, shown, ids, tag=name, following=following)


@page("/followed_tags", signed_in=True)
async def list_followed(visit: Visit) -> Answer:
    """The hashtags one follows."""
    return await _list(visit, "", {})


@form("/followed_tags")
async def add(visit: Visit) -> Answer:
    """Follow a hashtag by its name."""
    visit.limit(FOLLOWS)
    name = visit.params.text("name", most=1000) or ""
    try:
        async with visit.server.write() as tx:
            await following_tags.follow(tx, visit.server, visit.me, name)
    except NotFound:
        wrong = _("This cannot be a hashtag: use letters, figures and underscores, and at least one letter.")
        return await _list(visit, name, {"name": wrong})
    return Go("/followed_tags", "tag_followed")


@form("/tags/{name}/follow")
async def follow(visit: Visit, name: str) -> Answer:
    """Follow this hashtag."""
    visit.limit(FOLLOWS)
    async with visit.server.write() as tx:
        await following_tags.follow(tx, visit.server, visit.me, name)
    return await _done(visit, name, True)


@form("/tags/{name}/unfollow")
async def unfollow(visit: Visit, name: str) -> Answer:
    """Follow it no longer."""
    async with visit.server.write() as tx:
        await following_tags.unfollow(tx, visit.server, visit.me, name)
    return await _done(visit, name, False)


async def _done(visit: Visit, name: str, following: bool) -> Answer:
    said = "tag_followed" if following else "tag_unfollowed"
    if not visit.fragment:
        return Go(visit.back(f"/tags/{quote(name)}"), said)
    async with visit.server.read() as tx:
        around = await visit.page(tx)
    headers = [*swap("#tag-follow"), ("x-said", quote(_(notices.SAID[said])))]
    return visit.html("fragments/follow_tag.html", around, headers=headers, tag=name, following=following)


async def _list(visit: Visit, typed: str, errors: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        found = await followed_tags.of(tx, visit.me.id, visit.part(PAGE))
        around = await visit.page(tx)
    return visit.html(
        "pages/followed_tags.html",
        around,
        http_code=422 if errors else 200,
        tags=[tag for _row, tag in found],
        older=visit.older([id for id, _tag in found], PAGE),
        typed=typed,
        errors=errors,
    )


async def _follows(tx: Tx, viewer: AccountId | None, name: str) -> bool | None:
    """Whether the reader follows a hashtag; None for guests and where nobody can."""
    try:
        normalised, _written = following_tags.named(name)
    except NotFound:
        return None
    if viewer is None:
        return None
    known = (await tag_uses.by_names(tx, [normalised])).get(normalised)
    return known is not None and known.id in await followed_tags.among(tx, viewer, [known.id or 0])
