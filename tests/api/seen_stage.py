"""Putting a scene on a running server: everybody is new, and every post has a word of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from dassie.domain.jobs import CutTies
from dassie.services import (
    blocking,
    blocking_domains,
    bookmarking,
    favouriting,
    indexing,
    listing,
    muting,
    pinning,
    signing_in,
)
from dassie.services.writing import NewMedia, NewPoll, NewStatus, remove_status, write_status
from dassie.store import accounts, logins, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, PollOption, StatusRow
from people import befriend, fresh, run, stranger
from seen_rules import Rules
from seen_scenes import ELSEWHERE, HERE, PEOPLE, Post, Scene
from worlds import Client, World

_numbers = count(1)
TAG = "seen"


@dataclass
class Stage:
    """A scene on a server."""

    world: World
    scene: Scene
    number: int = field(default_factory=lambda: next(_numbers))
    people: dict[str, AccountView] = field(default_factory=dict)
    rows: dict[int, StatusRow] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    clients: dict[str | None, Client] = field(default_factory=dict)
    browsers: dict[str | None, Client] = field(default_factory=dict)

    @property
    def rules(self) -> Rules:
        return Rules(self.scene)

    @property
    def word(self) -> str:
        """Is in every post of the scene."""
        return f"zq{self.number}z"

    def token(self, at: int) -> str:
        """Is in this post alone: its text, warning, poll and the words for its picture."""
        return f"zq{self.number}x{at}y"

    def about(self, name: str) -> str:
        """Is in the words that somebody says of themself."""
        return f"zq{self.number}{name}about"

    def name_of(self, acct: str) -> str | None:
        """Who of the scene has this handle."""
        return next((name for name, account in self.people.items() if account.acct == acct), None)

    async def set(self) -> None:
        """Everybody comes, follows whom they follow, and makes their list."""
        for name in HERE:
            self.people[name] = await self.world.account(f"{name}{self.number}")
        for name, domain in ELSEWHERE.items():
            self.people[name] = await stranger(self.world, f"{name}{self.number}", domain)
        for name, account in self.people.items():
            async with self.world.server.write() as tx:
                values = {"discoverable": True, "note": f"<p>{self.about(name)}</p>"}
                values |= {"indexable": name in self.scene.indexable, "hide_collections": name in self.scene.secretive}
                await accounts.change(tx, account.id, **values)
        await self._again()
        for one, other in sorted(self.scene.follows):
            await befriend(self.world, self.people[one], self.people[other])
        for name in HERE:
            await self._list(name)
        await self._sign_in()
        if not self.scene.late:
            await self.divide()

    async def _list(self, name: str) -> None:
        members = [other for owner, other in sorted(self.scene.listed) if owner == name]
        async with self.world.server.write() as tx:
            made = await listing.create(tx, self.people[name], "mine", "followed", False)
            followed = [self.people[other].id for other in members if (name, other) in self.scene.follows]
            if followed:
                await listing.put_in(tx, self.people[name], made.id, followed)
        self.lists[name] = made.id

    async def _sign_in(self) -> None:
        viewers = [name for name in HERE if name not in self.scene.suspended]
        self.clients = {None: await self.world.api_as()}
        self.browsers = {None: Client(self.world.app)}
        for name in viewers:
            self.clients[name] = await self.world.api_as(self.people[name])
            async with self.world.server.write() as tx:
                user = await logins.user_of(tx, self.people[name].id)
                assert user is not None
                session = await signing_in.open_session(tx, self.world.server, user, ip="", user_agent="")
            self.browsers[name] = Client(self.world.app, cookies={"__Host-dassie": session})

    async def divide(self) -> None:
        """Blocks, mutes, blocked servers, and what moderators do."""
        server = self.world.server
        for one, other in sorted(self.scene.blocks):
            async with server.write() as tx:
                mine, theirs = self.people[one], self.people[other]
                if mine.local:
                    await blocking.block(tx, server, mine, theirs)
                else:
                    await blocking.receive_block(tx, server, mine, theirs, f"{mine.uri}#blocks/{theirs.id}")
        for one, other in sorted(self.scene.mutes):
            async with server.write() as tx:
                await muting.mute(tx, server, self.people[one], self.people[other])
        for one, domain in sorted(self.scene.domain_blocks):
            async with server.write() as tx:
                await blocking_domains.block(tx, server, self.people[one], domain)
            await run(self.world, CutTies(account_id=self.people[one].id, domain=domain))
        async with server.write() as tx:
            for name in self.scene.limited:
                await accounts.change(tx, self.people[name].id, silenced_at=tx.now)
        await self._again()

    async def write(self) -> None:
        """All posts, oldest first, and the marks people made on them."""
        server = self.world.server
        for at, post in enumerate(self.scene.posts):
            async with server.write() as tx:
                row = await write_status(tx, server, self._new(at, post))
                assert row is not None
                self.rows[at] = row
                if post.pinned and post.author in HERE and post.reblog_of is None and post.visibility != "direct":
                    await pinning.pin(tx, server, self.people[post.author], row)
        for who, at in sorted(self.scene.favourites):
            if (who, self.scene.posts[at].author) not in self.scene.blocks or self.scene.late:
                async with server.write() as tx:
                    await favouriting.favourite(tx, server, self.people[who], self.rows[at])
        for who, at in sorted(self.scene.bookmarks):
            async with server.write() as tx:
                await bookmarking.bookmark(tx, server, self.people[who], self.rows[at])
        await indexing.drain(server)

    async def end(self) -> None:
        """What comes last: late divisions, suspensions, deletions."""
        server = self.world.server
        if self.scene.late:
            await self.divide()
        async with server.write() as tx:
            for name in self.scene.suspended:
                await accounts.change(tx, self.people[name].id, suspended_at=tx.now)
        for at, post in reversed(list(enumerate(self.scene.posts))):
            if post.deleted:
                async with server.write() as tx:
                    await self._delete(tx, at)
        await self._again()

    async def _delete(self, tx: Tx, at: int) -> None:
        row = await statuses.by_id(tx, self.rows[at].id)
        assert row is not None
        await remove_status(tx, self.world.server, row)

    async def _again(self) -> None:
        for name in PEOPLE:
            self.people[name] = await fresh(self.world, self.people[name].id)

    def _new(self, at: int, post: Post) -> NewStatus:
        author, token = self.people[post.author], self.token(at)
        where = f"{author.uri}/statuses/{self.number}-{at}"
        if post.reblog_of is not None:
            original = self.rows[post.reblog_of]
            return NewStatus(author=author, uri=where, visibility=post.visibility, reblog_of=original)
        words = f"{self.word} {token}"
        return NewStatus(
            author=author,
            uri=where,
            visibility=post.visibility,
            content=f"<p>{words}</p>",
            searchable=words,
            text=words if author.local else None,
            spoiler_text=token,
            in_reply_to=self.rows[post.reply_to] if post.reply_to is not None else None,
            mentions=[(self.people[name].id, False) for name in sorted(post.mentions)],
            tags=[(f"{TAG}{self.number}", f"{TAG}{self.number}")],
            media=[NewMedia(kind="image", remote_url=f"https://else.test/{token}.png", description=token)]
            if post.media
            else [],
            poll=NewPoll(options=[PollOption(token), PollOption("no")]) if post.poll else None,
        )
