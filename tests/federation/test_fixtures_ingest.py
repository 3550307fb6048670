"""Real documents of 49 kinds of software, sent to and fetched by a running server, and what came of each.

They are not ours to publish: the folder is named by DASSIE_SAMPLES. Their actors are played by ours: the same
ids with keys of our own, so that every activity is really signed and goes through the inbox.
"""

from __future__ import annotations

import copy
import csv
import json
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from dassie.domain.errors import DassieError
from dassie.domain.paging import Page
from dassie.federation import inbox
from dassie.federation.origin import Origin
from dassie.federation.remote import remote_of
from dassie.federation.signing import signed_http
from dassie.federation.vocab.activities import read_activity
from dassie.federation.vocab.documents import Malformed, decode
from dassie.federation.vocab.notes import NoteDoc, read_note
from dassie.federation.vocab.values import host_of
from dassie.services import following
from dassie.store import accounts, blocks, follows, media, polls, reports, senders, statuses
from dassie.store.tables import accounts as accounts_table
from dassie.store.tables import follow_requests, jobs, tombstones
from dassie.store.tables import follows as follows_table
from dassie.store.tables import reports as reports_table
from dassie.store.tables import statuses as statuses_table
from dassie.store.tx import Query, Statement
from dassie.store.views import AccountView, StatusRow
from fediverse import PUBLIC, Actor, Fediverse, actor_document
from following_here import follow, status, the_account, the_status, write

Row = dict[str, str]
_IS_ACTOR = re.compile(r"/(users|u)/[^/]+$").search
_NO_FOLLOWERS = re.compile(r"#|following|/follows?/").search
_FOLDER = os.environ.get("DASSIE_SAMPLES")
_ROOT = Path(_FOLDER, "federation") if _FOLDER else None
pytestmark = pytest.mark.skipif(_ROOT is None, reason="DASSIE_SAMPLES names no folder of real payloads")

# Effects that this version leaves for later, by kind: such activities are acknowledged and change nothing.
LATER = {
    "relay-subscribe": "this server is no relay",
    "accept-interaction": "consent flows (FEP-044f, GoToSocial's policies) are not part of this version",
    "ignore-or-group-pin": "pins of communities are not shown",
    "unwrap-announced-Like": "votes in a community are most of its traffic and are dropped at the gate",
}
# What we do otherwise than the manifest says, file by file.
OTHERWISE = {
    "activities/gotosocial-internaltoas-test-l1621.json": "answers a reply, not a follow: consent flows are left out",
    "activities/gotosocial-internaltoas-test-l1674.json": "answers a like, not a follow: consent flows are left out",
    "activities/mastodon-mastodon-announce-1-undo.json": "the inner actor is another than the outer: nobody undoes "
    "what somebody else did",
    "activities/mastodon-unfollow.json": "takes back a subscription to a relay, which we are not",
    "activities/mbin-updatetest-testupdatemagazine-1.json": "an account changes another: only its own word counts",
    "activities/mbin-announcetest-testannouncedeleteentrybymoderator-1.json": "a moderator's delete counts once the "
    "post is gone at its own server",
    "actors/plume-mod-l633.json": "a name with spaces can be no part of a handle",
    "actors/spec-fep-1042-b2.json": "an id that is no web address cannot be fetched",
    "actors/spec-fep-521a-test-case-b4.json": "shortened in a documentation: it has no name",
    "actors/spec-fep-844e-b2.json": "shortened in a documentation: it has no name",
    "actors/spec-fep-f06f-b1.json": "shortened in a documentation: it has no name",
    "activities/lemmy-remove-note.json": "a moderator of another server: counts once the post is gone at its own",
    "activities/spec-fep-4adb-b1.json": "a Follow without an id cannot be answered",
    "activities/mbin-announcetest-testannounceupdatemagazine-1.json": "the same, passed on by the community",
}
VISIBILITY = {
    "activities/spec-fep-7458-b2.json": "private",  # followers are honoured in cc
    "activities/spec-fep-7458-b4.json": "private",
}


