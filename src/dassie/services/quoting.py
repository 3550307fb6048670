"""Quoting a status, and its author's consent: asked for, given, refused and taken back (FEP-044f)."""

from __future__ import annotations

from collections.abc import Collection

from dassie.domain.errors import Invalid, NotAllowed, NotFound
from dassie.domain.ids import AccountId
from dassie.domain.jobs import Publish, PublishRevocation, TellQuote, VerifyQuote
from dassie.domain.quotes import Approval, approval, needs_relations, policy_of
from dassie.domain.settings import UserSettings
from dassie.server import Server
from dassie.services import notifying, showing_again
from dassie.services.seeing import own_status, proper_status, visible_status
from dassie.store import accounts, blocks, follows, mentions, queue, quotes, recipients, statuses
from dassie.store.quotes import Quote
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

OPEN = frozenset({"public", "unlisted"})

# Ours ------------------------------------------------------------------------------------------------


async def quotable(tx: Tx, me: AccountView, id: int) -> StatusRow:
    """The status with this id (of a reblog: what it shows), where I may quote it; raises `NotFound` otherwise."""
    try:
        row = await proper_status(tx, me.id, id)
    except NotFound:
        row = None
    if row is None or await may_quote(tx, me, row) == "denied":
        raise NotFound("The post you are trying to quote does not appear to exist.")
    return row


async def may_quote(tx: Tx, me: AccountView, row: StatusRow) -> Approval:
    """Whether I may quote a status that I see. Nobody quotes across a block."""
    own = row.account_id == me.id
    if own or not needs_relations(row.quote_policy):
        said = approval(row.quote_policy, row.visibility, own=own)
    else:
        said = approval(
            row.quote_policy,
            row.visibility,
            own=False,
            follows=await follows.following(tx, me.id, row.account_id),
            followed=await follows.following(tx, row.account_id, me.id),
        )
    blocked = not own and said != "denied" and await blocks.between(tx, me.id, row.account_id)
    return "denied" if blocked else said


def audience(visibility: str, quoted: StatusRow, me: AccountView, named: Collection[AccountId]) -> str:
    """Who may see a quote: of a private status nobody more than that status; a direct one names the quoted author."""
    if visibility == "direct" and quoted.account_id != me.id and quoted.account_id not in named:
        raise Invalid("Cannot quote a non-mentioned user in a Private Mention post.")
    return "private" if quoted.visibility == "private" and visibility in OPEN else visibility


async def quote(tx: Tx, server: Server, me: AccountView, row: StatusRow, quoted: StatusRow) -> None:
    """My new status quotes another one; `quotable` allowed it. An author elsewhere is asked first."""
    theirs = not quoted.local
    request = f"{me.uri}/quote_requests/{row.id}" if theirs else None
    made = Quote(row.id, me.id, quoted.id, quoted.account_id, quoted.uri, "pending", None, request)
    if not await quotes.add(tx, made):
        return
    if request is None:
        own = quoted.account_id == me.id
        author = None if own else await accounts.by_id(tx, quoted.account_id)
        approved = None if author is None else approval_uri(author, row.id)
        await _accept(tx, server, made, approved, anew=False)
        return
    ask = TellQuote(
        what="request",
        account_id=me.id,
        to_account_id=quoted.account_id,
        quoted_uri=quoted.uri,
        quoting_uri=row.uri,
        request_uri=request,
    )
    await queue.enqueue(tx, ask, order=f"status {row.id}")


def approval_uri(author: AccountView, quoting_id: int) -> str:
    """The id of the consent of an author of ours to be quoted in a status."""
    return f"{author.uri}/quote_authorizations/{quoting_id}"


def policy(word: str | None, settings: UserSettings, visibility: str) -> int:
    """Who may quote a new status of ours: as chosen, or as its author usually wants it."""
    return policy_of(word or settings.default_quote_policy, visibility)


async def set_policy(tx: Tx, server: Server, me: AccountView, id: int, word: str) -> StatusRow:
    """Say anew who may quote my status. Quotes that are there stay."""
    row = await own_status(tx, me, id)
    if row.reblog_of_id is not None:
        raise NotFound
    await change_policy(tx, server, row, policy_of(word, row.visibility))
    return row


async def change_policy(tx: Tx, server: Server, row: StatusRow, new: int) -> bool:
    """Set who may quote a status; whether that is another rule than before. Of ours other servers hear."""
    if new == row.quote_policy:
        return False
    await statuses.change(tx, row.id, quote_policy=new)
    if row.local:
        await queue.enqueue(tx, Publish(activity="Quote", status_id=row.id), order=f"status {row.id}")
    await showing_again.show_again(tx, server, row)
    return True


