"""Taking part in relays: entering, pausing, leaving, and undoing what one brought.

These write rows and jobs only; asking the relay is a job (`federation/relaying.py`), so that commands work beside
the running server.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from dassie.domain.errors import Conflict, Invalid
from dassie.domain.ids import new_id
from dassie.domain.jobs import EndTrial, TellRelay
from dassie.domain.relays import Kind, Relay, RelayRules
from dassie.server import Server
from dassie.services import undoing_relays
from dassie.services.admitting import admission_of
from dassie.services.looking_up import parse_handle
from dassie.store import queue, relays
from dassie.store.tx import Tx

MAX_URL = 500
LONGEST_TRIAL = timedelta(hours=24)


def cause_of(relay_id: int) -> str:
    """What the jobs that a relay started have as their cause."""
    return f"relay {relay_id}"


async def subscribe(
    tx: Tx,
    server: Server,
    url: str,
    rules: RelayRules | None = None,
    *,
    sends: bool = True,
    trial_minutes: float | None = None,
) -> Relay:
    """Ask a relay to take us in: by the address of its inbox (as Mastodon does), of its actor, or its handle.

    A relay that was left or refused us is asked again. With `trial_minutes` nothing of it is kept: what it
    would bring is measured, then it is left. Raises `Invalid`, and `Conflict` where we take part already.
    """
    address, kind, domain = _address(server, url)
    if trial_minutes is not None and not 0 < trial_minutes <= LONGEST_TRIAL.total_seconds() / 60:
        raise Invalid("A trial takes from a moment to 1,440 minutes.")
    known = await relays.by_url(tx, address)
    if known is not None and known.state in ("pending", "accepted"):
        raise Conflict("We take part in this relay already; pause, change or leave it instead.")
    id = known.id if known is not None else new_id(tx.now)
    relay = Relay(
        id=id,
        url=address,
        kind=kind,
        state="pending",
        domain=domain,
        inbox_url=address if kind == "mastodon" else "",
        actor_uri=None,
        follow_uri=f"{server.urls.base}/actor#follows/relays/{new_id(tx.now)}",
        sends=sends and trial_minutes is None,
        rules=(rules or RelayRules()).checked(),
        last_error=None,
        paused_until=None,
        trial_until=tx.now + timedelta(minutes=trial_minutes) if trial_minutes is not None else None,
        accepted_at=None,
        last_heard_at=None,
        created_at=tx.now,
    )
    await _keep(tx, relay, anew=known is None)
    await queue.enqueue(tx, TellRelay("follow", id), order=f"relay {id}")
    if relay.trial_until is not None:
        await queue.enqueue(tx, EndTrial(id), run_at=relay.trial_until, unique=relay.follow_uri)
    _changed(tx, server)
    return relay


async def leave(tx: Tx, server: Server, relay: Relay) -> None:
    """Leave a relay: it is told, and what waits because of it is called off. What it brought stays."""
    await relays.change(tx, relay.id, state="left", trial_until=None, paused_until=None)
    await _call_off(tx, server, relay)
    if relay.state in ("pending", "accepted"):
        await queue.enqueue(tx, TellRelay("undo", relay.id), order=f"relay {relay.id}")
    _changed(tx, server)


async def pause(tx: Tx, server: Server, relay: Relay, until: datetime | None) -> None:
    """Let nothing of a relay in until then; None: from now on again."""
    await relays.change(tx, relay.id, paused_until=until)
    if until is not None and until > tx.now:
        await _call_off(tx, server, relay)
    _changed(tx, server)


async def change_rules(tx: Tx, server: Server, relay: Relay, rules: RelayRules, *, sends: bool | None = None) -> None:
    """What is admitted from now on, and whether our public posts go there."""
    await relays.change(tx, relay.id, rules=rules.checked(), sends=relay.sends if sends is None else sends)
    _changed(tx, server)


async def undo(tx: Tx, server: Server, relay: Relay) -> None:
    """Remove all that only this relay brought, in steps by a job; it is left first."""
    if relay.state != "left":
        await leave(tx, server, relay)
    await undoing_relays.begin(tx, relay.id)


async def _call_off(tx: Tx, server: Server, relay: Relay) -> None:
    """What waits because of a relay is dropped, and counted."""
    dropped = await queue.call_off(tx, cause_of(relay.id))
    if dropped:
        server.counters.add(f"relay.{relay.id}.called_off", dropped)


async def _keep(tx: Tx, relay: Relay, *, anew: bool) -> None:
    if anew:
        await relays.insert(tx, relay)
    else:
        names = [name for name in Relay.__struct_fields__ if name not in ("id", "url", "created_at")]
        await relays.change(tx, relay.id, **{name: getattr(relay, name) for name in names}, trial=None)


def _address(server: Server, url: str) -> tuple[str, Kind, str]:
    """(the address as it is kept, which kind of relay it names, its host)."""
    url = url.strip()
    if len(url) > MAX_URL or not url:
        raise Invalid("Give the address of the relay's inbox or actor, such as https://relay.example/inbox.")
    if "://" not in url:
        return _handle(server, url)
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and server.urls.base.startswith("http://"))
    if not secure or not parts.hostname or parts.fragment or parts.username:
        raise Invalid("A relay's address begins with https:// and its host, such as https://relay.example/inbox.")
    if parts.netloc.lower() in (server.urls.domain, urlsplit(server.urls.base).netloc):
        raise Invalid("This is our own address; give that of the relay.")
    path = parts.path.rstrip("/")
    kind: Kind = "mastodon" if path.endswith("/inbox") else "litepub"
    return url, kind, parts.netloc.lower()


def _handle(server: Server, text: str) -> tuple[str, Kind, str]:
    found = parse_handle(text, server.urls)
    if found is None or not found[1]:
        raise Invalid("Give the address of the relay's inbox or actor, such as https://relay.example/inbox.")
    return f"@{found[0]}@{found[1]}", "litepub", found[1]


def _changed(tx: Tx, server: Server) -> None:
    tx.after_commit(admission_of(server).changed)
