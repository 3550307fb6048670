"""Voting in polls, ours and others'."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from dassie.domain.errors import Invalid, NotAllowed, NotFound
from dassie.domain.ids import AccountId, new_id
from dassie.domain.jobs import Tell
from dassie.server import Server
from dassie.services import polling
from dassie.services.seeing import visible_status
from dassie.store import blocks, polls, queue, votes
from dassie.store.tx import Tx
from dassie.store.views import AccountView, PollOption, PollView, StatusRow


async def visible_poll(tx: Tx, viewer: AccountId | None, poll_id: int) -> tuple[PollView, StatusRow]:
    """A poll and its status; raises `NotFound` where `viewer` may not see it."""
    poll = await polls.by_id(tx, poll_id, viewer=viewer)
    if poll is None:
        raise NotFound
    return poll, await visible_status(tx, viewer, poll.status_id)


async def vote(tx: Tx, server: Server, me: AccountView, poll_id: int, choices: Sequence[int]) -> PollView:
    """Choose options by their index; the poll as it then is.

    A single choice is for good; where several may be chosen, further ones can be added later.
    """
    _, row = await visible_poll(tx, me.id, poll_id)
    poll = await votes.locked(tx, poll_id, voter=me.id)
    if poll is None:
        raise NotFound
    if await blocks.between(tx, me.id, poll.account_id):
        raise NotAllowed
    _check(poll, me, choices, poll.expired(tx.now))
    for choice in choices:
        await polls.add_vote(tx, id=new_id(tx.now), poll_id=poll.id, account_id=me.id, choice=choice)
    after = await _count(tx, poll, choices)
    if row.local:
        await polling.plan_update(tx, after)
    else:
        await polling.plan_close_of(tx, after)
        await _tell(tx, me, row, poll, choices)
    return after


async def receive_vote(
    tx: Tx, server: Server, account: AccountView, poll_row: PollView, option_title: str, uri: str | None
) -> bool:
    """Another server's account chose an option of our poll; False where that does not count."""
    poll = await votes.locked(tx, poll_row.id, voter=account.id)
    if poll is None or poll.expired(tx.now) or poll.account_id == account.id:
        return False
    titles = [option.title for option in poll.options]
    if option_title not in titles:
        return False
    choice = titles.index(option_title)
    if (poll.own_votes and not poll.multiple) or choice in (poll.own_votes or []):
        return False
    await polls.add_vote(tx, id=new_id(tx.now), poll_id=poll.id, account_id=account.id, choice=choice, uri=uri)
    await polling.plan_update(tx, await _count(tx, poll, [choice]))
    return True


def _check(poll: PollView, me: AccountView, choices: Sequence[int], ended: bool) -> None:
    before = poll.own_votes or []
    if ended:
        raise Invalid("Validation failed: The poll has already ended")
    if poll.account_id == me.id:
        raise Invalid("Validation failed: You cannot vote in your own polls")
    if not choices or any(not 0 <= choice < len(poll.options) for choice in choices):
        raise Invalid("Validation failed: The chosen vote option does not exist")
    again = len(set(choices)) < len(choices) or any(choice in before for choice in choices)
    if again or (not poll.multiple and (before or len(choices) > 1)):
        raise Invalid("Validation failed: You have already voted on this poll")


async def _count(tx: Tx, poll: PollView, choices: Sequence[int]) -> PollView:
    before = poll.own_votes or []
    options = [PollOption(option.title, option.votes + (index in choices)) for index, option in enumerate(poll.options)]
    voters = poll.voters_count
    if voters is not None and not before:
        voters += 1
    votes_count = poll.votes_count + len(choices)
    await polls.change(tx, poll.id, options=options, votes_count=votes_count, voters_count=voters)
    own = sorted([*before, *choices])
    return structs.replace(poll, options=options, votes_count=votes_count, voters_count=voters, own_votes=own)


async def _tell(tx: Tx, me: AccountView, row: StatusRow, poll: PollView, choices: Sequence[int]) -> None:
    job = Tell(
        what="vote",
        account_id=me.id,
        to_account_id=row.account_id,
        object_uri=row.uri,
        options=[poll.options[choice].title for choice in choices],
    )
    await queue.enqueue(tx, job)
