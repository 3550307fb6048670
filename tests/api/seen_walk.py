"""Going to every place where a status or somebody's people can be read, and comparing with the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from seen_scenes import HERE, PEOPLE
from seen_stage import TAG, Stage
from worlds import Got

Rule = Callable[[str | None, int], bool]


@dataclass(frozen=True)
class Place:
    """Something to read. `exact`: what the rule allows must be there."""

    path: str
    rule: Rule
    exact: bool = False


def places(stage: Stage, viewer: str | None) -> Iterator[Place]:
    """All places that show several posts."""
    rules, me = stage.rules, viewer
    yield Place("/api/v1/timelines/public?limit=40", rules.public, True)
    yield Place("/api/v1/timelines/public?limit=40&local=true", partial(rules.public, local=True), True)
    yield Place("/api/v1/timelines/public?limit=40&remote=true", partial(rules.public, local=False), True)
    yield Place("/api/v1/timelines/public?limit=40&only_media=true", rules.public)
    tag = f"{TAG}{stage.number}"
    tagged = partial(rules.public, tag=True)
    yield Place(f"/api/v1/timelines/tag/{tag}?limit=40", tagged, True)
    yield Place(f"/api/v1/timelines/tag/nothing?any[]={tag}&limit=40", tagged, True)
    yield Place(f"/api/v1/timelines/tag/{tag}?local=true", partial(rules.public, tag=True, local=True))
    yield Place(f"/tags/{tag}", tagged)
    yield Place(f"/tags/{tag}.rss", partial(_for_nobody, tagged))
    yield Place("/public", rules.public)
    yield Place("/public/local", rules.public)
    yield Place("/api/v1/trends/statuses?limit=40", rules.trending)
    yield Place("/explore", rules.trending)
    yield Place(f"/api/v2/search?q={stage.word}&limit=40", rules.found, True)
    yield Place(f"/search?q={stage.word}", rules.found)
    many = "&".join(f"id[]={row.id}" for row in stage.rows.values())
    yield Place(f"/api/v1/statuses?{many}", rules.may_see, True)
    for name in PEOPLE:
        yield from _of_account(stage, name)
    if me is None:
        return
    yield Place("/api/v1/timelines/home?limit=40", rules.home)
    yield Place(f"/api/v1/timelines/list/{stage.lists[me]}?limit=40", rules.in_list)
    yield Place("/home", rules.home)
    yield Place(f"/lists/{stage.lists[me]}", rules.in_list)
    for path in ("/api/v1/favourites", "/api/v1/bookmarks", "/api/v1/conversations", "/favourites", "/bookmarks"):
        yield Place(path, rules.may_see)
    for path in ("/api/v1/notifications", "/api/v2/notifications", "/notifications", "/api/v1/notifications/requests"):
        yield Place(path, rules.notified)
    yield Place("/api/v1/notifications?include_filtered=true&limit=80", rules.notified)


def _of_account(stage: Stage, name: str) -> Iterator[Place]:
    account, rules = stage.people[name], stage.rules

    def by(viewer: str | None, at: int) -> bool:
        return stage.scene.posts[at].author == name and rules.of_account(viewer, at)

    base = f"/api/v1/accounts/{account.id}/statuses?limit=40"
    yield Place(base, by, True)
    for flag in ("pinned", "only_media", "exclude_replies", "exclude_reblogs", "exclude_direct"):
        yield Place(f"{base}&{flag}=true", by)
    yield Place(f"{base}&tagged={TAG}{stage.number}", by)
    for more in ("", "/with_replies", "/media", f"/tagged/{TAG}{stage.number}"):
        yield Place(f"/@{account.acct}{more}", by)
    if name in HERE:
        passer_by = partial(_for_nobody, by)
        yield Place(f"/@{account.acct}.rss", passer_by)
        actor = f"/users/{account.username}"
        for more in ("/outbox", "/outbox?page=true", "/collections/featured"):
            yield Place(f"{actor}{more}", passer_by)


def _for_nobody(rule: Rule, viewer: str | None, at: int) -> bool:
    """Documents are the same for everybody who does not sign."""
    return rule(None, at)


async def walk(stage: Stage, viewer: str | None) -> list[str]:
    """What is wrong anywhere, in words."""
    wrong: list[str] = []
    for place in places(stage, viewer):
        got = await _read(stage, viewer, place.path)
        wrong += _compare(stage, viewer, place, got)
    for at in stage.rules.all:
        wrong += [trouble async for trouble in _around(stage, viewer, at)]
    for name in PEOPLE:
        wrong += [trouble async for trouble in _people(stage, viewer, name)]
    return wrong


async def _read(stage: Stage, viewer: str | None, path: str) -> Got:
    client = stage.clients[viewer] if path.startswith("/api/") else stage.browsers[viewer]
    accept = "application/activity+json" if path.startswith("/users/") else "application/json"
    if not path.startswith(("/api/", "/users/")):
        accept = "text/html"
    return await client.request("GET", path, headers={"accept": accept})


def _compare(stage: Stage, viewer: str | None, place: Place, got: Got, code: int | None = None) -> list[str]:
    rules = stage.rules
    allowed = {rules.proper(at) for at in rules.all if place.rule(viewer, at)}
    wrong = [
        f"{viewer} is shown post {at} at {place.path}"
        for at in rules.all
        if stage.token(at) in got.text and at not in allowed
    ]
    if place.exact:
        shown = {at for at in rules.all if stage.token(at) in got.text}
        wrong += [f"{viewer} is not shown post {at} at {place.path}" for at in sorted(allowed - shown)]
    if code is not None and got.code != code:
        wrong.append(f"{viewer} gets {got.code} and not {code} at {place.path}")
    if got.code >= 500:
        wrong.append(f"{place.path} broke: {got.text[:200]}")
    wrong += [f"{viewer} reads of suspended {one} at {place.path}" for one in _unsuitable(stage, got)]
    return wrong


def _unsuitable(stage: Stage, got: Got) -> list[str]:
    return [name for name in stage.scene.suspended if stage.about(name) in got.text]


# Around one post -------------------------------------------------------------------------------------


async def _around(stage: Stage, viewer: str | None, at: int) -> Any:
    rules, row = stage.rules, stage.rows[at]
    seen = rules.may_see(viewer, at)
    proper = rules.proper(at)

    def only(_: str | None, other: int) -> bool:
        return seen and other == proper

    def thread(who: str | None, other: int) -> bool:
        return only(who, other) or (seen and rules.in_thread(who, other))

    base = f"/api/v1/statuses/{row.id}"
    for path, rule in ((base, only), (f"{base}/history", only), (f"{base}/context", thread)):
        got = await _read(stage, viewer, path)
        for trouble in _compare(stage, viewer, Place(path, rule), got, 200 if seen else 404):
            yield trouble
    for verb in ("favourited_by", "reblogged_by"):
        got = await _read(stage, viewer, f"{base}/{verb}")
        if (got.code == 200) != seen:
            yield f"{viewer} gets {got.code} at {verb} of post {at}"
        if got.code == 200:
            every = {name for name in PEOPLE if stage.name_of(stage.people[name].acct)}
            for trouble in _named(stage, viewer, f"{verb} of {at}", got, rules.people(viewer, every)):
                yield trouble
    async for trouble in _parts(stage, viewer, at, only, thread):
        yield trouble


async def _parts(stage: Stage, viewer: str | None, at: int, only: Rule, thread: Rule) -> Any:
    row, post = stage.rows[at], stage.scene.posts[at]
    author = stage.people[post.author]
    paths = [(f"/@{author.acct}/{row.id}", thread)]
    embedded = partial(_for_nobody, stage.rules.public_post)
    paths += [(f"/@{author.acct}/{row.id}/embed", embedded), (f"/api/oembed?url={quote(row.url or row.uri)}", embedded)]
    if viewer is not None:
        paths.append((f"/api/v1/statuses/{row.id}/source", only))
    if author.local:
        open_ = stage.rules.may_see(None, at)

        def passer_by(_: str | None, other: int) -> bool:
            return open_ and (other == stage.rules.proper(at) or stage.rules.may_see(None, other))

        base = f"/users/{author.username}/statuses/{row.id}"
        paths += [(f"{base}{more}", passer_by) for more in ("", "/activity", "/replies", "/replies?page=true")]
        if not open_ and post.reblog_of is None:  # of a boost nothing is told but an address
            for more in ("", "/activity", "/replies", "/likes", "/shares"):
                if (got := await _read(stage, viewer, f"{base}{more}")).code not in (404, 410, 403):
                    yield f"{base}{more} answers {got.code} for hidden post {at}"
    for path, rule in paths:
        for trouble in _compare(stage, viewer, Place(path, rule), await _read(stage, viewer, path)):
            yield trouble


# People ----------------------------------------------------------------------------------------------


async def _people(stage: Stage, viewer: str | None, name: str) -> Any:
    rules, account = stage.rules, stage.people[name]
    lists = {
        "followers": {one for one in PEOPLE if rules.follows(one, name)},
        "following": {one for one in PEOPLE if rules.follows(name, one)},
    }
    for which, people in lists.items():
        path = f"/api/v1/accounts/{account.id}/{which}"
        allowed = rules.list_of_people(viewer, name, people)
        got = await _read(stage, viewer, path)
        for trouble in _named(stage, viewer, path, got, allowed, exact=True):
            yield trouble
        if name in HERE and name in stage.scene.secretive:
            got = await _read(stage, viewer, f"/users/{account.username}/{which}?page=1")
            if any(f"/{other.username}" in got.text for one, other in stage.people.items() if one != name):
                yield f"{which} of {name} are told to other servers"
    if viewer is not None:
        avoided = {one for one in PEOPLE if rules.avoids(viewer, one)}
        for path in ("/api/v1/directory?limit=80", "/api/v2/suggestions"):
            got = await _read(stage, viewer, path)
            for trouble in _named(stage, viewer, path, got, set(PEOPLE) - avoided):
                yield trouble


def _named(
    stage: Stage, viewer: str | None, what: str, got: Got, allowed: set[str], *, exact: bool = False
) -> Iterator[str]:
    """What is wrong with a list of accounts."""
    shown = {stage.name_of(acct) for acct in _handles(msgspec.json.decode(got.body))} - {None}
    for name in sorted(str(one) for one in shown - allowed):
        yield f"{viewer} is shown {name} at {what}"
    if exact:
        for name in sorted(allowed - shown):
            yield f"{viewer} is not shown {name} at {what}"


def _handles(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "acct" in value and "username" in value:
            yield value["acct"]
        for inner in value.values():
            yield from _handles(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _handles(inner)