async def revoke(tx: Tx, server: Server, me: AccountView, id: int, quoting_id: int) -> None:
    """My status is shown no longer in the one that quotes it, whether or not I can read that one.

    Done twice, nothing happens the second time. Raises `NotAllowed` where the quoted status is somebody else's.
    """
    mine = await visible_status(tx, me.id, id)
    found = await quotes.of(tx, quoting_id)
    if found is None or found.quoted_id != mine.id:
        raise NotFound
    if mine.account_id != me.id:
        raise NotAllowed
    if found.state not in ("accepted", "pending"):
        return
    await _end(tx, server, found, "revoked")
    row = await statuses.by_id(tx, quoting_id)
    if found.account_id == me.id or found.approval_uri is None or row is None:
        return
    inboxes = set(await recipients.of_accounts(tx, [found.account_id]))
    inboxes.update(inbox for inbox, _ in await follows.follower_inboxes(tx, me.id))
    if inboxes:
        told = PublishRevocation(
            account_id=me.id,
            quoted_uri=mine.uri,
            quoting_uri=row.uri,
            approval_uri=found.approval_uri,
            inboxes=sorted(inboxes),
        )
        await queue.enqueue(tx, told, order=f"status {mine.id}")


# What other servers say ------------------------------------------------------------------------------


async def receive_quote(
    tx: Tx, server: Server, row: StatusRow, quoted_uri: str | None, claimed: str | None, *, look: bool = True
) -> None:
    """A status of another server quotes this, and names its author's consent (`claimed`), which is to be proved.

    Without consent nobody is shown the quote. `look=False`: nothing is asked for before somebody looks.
    """
    known = await quotes.of(tx, row.id)
    if known is not None and known.quoted_uri != quoted_uri:
        if quoted_uri is None:
            if known.state != "deleted":
                await _end(tx, server, known, "deleted")
            return
        await _end(tx, server, known, "pending")
        await quotes.remove(tx, row.id)
        known = None
    if quoted_uri is None:
        return
    if row.quote_uri != quoted_uri:
        await statuses.change(tx, row.id, quote_uri=quoted_uri)
    quoted = await statuses.by_uri(tx, quoted_uri)
    if known is None:
        known = _new(row, quoted, quoted_uri, claimed)
        await quotes.add(tx, known)
    if known.state not in ("pending", "rejected"):
        return
    if known.claimed_uri != claimed:
        await quotes.change(tx, row.id, claimed_uri=claimed)
    if quoted is not None and quoted.account_id == row.account_id:
        await _accept(tx, server, known, None)
    elif look and worth_asking(known, row.uri, claimed):
        await queue.enqueue(tx, VerifyQuote(status_id=row.id), unique=f"quote {row.id} {claimed}")


def worth_asking(one: Quote, quoting_uri: str, claimed: str | None) -> bool:
    """Whether another server may prove a quote: it names a consent, or both may be of the same author."""
    if _same_host(one.quoted_uri, quoting_uri):
        return claimed is not None or one.quoted_id is None
    return claimed is not None and _same_host(one.quoted_uri, claimed)


async def meet(tx: Tx, server: Server, status_id: int, quoted: StatusRow, approval: str | None) -> None:
    """The quoted status became known here, and its author's consent was proved (`approval`), or needs no proof."""
    known = await quotes.of(tx, status_id)
    if known is None or known.state not in ("pending", "accepted"):
        return
    if known.quoted_id != quoted.id:
        await quotes.change(tx, status_id, quoted_id=quoted.id, quoted_account_id=quoted.account_id)
        await statuses.touch(tx, status_id)
        known = await quotes.of(tx, status_id)
        assert known is not None
    if known.state == "pending" and (approval is not None or quoted.account_id == known.account_id):
        await _accept(tx, server, known, approval)


async def receive_request(
    tx: Tx, server: Server, quoter: AccountView, quoted: StatusRow, row: StatusRow | None, quoting_uri: str, uri: str
) -> None:
    """Somebody elsewhere wants to quote one of ours in `row` (None: it could not be read). They hear yes or no."""
    known = await quotes.of(tx, row.id) if row is not None else None
    yes = row is not None and row.account_id == quoter.id and (known is None or known.quoted_uri == quoted.uri)
    yes = yes and await _allowed(tx, quoter, quoted)
    author = await accounts.by_id(tx, quoted.account_id)
    if author is None:
        return
    approved = ""
    if yes and row is not None and (known is None or known.state in ("pending", "accepted", "rejected")):
        approved = approval_uri(author, row.id)
        if known is None:
            known = _new(row, quoted, quoted.uri)
            await quotes.add(tx, known)
        await quotes.change(tx, row.id, request_uri=uri)
        if known.state != "accepted":
            await _accept(tx, server, known, approved)
    elif known is not None and known.state == "pending" and known.quoted_id == quoted.id:
        await _end(tx, server, known, "rejected")
    answer = TellQuote(
        what="accept" if approved else "reject",
        account_id=author.id,
        to_account_id=quoter.id,
        quoted_uri=quoted.uri,
        quoting_uri=quoting_uri,
        request_uri=uri,
        approval_uri=approved,
    )
    await queue.enqueue(tx, answer, unique=f"quote answer {uri}")