class Wrong(Exception):
    """A sample did not have the effect it should have."""


def rows(kind: str, *effects: str) -> list[Row]:
    if _ROOT is None:
        return []
    with (_ROOT / "manifest.csv").open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["kind"] == kind]
    return [row for row in found if row["effect"] in effects]


def load(row: Row) -> dict[str, Any]:
    assert _ROOT is not None
    return decode((_ROOT / row["file"]).read_bytes())


def facts(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row["expected"] or "{}")
    return found


class Stage:
    """One world in which the samples are played one after the other, each on an empty stage."""

    def __init__(self, fediverse: Fediverse, ana: AccountView) -> None:
        self.fediverse = fediverse
        self.server = fediverse.world.server
        self.ana = ana
        self._names = 0

    async def clear(self) -> None:
        async with self.server.write() as tx:
            for table in (jobs, statuses_table, tombstones, follows_table, follow_requests, reports_table):
                await tx.run(Statement(delete(table)))
            await tx.run(Statement(delete(accounts_table).where(accounts_table.c.domain != "")))
        self.fediverse.http.answers.clear()
        self.fediverse.http.posted.clear()
        inbox.gate_of.forget(self.server)
        remote = remote_of(self.server)
        remote.origin = Origin(signed_http(remote), self.fediverse.http, self.server.db, self.server.clock)

    def cast(self, uri: str, *documents: Any, **changes: Any) -> Actor:
        """Play the actor with this id, with the followers collection that its documents name."""
        self._names += 1
        doc = actor_document(uri, f"someone{self._names}", key=0) | changes
        doc["publicKey"] = doc["publicKey"] | {"id": f"{uri.partition('#')[0]}#main-key"}
        if found := _followers(uri, documents):
            doc["followers"] = found
        self.fediverse.http.serve(doc, uri.partition("#")[0])
        return Actor(uri, 0, doc)

    async def follow(self, actor: Actor) -> None:
        await follow(self.fediverse, self.ana, actor)

    async def send(self, actor: Actor, activity: dict[str, Any], inbox: str = "/inbox") -> int:
        got = await self.fediverse.send(actor, activity, inbox)
        if got.code >= 500:
            raise Wrong(f"answered {got.code}")
        await self.fediverse.world.settle()
        async with self.server.read() as tx:
            failed = await tx.all(Query(str, select(jobs.c.error).where(jobs.c.error.is_not(None))))
        if failed:
            raise Wrong(f"a job failed: {failed}")
        return got.code

    async def stored_note(self, uri: str, author: str, **changes: Any) -> StatusRow:
        """Have a public post with this id and author stored, as if it was looked up."""
        if not await self._account(author):
            self.cast(author)
        note = {"id": uri, "type": "Note", "attributedTo": author, "content": "<p>before</p>", "to": [PUBLIC]}
        self.fediverse.http.serve(note | changes, uri)
        id = await self.server.remote.status(uri)
        async with self.server.read() as tx:
            row = await statuses.by_id(tx, id)
        assert row is not None
        return row

    async def _account(self, uri: str) -> bool:
        async with self.server.read() as tx:
            return await accounts.by_uri(tx, uri) is not None

    async def totals(self) -> tuple[int, ...]:
        """How many statuses, follows and blocks there are."""
        async with self.server.read() as tx:
            counts = [
                await tx.one(Query(int, select(func.count()).select_from(table)))
                for table in (statuses_table, follows_table, follow_requests)
            ]
        return tuple(count or 0 for count in counts)


def _followers(uri: str, documents: Any) -> str | None:
    waiting = list(documents)
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            waiting.extend(value.values())
        elif type(value) is list:
            waiting.extend(value)
        elif type(value) is str and "follow" in value and host_of(value) == host_of(uri) and not _NO_FOLLOWERS(value):
            return value
    return None


Play = Callable[[Stage, Row, dict[str, Any]], Awaitable[None]]


