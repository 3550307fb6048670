"""Reports on their way to other servers. The server itself signs: who reported is not told."""

from __future__ import annotations

import msgspec

from dassie.domain.jobs import ForwardReport
from dassie.federation.delivery import send
from dassie.federation.outbound import activities
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import keys
from dassie.store import accounts, collections, reports, senders, statuses
from dassie.store.tx import Tx

_encode = msgspec.json.Encoder().encode


@handles(ForwardReport)
async def forward_report(server: Server, job: ForwardReport) -> None:
    """Send a report to the servers of these accounts, in one unit with the end of the job."""
    me = await keys.instance_actor(server)
    async with server.write() as tx:
        filed = await reports.by_id(tx, job.report_id)
        target = await accounts.by_id(tx, filed.target_account_id) if filed is not None else None
        if filed is not None and target is not None:
            posts = (await statuses.by_ids(tx, filed.status_ids)).values()
            curated = (await collections.by_ids(tx, filed.collection_ids)).values()
            made = [*(one.uri for one in posts), *(one.uri for one in curated)]
            doc = activities.flag(f"{me.uri}#flags/{filed.id}", me.uri, filed.comment, target.uri, made)
            await send(tx, me.id, _encode(doc), await _inboxes(tx, job.account_ids), order=f"report {filed.id}")
        await finish_with(tx)


async def _inboxes(tx: Tx, account_ids: list[int]) -> list[str]:
    known = (await accounts.endpoints(tx, account_ids)).values()
    return [one.inbox_url for one in known if one.inbox_url and not await senders.is_suspended(tx, one.domain)]
