"""The demo server with everything people make of it: quotes, collections, lists, filters, reports, invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec import structs

from dassie.domain.ids import AccountId, StatusId, new_id
from dassie.domain.notification_policies import NotificationPolicy
from dassie.domain.paging import Page
from dassie.domain.settings import Rule
from dassie.server import Server
from dassie.services import (
    announcing,
    blocking_domains,
    blocking_servers,
    curating,
    endorsing,
    featuring_tags,
    following_tags,
    inviting,
    listing,
    looking_back,
    quoting,
    registering,
    reporting,
    scheduling,
    screening,
    setting_filters,
    subscribing,
    subscribing_by_mail,
)
from dassie.services.checking_sign_ups import SignUp
from dassie.services.drafts import Draft, PollDraft
from dassie.store import accounts, email_subscriptions, logins, notification_requests, relays, settings, sign_ups
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow
from demo import Demo, say, settle_in
from people import change, stranger, write
from worlds import World

LAST_YEAR = datetime.now(UTC).year - 1
LONG = "A-very-long-word-without-any-place-to-break-it-" * 3
PASSWORD = "correct horse battery"


@dataclass
class House(Demo):
    """The demo, and where to find what was added."""

    dalia: AccountView
    pages: list[str]
    """Addresses of all that the owner can open."""
    guest_pages: list[str]
    invite: str
    quoted: StatusRow


async def furnish(world: World) -> House:
    """Fill the server; who lives there has one of everything, and something of a long name."""
    demo = await settle_in(world)
    server, ben = world.server, demo.ben
    ama = await change(world, demo.ama, created_at=datetime(LAST_YEAR, 1, 2, tzinfo=UTC))
    async with server.read() as tx:
        dalia = await accounts.by_name(tx, "dalia")
    assert dalia is not None
    eve = await stranger(world, "eve", "a-long-name-of-a-server.else.test", display_name=f"Eve {LONG}")
    await _rules(world)
    pages, guest_pages = ["/wrapstodon", f"/wrapstodon/{LAST_YEAR}"], []
    quoted = await _quotes(world, demo)
    pages += [f"/@ama/{quoted.id}/quotes", f"/@ama/{quoted.id}", f"/publish?quoted_status_id={quoted.id}"]
    pages += await _collections(world, ama, ben, dalia)
    pages += await _own_things(world, ama, ben, dalia)
    pages += await _held_back(world, ama, eve)
    pages += await _admin(world, demo, dalia)
    invite, waiting = await _doors(world, ama)
    guest_pages += [f"/invite/{invite}", "/invite/gone", "/auth/sign_up", *waiting]
    guest_pages += [f"/@ama/{quoted.id}/embed", "/explore"]
    await _last_year(world, ama)
    await world.settle(30)
    async with server.read() as tx:
        year = await looking_back.state(tx, ama, LAST_YEAR)
    assert year == "available"
    return House(ama, ben, demo.first, demo.counted, dalia, pages, guest_pages, invite, quoted)


async def _rules(world: World) -> None:
    async with world.server.write() as tx:
        said = await settings.instance(tx)
        rules = [Rule(1, "Be kind to stones."), Rule(2, "No adverts.", "Not even good ones.")]
        told = structs.replace(said, registrations="approved", reason_required=True, rules=rules, min_age=16)
        await settings.save_instance(tx, told)


async def _quotes(world: World, demo: Demo) -> StatusRow:
    quoted = await say(world, demo.ama, f"Everybody may say this again. {LONG}")
    dropped = await say(world, demo.ben, "Said too quickly.", quoted_status_id=quoted.id)
    again = await say(world, demo.ben, "So true, and so long.", quoted_status_id=quoted.id)
    await say(world, demo.ama, "And what I said to that.", quoted_status_id=again.id)
    async with world.server.write() as tx:
        await quoting.revoke(tx, world.server, demo.ama, quoted.id, dropped.id)
    return quoted


async def _collections(world: World, ama: AccountView, ben: AccountView, dalia: AccountView) -> list[str]:
    async with world.server.write() as tx:
        for one in (ama, ben, dalia):
            await accounts.change(tx, one.id, discoverable=True)
    async with world.server.write() as tx:
        draft = curating.Draft(name="People of the big and warm rock", description="Who climb it", tag="rocks")
        mine = await curating.create(tx, world.server, ama, draft, [ben.id, dalia.id])
        draft = curating.Draft(name="Bakers", discoverable=False, sensitive=True)
        theirs = await curating.create(tx, world.server, ben, draft, [ama.id])
    own = [f"/collections/{mine.id}", f"/collections/{mine.id}/edit", "/collections/new", "/@ama/collections"]
    return [*own, f"/collections/{theirs.id}", f"/accounts/{ben.id}/collections"]


async def _own_things(world: World, ama: AccountView, ben: AccountView, dalia: AccountView) -> list[str]:
    server = world.server
    async with server.write() as tx:
        one = await listing.create(tx, ama, "Climbers of the northern side, before noon", None, None)
        await listing.put_in(tx, ama, one.id, [ben.id, dalia.id])
        change = setting_filters.FilterChange(title="Counting", contexts=["home", "public"], action="warn")
        words = [setting_filters.KeywordChange(keyword=word) for word in ("eleven", LONG)]
        kept = await setting_filters.create(tx, server, ama, change, words)
        for draft in (
            Draft(text="Good morning, in a while."),
            Draft(text=LONG, spoiler_text="Later", poll=PollDraft(options=["Yes", "No"], expires_in=86_400)),
        ):
            await scheduling.schedule(tx, server, ama, draft, tx.now + timedelta(days=3))
        for name in ("Koppie", "AHashtagThatIsLongerThanMostHashtagsAre"):
            await following_tags.follow(tx, server, ama, name)
        await featuring_tags.feature(tx, ama, "koppie")
        await endorsing.endorse(tx, server, ama, ben)
        await blocking_domains.block(tx, server, ama, "loud.test")
        await announcing.announce(tx, server, "The water is off **tonight**.", ends_at=tx.now + timedelta(days=1))
        user = await logins.user_of(tx, ama.id)
        assert user is not None
        await subscribing_by_mail.offer(tx, server, ama, user, on=True)
    return [
        *("/lists", f"/lists/{one.id}", f"/lists/{one.id}/edit", f"/accounts/{ben.id}/lists"),
        *("/filters", "/filters/new", f"/filters/{kept.id}/edit", "/scheduled", "/followed_tags", "/@ama/featured"),
        *("/domain_blocks", "/domain_blocks/quiet.test", "/settings/mail_readers", "/invites", "/explore"),
    ]


async def _held_back(world: World, ama: AccountView, eve: AccountView) -> list[str]:
    async with world.server.write() as tx:
        await screening.change_policy(tx, ama.id, NotificationPolicy(for_not_following="filter"))
    for text in ("Hello, do you know me?", LONG):
        await write(world, eve, text, mentions=[(AccountId(ama.id), False)])
    async with world.server.read() as tx:
        (asking, *_) = await notification_requests.newest(tx, ama.id, Page())
    return ["/notifications/requests", f"/notifications/requests/{asking.id}", "/settings/notifications"]


async def _admin(world: World, demo: Demo, dalia: AccountView) -> list[str]:
    server = world.server
    about = reporting.Complaint(
        demo.ben.id, f"He says it all the time. {LONG}", "violation", [demo.counted.id], rule_ids=[2]
    )
    async with server.write() as tx:
        filed = await reporting.report(tx, server, dalia, about)
        closed = await reporting.report(tx, server, demo.ben, reporting.Complaint(dalia.id, category="spam"))
        await reporting.resolve(tx, demo.ama, closed.id, "192.0.2.1")
        for name, severity in (("spam.test", "suspend"), ("a-long-name-of-a-server.of-strangers.test", "silence")):
            await blocking_servers.block(tx, server, name, severity, public_comment="Adverts", private_comment=LONG)
    return [
        *("/admin/reports", "/admin/reports?only=closed", f"/admin/reports/{filed.id}", f"/admin/reports/{closed.id}"),
        f"/accounts/{demo.ben.id}/report?status={demo.counted.id}",
        *("/admin/domain_blocks", "/admin/domain_blocks/new?domain=spam.test"),
        *("/admin/sign_ups", "/admin/settings/registrations", "/admin/about", "/admin/announcements"),
        *("/admin/custom_emojis", "/admin/storage", "/admin/storage/free?amount=1"),
        *await _relays(server),
    ]


async def _relays(server: Server) -> list[str]:
    """The page of a relay that took us in, and that has figures."""
    async with server.write() as tx:
        relay = await subscribing.subscribe(tx, server, "https://relay.test/inbox")
        await relays.change(tx, relay.id, state="accepted")
        for name, figure in (("offered", 40), ("admitted", 30), ("refused.quota", 10)):
            server.counters.add(f"relay.{relay.id}.{name}", figure)
        await server.counters.flush(tx)
    return ["/admin/relays", f"/admin/relays/{relay.id}", f"/admin/relays/{relay.id}/undo"]


async def _doors(world: World, ama: AccountView) -> tuple[str, list[str]]:
    """An invitation, and where guests sign up and subscribe; one waits to be let in."""
    server = world.server
    async with server.write() as tx:
        user = await logins.user_of(tx, ama.id)
        assert user is not None
        good = await inviting.invite(tx, user, autofollow=True)
        await inviting.invite(tx, user, max_uses=5, lasts=86_400)
        await subscribing_by_mail.ask(tx, server, await _fresh(tx, ama), "reader@mail.test", "en")
        reads = await email_subscriptions.find(tx, ama.id, "reader@mail.test")
    given = SignUp("zola", "zola@mail.test", PASSWORD, True, reason=f"I bake, too. {LONG}", date_of_birth="1990-01-01")
    _, waits = await registering.sign_up(server, given, ip="192.0.2.77")
    async with server.write() as tx:
        await sign_ups.confirm(tx, waits.id, waits.email)
    assert reads is not None
    token = subscribing_by_mail.token_of(server, reads)
    links = [f"/email_subscriptions/confirmation?confirmation_token={token}"]
    return good.code, ["/@ama/subscribe", *links, f"/email_subscriptions/{token}/unsubscribe"]


async def _fresh(tx: Tx, account: AccountView) -> AccountView:
    found = await accounts.by_id(tx, account.id)
    assert found is not None
    return found


async def _last_year(world: World, ama: AccountView) -> None:
    """A post of last year, and the year looked back on."""
    may = datetime(LAST_YEAR, 5, 3, tzinfo=UTC)
    tags = [("figs", "figs")]
    await write(world, ama, "#figs", id=StatusId(new_id(may)), created_at=may, live=False, tags=tags)
    async with world.server.write() as tx:
        await looking_back.ask(tx, ama, LAST_YEAR)