async def play(fediverse: Fediverse, samples: list[Row], act: Play) -> None:
    """Play each sample and gather what went wrong, so that one run shows all."""
    assert samples, "the manifest has no such samples"
    stage = Stage(fediverse, await fediverse.world.account("ana"))
    wrong = []
    for row in samples:
        await stage.clear()
        try:
            await act(stage, row, load(row))
        except (Wrong, AssertionError, DassieError) as error:
            wrong.append(f"{row['file']}: {type(error).__name__} {str(error)[:300]}")
    assert not wrong, "\n".join(wrong)


def expect(found: Any, wanted: Any, what: str) -> None:
    if found != wanted:
        raise Wrong(f"{what} is {found!r}, not {wanted!r}")


def check_safe(row: StatusRow) -> None:
    """Nothing in the stored HTML can run or load by itself."""
    lowered = row.content.lower()
    for bad in ("<script", "<img", "<iframe", "<style", "javascript:", "<object", "<form"):
        if bad in lowered:
            raise Wrong(f"the content has {bad}")
    if re.search(r"<[^>]*\son[a-z]+=", lowered):
        raise Wrong("the content has a handler")


async def check_post(stage: Stage, sample: Row, note: NoteDoc) -> None:
    """The stored status has the facts of the manifest."""
    row = await the_status(stage.fediverse, note.uri)
    check_safe(row)
    told = "direct" if sample["visibility"] == "none" else sample["visibility"]
    expect(row.visibility, VISIBILITY.get(sample["file"], told), "visibility")
    expect(bool(row.spoiler_text), sample["has_cw"] == "true", "has_cw")
    expect(row.sensitive, sample["sensitive"] == "true", "sensitive")
    expect(len(row.emojis), int(sample["emojis"] or 0), "emojis")
    async with stage.server.read() as tx:
        files = (await media.of_statuses(tx, [row.id])).get(row.id, [])
        asked = (await polls.of_statuses(tx, [row.id], viewer=None)).get(row.id)
    expect(len(files), min(int(sample["media"] or 0), 32), "media")
    expect([one.file_key for one in files], [None] * len(files), "fetched files")
    expect(len(asked.options) if asked else 0, int(sample["poll_options"] or 0), "poll options")
    expect(row.in_reply_to_uri, sample["in_reply_to"] or None, "in_reply_to")
    expect(row.quote_uri, sample["quote"] or None, "quote")
    if note.title and note.type != "Question":
        expect(note.title.split()[0] in row.content or "&" in row.content, True, "title shown")


# Posts -------------------------------------------------------------------------------------------------