async def _allowed(tx: Tx, quoter: AccountView, quoted: StatusRow) -> bool:
    if not await statuses.visible(tx, [quoted.id], viewer=quoter.id):
        return False
    return await may_quote(tx, quoter, quoted) != "denied"


async def request_accepted(tx: Tx, server: Server, asked: Quote, approval: str) -> None:
    """The author whom one of ours asked agrees, and names the document that says so."""
    if asked.state in ("pending", "rejected"):
        await _accept(tx, server, asked, approval)


async def request_rejected(tx: Tx, server: Server, asked: Quote) -> None:
    """The author does not agree, or not any longer."""
    if asked.state in ("pending", "accepted"):
        await _end(tx, server, asked, "revoked" if asked.state == "accepted" else "rejected")


async def approval_deleted(tx: Tx, server: Server, author: AccountView, uri: str) -> bool:
    """An author elsewhere takes consent back; whether there was any of theirs."""
    found = await quotes.by_approval(tx, uri)
    if found is None or found.quoted_account_id != author.id:
        return False
    await _end(tx, server, found, "revoked")
    return True


# Both ------------------------------------------------------------------------------------------------


async def removed(tx: Tx, row: StatusRow) -> None:
    """A status is about to be removed: it is quoted no more, and quotes no more."""
    mine = await quotes.of(tx, row.id) if row.quote_uri is not None else None
    if mine is not None and mine.state == "accepted" and mine.quoted_id is not None:
        await statuses.count(tx, mine.quoted_id, "quotes_count", -1)
    for id in await quotes.quoting(tx, row.id):
        await statuses.touch(tx, id)
    await quotes.quoted_deleted(tx, row.id)


def _new(row: StatusRow, quoted: StatusRow | None, quoted_uri: str, claimed: str | None = None) -> Quote:
    quoted_id, author = (quoted.id, quoted.account_id) if quoted is not None else (None, None)
    return Quote(row.id, row.account_id, quoted_id, author, quoted_uri, "pending", None, None, claimed)


async def _accept(tx: Tx, server: Server, one: Quote, approval: str | None, *, anew: bool = True) -> None:
    """It is a quote from now on: shown, counted, and its author hears of it. `anew`: the status was there before."""
    await quotes.change(tx, one.status_id, state="accepted", approval_uri=approval)
    author = one.quoted_account_id
    if one.quoted_id is not None:
        await statuses.count(tx, one.quoted_id, "quotes_count", 1)
    if author is not None and await _may_read(tx, server, one, author):
        await notifying.notify(tx, server, author, "quote", one.account_id, one.status_id)
    if anew:
        await _shown_anew(tx, server, one)


async def _may_read(tx: Tx, server: Server, one: Quote, author: AccountId) -> bool:
    """Whether the quoted author sees the quote. One of ours is let read it, since they may take consent back."""
    if await statuses.visible(tx, [one.status_id], viewer=author):
        return True
    if not one.quoted_uri.startswith(f"{server.urls.base}/"):
        return False
    await mentions.let_read(tx, one.status_id, author)
    return bool(await statuses.visible(tx, [one.status_id], viewer=author))


async def _end(tx: Tx, server: Server, one: Quote, state: str) -> None:
    await quotes.change(tx, one.status_id, state=state, approval_uri=None)
    if one.state == "accepted" and one.quoted_id is not None:
        await statuses.count(tx, one.quoted_id, "quotes_count", -1)
    if one.quoted_account_id is not None:
        await notifying.forget(tx, "quote", one.quoted_account_id, one.account_id, one.status_id)
    await _shown_anew(tx, server, one)


async def _shown_anew(tx: Tx, server: Server, one: Quote) -> None:
    """Those who see the quoting status are told; of ours other servers hear too, who got it as it was before."""
    await statuses.touch(tx, one.status_id)
    row = await statuses.by_id(tx, one.status_id)
    if row is None:
        return
    await showing_again.show_again(tx, server, row)
    if row.local:
        await queue.enqueue(tx, Publish(activity="Quote", status_id=row.id), order=f"status {row.id}")


def _same_host(one: str, other: str) -> bool:
    return one.split("/", 3)[:3] == other.split("/", 3)[:3]
