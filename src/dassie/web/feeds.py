"""Feeds for readers of RSS: what somebody here posts, and posts with a hashtag. All see the same in them."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.domain.etags import etag_of, has_it
from dassie.domain.html import to_text
from dassie.domain.paging import Page as Part
from dassie.domain.text import normalise_tag
from dassie.services import feed_access
from dassie.store import accounts, media, settings, statuses, timelines
from dassie.store.timelines import Flags
from dassie.web import rss, sites
from dassie.web.answers import Answer, File, Go
from dassie.web.routing import page
from dassie.web.rss import Channel
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

POSTS = Part(limit=20)
OWN = Flags(exclude_replies=True, exclude_reblogs=True)
KIND = "application/rss+xml; charset=utf-8"


@page("/@{username}.rss")
async def of_account(visit: Visit, username: str) -> Answer:
    """The newest posts of somebody here that everybody may see, without boosts and replies."""
    async with visit.server.read() as tx:
        account = await accounts.by_name(tx, username)
        if account is None or account.id < 0 or account.suspended_at is not None:
            raise NotFound
        if account.username != username:
            return Go(f"/@{account.username}.rss")
        ids = await timelines.of_account(tx, account.id, POSTS, None, OWN)
        posts = await statuses.show(tx, ids, viewer=None)
        sizes = await media.file_sizes(tx, ids)
    urls = visit.urls
    channel = Channel(
        title=account.shown_name,
        description=to_text(account.note) or f"@{account.username}@{urls.domain}",
        link=urls.profile(account.username),
        address=f"{urls.profile(account.username)}.rss",
        picture=urls.avatar_static(account),
    )
    return _answer(visit, rss.render(channel, posts, sizes, urls))


@page("/tags/{name}.rss")
async def of_tag(visit: Visit, name: str) -> Answer:
    """The newest public posts with a hashtag that are known here."""
    name = name.strip().removeprefix("#")[:100]
    tag = normalise_tag(name)
    async with visit.server.read() as tx:
        if set(feed_access.halves(await settings.instance(tx), "topic")) != {"public"}:
            raise NotFound
        ids = await timelines.tagged(tx, tag, POSTS, None)
        posts = [one for one in await statuses.show(tx, ids, viewer=None) if one.row.visibility == "public"]
        sizes = await media.file_sizes(tx, ids)
        site = await sites.read(tx, visit.server)
    urls = visit.urls
    said = _("Public posts with #%(tag)s, as far as %(site)s knows them") % {"tag": name, "site": site.title}
    channel = Channel(f"#{name}", said, urls.tag(tag), f"{urls.tag(tag)}.rss")
    return _answer(visit, rss.render(channel, posts, sizes, urls))


def _answer(visit: Visit, body: bytes) -> File:
    """The feed, or word that the reader has it already (RFC 9110)."""
    etag = etag_of(body)
    headers = [("etag", etag), ("cache-control", "public, max-age=60, must-revalidate")]
    if has_it(visit.request.headers.get("if-none-match", ""), etag):
        return File(b"", KIND, headers, 304)
    return File(body, KIND, headers)