async def test_created_posts_are_stored(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        note = read_note(activity.object or {}, activity_audience=activity.audience)
        actor = stage.cast(activity.actor, doc)
        await stage.follow(actor)
        if activity.actor not in note.authors and note.author:  # then its own server is asked
            stage.cast(note.author, doc)
            stage.fediverse.http.serve(activity.object or {}, note.uri)
        personal = "/users/ana/inbox" if sample["visibility"] == "none" else "/inbox"
        expect(await stage.send(actor, doc, personal), 202, "answer")
        await check_post(stage, sample, note)
        before = await stage.totals()
        await stage.send(actor, doc | {"id": f"{activity.actor}#again"})
        expect(await stage.totals(), before, "effect the second time")

    await play(fediverse, rows("activity", "create-status", "convert-status"), act)


async def test_fetched_posts_are_stored(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        if not doc.get("id") or not (doc.get("attributedTo") or doc.get("actor")):
            # Shortened in a documentation: nobody can tell whose it is.
            stage.fediverse.http.serve(doc, str(doc.get("id") or "https://added.example/id"))
            with pytest.raises(DassieError):
                await stage.server.remote.status(str(doc.get("id") or "https://added.example/id"))
            return
        note = read_note(doc)
        for author in note.authors:
            stage.cast(author, doc)
        stage.fediverse.http.serve(doc, note.uri)
        await stage.server.remote.status(note.uri)
        await check_post(stage, sample, note)

    await play(fediverse, rows("object", "create-status", "convert-status"), act)


async def test_post_named_by_its_id_alone_is_fetched(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        assert activity.object_id
        actor = stage.cast(activity.actor, doc)
        await stage.follow(actor)
        note = {"id": activity.object_id, "type": "Note", "attributedTo": activity.actor, "to": [PUBLIC]}
        stage.fediverse.http.serve(note | {"content": "x"})
        await stage.send(actor, doc)
        await the_status(stage.fediverse, activity.object_id)

    await play(fediverse, rows("activity", "fetch-object-then-create"), act)


async def test_edited_posts_change(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        note = read_note(activity.object or {}, activity_audience=activity.audience)
        actor = stage.cast(activity.actor, doc)
        await stage.follow(actor)
        before = copy.deepcopy(activity.object or {}) | {"content": "<p>before</p>", "attributedTo": activity.actor}
        for name in ("updated", "contentMap", "name", "to", "cc"):
            before.pop(name, None)
        stage.fediverse.http.serve(before | {"to": [PUBLIC]}, note.uri)
        await stage.server.remote.status(note.uri)
        await stage.send(actor, doc)
        row = await the_status(stage.fediverse, note.uri)
        check_safe(row)
        expect("before" in row.content, False, "old content")
        expect(row.edited_at is not None, True, "edited")

    await play(fediverse, rows("activity", "edit-status"), act)


async def test_deleted_posts_and_accounts_go(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        actor = stage.cast(activity.actor, doc)
        await stage.follow(actor)
        uri = activity.object_id or ""
        if sample["effect"] == "delete-actor":
            uri = f"{activity.actor.partition('#')[0]}/notes/1"
        author = activity.actor
        if sample["effect"] == "ignore-not-author" or sample["file"] in OTHERWISE:
            uri, author = uri or f"{activity.actor}/notes/1", f"https://{host_of(uri or activity.actor)}/somebody-else"
        await stage.stored_note(uri, author)
        await stage.send(actor, doc)
        stays = sample["effect"] == "ignore-not-author" or sample["file"] in OTHERWISE
        expect(await status(stage.fediverse, uri) is not None, stays, "still there")

    await play(fediverse, rows("activity", "delete-status", "delete-actor", "ignore-not-author"), act)


async def test_votes_are_counted(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        actor = stage.cast(activity.actor, doc)
        await stage.follow(actor)
        votes = [ref.doc for ref in activity.objects if ref.doc]
        ours = await write(stage.fediverse, stage.ana, poll=[str(vote["name"]) for vote in votes])
        async with stage.server.write() as tx:
            poll = (await polls.of_statuses(tx, [ours.id], viewer=None))[ours.id]
            await polls.change(tx, poll.id, multiple=True)
        changed = copy.deepcopy(doc)
        for vote in changed["object"] if type(changed["object"]) is list else [changed["object"]]:
            vote["inReplyTo"] = ours.uri
        await stage.send(actor, changed)
        async with stage.server.read() as tx:
            poll = (await polls.of_statuses(tx, [ours.id], viewer=None))[ours.id]
        expect([option.votes for option in poll.options], [1] * len(votes), "votes")
        expect((await stage.totals())[0], 1, "statuses")

    await play(fediverse, rows("activity", "poll-vote"), act)


# Interactions --------------------------------------------------------------------------------------------


async def served_object(stage: Stage, doc: dict[str, Any]) -> str:
    """Have the object of an activity served by its own server."""
    activity = read_activity(doc)
    uri, embedded = activity.object_id or "", activity.object
    author = f"https://{host_of(uri)}/author"
    if embedded is not None and embedded.get("attributedTo"):
        author = read_note(embedded).author or author
    elif host_of(uri) == host_of(activity.actor):
        author = activity.actor
    if author != activity.actor:
        stage.cast(author)
    note = {"id": uri, "type": "Note", "attributedTo": author, "to": [PUBLIC], "content": "<p>real</p>"}
    stage.fediverse.http.serve(note, uri)
    return uri


async def test_boosts_show_the_post_of_its_own_server(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        actor = stage.cast(activity.actor, doc)
        await stage.follow(actor)
        uri = await served_object(stage, doc)
        await stage.send(actor, doc)
        boost = await the_status(stage.fediverse, activity.id or "")
        told = facts(sample)["boost_visibility"]
        expect(boost.visibility, told if told in ("public", "unlisted") else "private", "boost visibility")
        original = await the_status(stage.fediverse, uri)
        expect(boost.reblog_of_id, original.id, "what is boosted")
        if sample["effect"] == "boost-only-if-refetched":
            expect(original.content, "<p>real</p>", "content")

    await play(fediverse, rows("activity", "boost", "boost-only-if-refetched"), act)


async def test_likes_count(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        actor = stage.cast(activity.actor, doc)
        await stage.stored_note(activity.object_id or "", f"https://{host_of(activity.object_id or '')}/author")
        await stage.send(actor, doc)
        row = await the_status(stage.fediverse, activity.object_id or "")
        expect(row.favourites_count, 1 if activity.type == "Like" else 0, "favourites")

    effects = ("favourite", "emoji-reaction-or-favourite", "emoji-reaction-or-ignore")
    await play(fediverse, rows("activity", *effects), act)


async def test_undone_likes_and_boosts_go(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        inner = activity.inner
        assert inner is not None
        actor = stage.cast(activity.actor, doc)
        await stage.follow(actor)
        uri = inner.object_id or ""
        await stage.stored_note(uri, f"https://{host_of(uri)}/author")
        first = copy.deepcopy(activity.object or {}) | {"actor": activity.actor}
        await stage.send(actor, first)
        row = await the_status(stage.fediverse, uri)
        expect(row.favourites_count + row.reblogs_count, 1, "effect of what is undone")
        await stage.send(actor, doc)
        row = await the_status(stage.fediverse, uri)
        expect(row.favourites_count + row.reblogs_count, int(sample["file"] in OTHERWISE), "effect after the undo")

    await play(fediverse, rows("activity", "undo-favourite", "undo-boost"), act)


async def test_communities_pass_on_posts(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        inner = activity.inner
        assert inner is not None
        actor = stage.cast(activity.actor, doc, type="Group")
        await stage.follow(actor)
        embedded = inner.object
        before = await stage.totals()
        if inner.type == "Create" and embedded is not None:
            note = read_note(embedded)
            stage.cast(note.author or inner.actor, embedded)
            stage.fediverse.http.serve(embedded, note.uri)
            await stage.send(actor, doc)
            found = await status(stage.fediverse, note.uri)
            expect(found is not None, note.is_supported, "stored")
            return
        if inner.type == "Delete":
            await stage.stored_note(inner.object_id or "", f"https://{host_of(inner.object_id or '')}/author")
            await stage.send(actor, doc)
            await the_status(stage.fediverse, inner.object_id or "")
            stage.fediverse.http.gone(inner.object_id or "")
            await stage.send(actor, doc | {"id": f"{activity.id}-2"})
            expect(await status(stage.fediverse, inner.object_id or ""), None, "the post")
            return
        await stage.send(actor, doc)
        expect(await stage.totals(), before, "statuses and follows")

    effects = [f"unwrap-announced-{name}" for name in ("Create", "Update", "Delete", "Like")]
    await play(fediverse, rows("activity", *effects), act)


# Relations -----------------------------------------------------------------------------------------------


async def test_follows_and_their_undo(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        actor = stage.cast(activity.actor, doc)
        undo = sample["effect"] == "undo-follow"
        if sample["file"] in OTHERWISE:
            await stage.send(actor, doc)
            return
        first = copy.deepcopy(activity.object if undo else doc) or {}
        first["object"] = stage.ana.uri
        await stage.send(actor, first)
        account = await the_account(stage.fediverse, activity.actor)
        async with stage.server.read() as tx:
            expect(await follows.following(tx, account.id, stage.ana.id), True, "following")
        answers = [body for _, body in stage.fediverse.http.posted if body["type"] == "Accept"]
        expect(len(answers), 1, "answers")
        if undo:
            await stage.send(actor, doc | {"object": first})
            async with stage.server.read() as tx:
                expect(await follows.following(tx, account.id, stage.ana.id), False, "following")

    await play(fediverse, rows("activity", "follow-request", "undo-follow"), act)


async def test_answers_to_our_follows(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        actor = stage.cast(activity.actor, doc)
        id = await stage.server.remote.account(activity.actor)
        async with stage.server.write() as tx:
            target = await accounts.by_id(tx, id)
            assert target is not None
            await following.follow(tx, stage.server, stage.ana, target)
            asked = await follows.find_request(tx, stage.ana.id, target.id)
            assert asked is not None
        changed = copy.deepcopy(doc)
        if sample["file"] in OTHERWISE:
            pass  # it answers something else, and must not be taken for an answer to this
        elif type(changed["object"]) is dict:
            changed["object"] |= {"id": asked.uri, "actor": stage.ana.uri, "object": activity.actor}
        else:
            changed["object"] = asked.uri
        await stage.send(actor, changed)
        async with stage.server.read() as tx:
            now = await follows.following(tx, stage.ana.id, target.id)
        accepted = activity.type == "Accept" and sample["file"] not in OTHERWISE
        expect(now, accepted, "following")

    await play(fediverse, rows("activity", "accept-follow", "accept-by-id", "reject-follow", "reject-by-id"), act)


async def test_blocks(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        actor = stage.cast(activity.actor, doc)
        await stage.follow(actor)
        await stage.send(actor, doc | {"object": stage.ana.uri})
        account = await the_account(stage.fediverse, activity.actor)
        async with stage.server.read() as tx:
            expect(await blocks.blocking(tx, account.id, stage.ana.id), True, "blocking")
            expect(await follows.following(tx, stage.ana.id, account.id), False, "following")

    await play(fediverse, rows("activity", "block"), act)


async def test_reports(fediverse: Fediverse) -> None:
    """The accounts and posts that are named are played by one of ours and what she wrote."""

    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        actor = stage.cast(activity.actor, doc)
        written = await write(stage.fediverse, stage.ana)
        ours = [stage.ana.uri if _IS_ACTOR(uri) else written.uri for uri in activity.object_ids]
        await stage.send(actor, doc | {"object": ours if type(doc["object"]) is list else ours[0]})
        async with stage.server.read() as tx:
            filed = await reports.newest(tx, Page(limit=5), opened=True)
        expect([one.target_account_id for one in filed], [stage.ana.id], "reported")
        expect(filed[0].comment, facts(sample).get("content") or doc.get("summary") or "", "comment")
        expect(filed[0].status_ids, [written.id], "posts")
        reporter = await the_account(stage.fediverse, activity.actor)
        expect(filed[0].account_id, reporter.id, "reporter")

    await play(fediverse, rows("activity", "report"), act)


# Actors --------------------------------------------------------------------------------------------------


async def test_actors_are_stored_as_they_are(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        told, uri = facts(sample), str(doc.get("id") or doc.get("@id") or "https://added.example/id")
        stage.fediverse.http.serve(doc, uri)
        if sample["file"] in OTHERWISE or not doc.get("id"):
            with pytest.raises(DassieError):
                await stage.server.remote.account(uri)
            return
        await stage.server.remote.account(uri)
        account = await the_account(stage.fediverse, uri)
        expect(account.username, told.get("username", account.username), "username")
        expect(account.bot, bool(told.get("bot")), "bot")
        expect(account.locked, bool(told.get("locked")), "locked")
        expect(bool(account.discoverable), bool(told.get("discoverable")), "discoverable")
        expect(account.indexable, bool(told.get("indexable")), "indexable")
        expect(len(account.fields), told.get("fields", 0), "fields")
        expect("<script" in account.note.lower(), False, "script")
        async with stage.server.read() as tx:
            known = (await accounts.endpoints(tx, [account.id]))[account.id]
            keys = await senders.keys_of(tx, uri)
        expect(known.inbox_url, told["inbox"], "inbox")
        expect(known.shared_inbox_url, told.get("shared_inbox") or "", "shared inbox")
        if sample["effect"] == "actor-no-key":
            expect(keys, [], "keys")

    effects = ("actor-ok", "actor-no-key", "ignore-copiedTo", "ignore-movedTo")
    await play(fediverse, rows("actor", *effects), act)


async def test_broken_actors_are_refused(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        uri = str(doc.get("id") or "https://broken.example/actor")
        stage.fediverse.http.serve(doc, uri)
        with pytest.raises(DassieError):
            await stage.server.remote.account(uri)

    await play(fediverse, rows("actor", "reject-actor"), act)


async def test_profiles_change(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        actor = stage.cast(activity.actor, doc, name="Before")
        await stage.follow(actor)
        await stage.send(actor, doc)
        account = await the_account(stage.fediverse, activity.actor)
        if sample["file"] in OTHERWISE:
            expect(account.display_name, "Before", "name")
        else:
            expect(account.display_name, str((activity.object or {}).get("name") or "").strip(), "name")

    await play(fediverse, rows("activity", "update-profile"), act)


async def test_followers_go_along_with_who_moves(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        activity = read_activity(doc)
        assert activity.target is not None
        actor = stage.cast(activity.actor, doc)
        await stage.follow(actor)
        new = stage.cast(activity.target, doc)
        stage.fediverse.http.serve(new.doc | {"alsoKnownAs": [activity.actor]})
        await stage.send(actor, doc)
        account = await the_account(stage.fediverse, activity.actor)
        expect(account.moved_to_uri, activity.target, "moved to")
        async with stage.server.read() as tx:
            expect(await follows.has_local_follower(tx, account.id), False, "followers")

    await play(fediverse, rows("activity", "move-followers"), act)


# No effect -----------------------------------------------------------------------------------------------


async def test_what_is_ignored_or_hostile_changes_nothing(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        try:
            sender = read_activity(doc).actor
        except Malformed:
            sender = "https://nobody.example/actor"
        actor = stage.cast(sender, doc)
        await stage.follow(actor)
        before = await stage.totals()
        code = await stage.send(actor, doc)
        expect(code in (202, 400, 401, 403), True, f"answer {code}")
        if sample["effect"] != "drop-ld-signature-or-reject":  # the signature inside is not looked at, ever
            expect(await stage.totals(), before, "statuses and follows")

    effects = ("ignore", "reject", "drop-ld-signature-or-reject", "reject-400", *LATER)
    await play(fediverse, [row for row in rows("activity", *effects) if "unwrap" not in row["effect"]], act)


async def test_objects_that_are_no_posts_are_refused(fediverse: Fediverse) -> None:
    async def act(stage: Stage, sample: Row, doc: dict[str, Any]) -> None:
        uri = str(doc.get("id") or "https://added.example/id")
        author = doc.get("attributedTo") or doc.get("actor")
        for one in author if type(author) is list else [author]:
            if type(one) is str and host_of(one):
                stage.cast(one, doc)
        asked = uri if sample["effect"] == "ignore" else "https://spoofing.example/note"
        stage.fediverse.http.serve(doc | ({} if "id" in doc else {"id": uri}), asked)
        before = await stage.totals()
        with pytest.raises(DassieError):
            await stage.server.remote.status(asked)
        expect(await stage.totals(), before, "statuses")

    await play(fediverse, rows("object", "ignore", "reject"), act)


def test_every_effect_is_played_or_left_for_later() -> None:
    """So that a new kind of effect in the manifest is noticed."""
    source = Path(__file__).read_text()
    assert _ROOT is not None
    with (_ROOT / "manifest.csv").open(encoding="utf-8", newline="") as file:
        effects = {
            row["effect"]
            for row in csv.DictReader(file)
            if row["kind"] in ("activity", "object", "actor") and row["effect"]
        }
    named = {effect for effect in effects if f'"{effect}"' in source or effect.startswith("unwrap-announced-")}
    assert effects - named - set(LATER) == set()
