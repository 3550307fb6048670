"""Consent to quotes between servers: asked for, answered, shown, proved and taken back (FEP-044f)."""

from __future__ import annotations

import msgspec

from dassie.domain.arrivals import Reason
from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import NotAllowed, NotFound, RemoteFailed, Retry
from dassie.domain.ids import StatusId, parse_id
from dassie.domain.jobs import PublishRevocation, TellQuote, VerifyQuote
from dassie.federation.delivery import send
from dassie.federation.documents import readable
from dassie.federation.outbound import building
from dassie.federation.outbound import quoting as documents
from dassie.federation.outbound.terms import Doc
from dassie.federation.owners import owner
from dassie.federation.readers import check_open
from dassie.federation.remote import remote_of
from dassie.federation.routing import Document, Visit, get
from dassie.federation.serving import serve
from dassie.federation.vocab.values import http_id, same_host, types_of
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import quoting
from dassie.store import accounts, quotes, senders, statuses
from dassie.store.quotes import Quote
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

_encode = msgspec.json.Encoder().encode


# Ours, for others ------------------------------------------------------------------------------------


@get("/users/{username}/quote_authorizations/{id}")
async def quote_authorization(visit: Visit, username: str, id: str) -> Document:
    """Proof that one of ours agrees to be quoted; gone as soon as they do not any more."""
    await check_open(visit)
    async with visit.server.read() as tx:
        author = await owner(tx, username)
        found = await quotes.by_approval(tx, quoting.approval_uri(author, parse_id(id) or 0))
        row = await statuses.by_id(tx, found.status_id) if found is not None else None
    if found is None or row is None or found.state != "accepted" or found.quoted_id is None:
        raise NotFound
    quoted = await readable(visit, username, str(found.quoted_id))
    doc = documents.authorization(found.approval_uri or "", author.uri, row.uri, quoted.uri)
    return serve(visit, doc, row.id, quoted.id, author.id, everybody=quoted.visibility in REBLOGGABLE)


@handles(TellQuote)
async def tell_quote(server: Server, job: TellQuote) -> None:
    """Send a request, or the answer to one, to the other author's server."""
    async with server.write() as tx:
        me = await accounts.by_id(tx, job.account_id)
        them = (await accounts.endpoints(tx, [job.to_account_id])).get(job.to_account_id)
        if me is not None and them is not None and them.inbox_url and not await senders.is_suspended(tx, them.domain):
            doc = await _told(tx, server, job, me, them.uri)
            if doc is not None:
                await send(tx, me.id, _encode(doc), [them.inbox_url], order=job.quoting_uri)
        await finish_with(tx)


async def _told(tx: Tx, server: Server, job: TellQuote, me: AccountView, them: str) -> Doc | None:
    if job.what == "request":
        row = await statuses.by_uri(tx, job.quoting_uri)
        if row is None:
            return None  # deleted meanwhile
        note = await building.note_of(tx, server.urls, row)
        return documents.quote_request(job.request_uri, me.uri, job.quoted_uri, note)
    kind = "Accept" if job.what == "accept" else "Reject"
    return documents.answer(
        kind, me.uri, them, job.request_uri, job.quoted_uri, job.quoting_uri, result=job.approval_uri
    )


@handles(PublishRevocation)
async def publish_revocation(server: Server, job: PublishRevocation) -> None:
    """Tell the quoter's server, and those who follow our author, that consent was taken back."""
    async with server.write() as tx:
        me = await accounts.by_id(tx, job.account_id)
        if me is not None:
            doc = documents.delete_authorization(job.approval_uri, me.uri, job.quoting_uri, job.quoted_uri)
            await send(tx, me.id, _encode(doc), job.inboxes, order=job.quoting_uri)
        await finish_with(tx)


# Theirs ----------------------------------------------------------------------------------------------


@handles(VerifyQuote)
async def verify_quote(server: Server, job: VerifyQuote) -> None:
    """Fetch what a status quotes, where it is unknown, and the consent that the status names."""
    async with server.read() as tx:
        row = await statuses.by_id(tx, job.status_id)
        asked = await quotes.of(tx, job.status_id)
    if row is None or asked is None or asked.state not in ("pending", "accepted"):
        return
    try:
        quoted_id = asked.quoted_id or await server.remote.status(asked.quoted_uri, reason=Reason.CONTEXT)
        quoted, author = await _quoted(server, quoted_id)
        proved = asked.claimed_uri and await _proved(server, asked.claimed_uri, row, quoted, author)
    except (NotFound, NotAllowed):
        return  # nobody is shown the quote; whoever looks at it later has it asked for again
    except RemoteFailed as error:
        raise Retry(error.safe) from error
    async with server.write() as tx:
        await quoting.meet(tx, server, row.id, quoted, asked.claimed_uri if proved else None)
        await finish_with(tx)


async def _quoted(server: Server, id: StatusId) -> tuple[StatusRow, AccountView]:
    async with server.read() as tx:
        quoted = await statuses.by_id(tx, id)
        author = await accounts.by_id(tx, quoted.account_id) if quoted is not None else None
    if quoted is None or author is None:
        raise NotFound
    return quoted, author


async def _proved(server: Server, uri: str, row: StatusRow, quoted: StatusRow, author: AccountView) -> bool:
    """Whether the author's own server says that exactly this status may quote exactly that one."""
    if author.local or not same_host(uri, author.uri) or quoted.account_id == row.account_id:
        return False  # ours we know ourselves
    doc = (await remote_of(server).document(uri, again=True)).doc
    return (
        "QuoteAuthorization" in types_of(doc)
        and http_id(doc.get("attributedTo")) == author.uri
        and http_id(doc.get("interactingObject")) == row.uri
        and http_id(doc.get("interactionTarget")) == quoted.uri
    )


async def answered(tx: Tx, server: Server, uris: list[str], actor: str, result: str | None, *, yes: bool) -> bool:
    """An answer to a request of ours, by one of its ids; whether there was one that this actor may answer."""
    asked = next((one for one in [await quotes.by_request(tx, uri) for uri in uris] if one is not None), None)
    if asked is None or not await _is_by(tx, asked, actor):
        return False
    if not yes:
        await quoting.request_rejected(tx, server, asked)
    elif result is not None and same_host(result, actor):
        await quoting.request_accepted(tx, server, asked, result)
    return True


async def _is_by(tx: Tx, asked: Quote, actor: str) -> bool:
    """Whether it was this actor, on another server, whom one of ours asked."""
    author = await accounts.by_id(tx, asked.quoted_account_id or 0)
    return author is not None and not author.local and author.uri == actor
