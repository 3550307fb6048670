"""What we fetch from other servers: accounts, posts, pasted addresses, and what we do not believe."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import pytest

from dassie.domain.errors import NotAllowed, NotFound, RemoteFailed
from dassie.domain.jobs import RefreshAccount, RefreshPoll
from dassie.store import accounts, polls, queue, senders, statuses
from dassie.store.tables import peers
from dassie.store.tx import Statement
from fediverse import PUBLIC, Fediverse, actor_document
from following_here import pair, status, the_account, the_status, write


async def test_account_is_fetched_once_for_all_who_ask(fediverse: Fediverse) -> None:
    bob = fediverse.actor(webfinger="bob@there.test")
    remote = fediverse.world.server.remote
    ids = await asyncio.gather(*(remote.account(bob.uri) for _ in range(5)))
    assert len(set(ids)) == 1
    assert fediverse.http.asked.count(bob.uri) == 1
    account = await the_account(fediverse, bob.uri)
    assert (account.acct, account.display_name) == ("bob@there.test", "Bob")


async def test_document_of_another_id_or_host_is_not_believed(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    http, remote = fediverse.http, fediverse.world.server.remote
    http.serve(bob.doc | {"id": "https://victim.test/users/bob"}, "https://evil.test/a")
    http.serve({"id": "https://there.test/c", "type": "Note", "attributedTo": bob.uri}, "https://evil.test/b")
    http.redirect("https://there.test/open-redirect", "https://evil.test/b")
    for uri in ("https://evil.test/a", "https://evil.test/b", "https://there.test/open-redirect"):
        with pytest.raises((RemoteFailed, NotFound)):
            await remote.account(uri)
        with pytest.raises((RemoteFailed, NotFound)):
            await remote.status(uri)


async def test_upload_on_the_same_host_is_no_document(fediverse: Fediverse) -> None:
    uri = "https://there.test/uploads/1.json"
    for content_type in ("application/json", "text/html", "application/ld+json", "application/octet-stream"):
        fediverse.http.serve(actor_document(uri, "forged"), uri, content_type=content_type)
        with pytest.raises(RemoteFailed) as failed:
            await fediverse.world.server.remote.account(uri)
        assert failed.value.kind == "content_type"


async def test_post_by_an_author_of_another_host_is_refused(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    fediverse.http.serve(fediverse.note(bob, id="https://evil.test/1"))
    with pytest.raises(RemoteFailed):
        await fediverse.world.server.remote.status("https://evil.test/1")


async def test_handle_on_another_domain_is_proved_there(fediverse: Fediverse) -> None:
    me = fediverse.actor("bob", "social.there.test")
    fediverse.finger("bob", "there.test", me.uri)
    url = f"https://social.there.test/.well-known/webfinger?resource={quote('acct:bob@social.there.test', safe=':@')}"
    there = f"https://there.test/.well-known/webfinger?resource={quote('acct:bob@there.test', safe=':@')}"
    fediverse.http.redirect(url, there)
    await fediverse.world.server.remote.account(me.uri)
    assert (await the_account(fediverse, me.uri)).acct == "bob@there.test"


async def test_handle_of_a_domain_that_does_not_confirm_it_is_refused(fediverse: Fediverse) -> None:
    eve = fediverse.actor("bob", "evil.test", webfinger="bob@there.test")
    fediverse.actor("bob", "there.test")
    with pytest.raises(RemoteFailed):
        await fediverse.world.server.remote.account(eve.uri)


async def test_actor_without_webfinger_has_a_name_of_its_own_host_unless_it_is_taken(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    remote = fediverse.world.server.remote
    await remote.account(bob.uri)
    small = actor_document("https://small.test/me", "me")
    fediverse.http.serve(small)
    await remote.account(small["id"])
    assert (await the_account(fediverse, small["id"])).acct == "me@small.test"
    forged = actor_document("https://there.test/uploads/bob", "bob")
    fediverse.http.serve(forged)
    with pytest.raises(RemoteFailed):
        await remote.account(forged["id"])


async def test_handle_that_moved_to_a_new_id_takes_its_account_along(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    remote = fediverse.world.server.remote
    before = await remote.account(bob.uri)
    new = fediverse.actor("bob", key=1, id="https://there.test/ap/users/7")
    assert await remote.account(new.uri) == before
    async with fediverse.world.server.read() as tx:
        assert await accounts.by_uri(tx, bob.uri) is None
        assert [key.key_id for key in await senders.keys_of(tx, new.uri)] == [new.key_id]


async def test_handle_of_ours_cannot_be_claimed(fediverse: Fediverse) -> None:
    await fediverse.world.account("ana")
    eve = fediverse.actor("ana", "evil.test", webfinger="ana@here.test")
    fediverse.finger("ana", "here.test", eve.uri)
    with pytest.raises(RemoteFailed):
        await fediverse.world.server.remote.account(eve.uri)
    with pytest.raises(NotFound):
        await fediverse.world.server.remote.account("https://here.test/users/nobody")


async def test_account_by_handle_is_found_and_remembered(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    remote = fediverse.world.server.remote
    id = await remote.account_by_handle("bob", "there.test")
    asked = len(fediverse.http.asked)
    assert await remote.account_by_handle("BOB", "There.test") == id
    assert len(fediverse.http.asked) == asked
    assert (await the_account(fediverse, bob.uri)).id == id
    ana = await fediverse.world.account("ana")
    assert await remote.account_by_handle("ana", "here.test") == ana.id
    for username, domain in (("nobody", "here.test"), ("nobody", "there.test"), ("a b", "there.test"), ("x", "a/b")):
        with pytest.raises(NotFound):
            await remote.account_by_handle(username, domain)


async def test_host_meta_leads_to_webfinger_elsewhere(fediverse: Fediverse) -> None:
    bob = fediverse.actor("bob", "there.test")
    resource = quote("acct:bob@old.test", safe=":@")
    link = {"rel": "self", "type": "application/activity+json", "href": bob.uri}
    fediverse.http.serve(
        {"subject": "acct:bob@there.test", "links": [link]},
        f"https://old.test/wf?uri={resource}",
        content_type="application/jrd+json",
    )
    xrd = '<XRD><Link rel="lrdd" template="https://old.test/wf?uri={uri}"/></XRD>'
    fediverse.http.serve_page("https://old.test/.well-known/host-meta", xrd)
    id = await fediverse.world.server.remote.account_by_handle("bob", "old.test")
    assert (await the_account(fediverse, bob.uri)).id == id


async def test_status_is_fetched_once_quietly_and_with_its_author(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    note = fediverse.note(bob)
    fediverse.http.serve(note)
    remote = fediverse.world.server.remote
    ids = await asyncio.gather(*(remote.status(note["id"]) for _ in range(3)))
    assert len(set(ids)) == 1
    assert fediverse.http.asked.count(note["id"]) == 1
    home = (await (await fediverse.world.api_as(ana)).get("/api/v1/timelines/home")).json
    assert home == []  # looked up, not told


async def test_deleted_and_missing_statuses_are_not_found_and_not_asked_for_again(fediverse: Fediverse) -> None:
    remote = fediverse.world.server.remote
    for _ in range(3):
        with pytest.raises(NotFound):
            await remote.status("https://there.test/notes/none")
    assert fediverse.http.asked.count("https://there.test/notes/none") == 1
    async with fediverse.world.server.write() as tx:
        await statuses.bury(tx, "https://there.test/notes/dead")
    with pytest.raises(NotFound):
        await remote.status("https://there.test/notes/dead")
    assert "https://there.test/notes/dead" not in fediverse.http.asked


async def test_suspended_server_is_not_asked(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    async with fediverse.world.server.write() as tx:
        await senders.seen(tx, "there.test")
        await tx.run(Statement(peers.update().values(suspended_at=tx.now)))
    for ask in (fediverse.world.server.remote.account, fediverse.world.server.remote.status):
        with pytest.raises(NotAllowed):
            await ask(bob.uri)
    with pytest.raises(NotAllowed):
        await fediverse.world.server.remote.account_by_handle("bob", "there.test")
    assert fediverse.http.asked == []


async def test_pasted_addresses_are_resolved(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    note = fediverse.note(bob)
    fediverse.http.serve(note)
    alternate = '<html><head><link rel="alternate" type="application/activity+json" href="{}"></head></html>'
    fediverse.http.serve_page("https://there.test/@bob/1", alternate.format(note["id"]))
    link = f'<{bob.uri}>; rel="alternate"; type="application/activity+json"'
    fediverse.http.serve_page("https://there.test/@bob", "", link=link)
    fediverse.http.serve_page("https://there.test/about", "<html>nothing</html>")
    remote = fediverse.world.server.remote
    account = await the_account(fediverse, bob.uri)
    assert await remote.resolve("https://there.test/@bob") == ("account", account.id)
    found = await remote.resolve("https://there.test/@bob/1")
    row = await the_status(fediverse, note["id"])
    assert found == ("status", row.id)
    assert await remote.resolve(note["id"]) == found
    ours = await write(fediverse, ana)
    asked = len(fediverse.http.asked)
    assert await remote.resolve(str(ours.url)) == ("status", ours.id)
    assert await remote.resolve("https://here.test/@ana") == ("account", ana.id)
    assert await remote.resolve("https://here.test/@nobody") is None
    assert await remote.resolve("no address") is None
    assert len(fediverse.http.asked) == asked
    assert await remote.resolve("https://there.test/about") is None
    assert await remote.resolve("https://there.test/404") is None


async def test_poll_is_read_again_on_request(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    options = [{"type": "Note", "name": name, "replies": {"totalItems": 1}} for name in ("tea", "coffee")]
    note = fediverse.note(bob, type="Question", oneOf=options)
    await fediverse.deliver(bob, fediverse.create(bob, note))
    row = await the_status(fediverse, note["id"])
    fediverse.http.serve(note | {"oneOf": [one | {"replies": {"totalItems": 5}} for one in options]})
    async with fediverse.world.server.write() as tx:
        poll = (await polls.of_statuses(tx, [row.id], viewer=None))[row.id]
        await queue.enqueue(tx, RefreshPoll(poll_id=poll.id), host="there.test")
    await fediverse.world.settle()
    async with fediverse.world.server.read() as tx:
        poll = (await polls.of_statuses(tx, [row.id], viewer=None))[row.id]
    assert [option.votes for option in poll.options] == [5, 5]


async def test_refreshed_actor_changes_or_goes(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    note = fediverse.note(bob)
    await fediverse.deliver(bob, fediverse.create(bob, note))

    async def refresh() -> None:
        async with fediverse.world.server.write() as tx:
            await queue.enqueue(tx, RefreshAccount(uri=bob.uri), host="there.test")
        await fediverse.world.settle()

    fediverse.http.serve(bob.doc | {"name": "Robert"})
    await refresh()
    assert (await the_account(fediverse, bob.uri)).display_name == "Robert"
    fediverse.http.gone(bob.uri, 404)
    await refresh()
    assert await status(fediverse, note["id"]) is not None
    fediverse.http.gone(bob.uri, 410)
    await refresh()
    assert await status(fediverse, note["id"]) is None


async def test_stale_actor_is_read_again_when_it_sends_something(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    fediverse.http.serve(bob.doc | {"name": "Robert"})
    fediverse.world.clock.forward(days=8)
    await fediverse.deliver(bob, fediverse.create(bob, fediverse.note(bob)))
    assert (await the_account(fediverse, bob.uri)).display_name == "Robert"


async def test_create_around_a_post_is_read_when_fetched(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    note = fediverse.note(bob, to=[PUBLIC])
    create = fediverse.create(bob, note)
    fediverse.http.serve(create)
    await fediverse.world.server.remote.status(create["id"])
    await the_status(fediverse, note["id"])
