"""One post with its thread."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.domain.ids import StatusId
from dassie.services import fetching_threads, showing
from dassie.store import threads
from dassie.store.views import StatusView
from dassie.web.answers import Answer, Go
from dassie.web.reading import show
from dassie.web.routing import page
from dassie.web.shown import Reply, Thread
from dassie.web.visits import Visit

BEFORE = {True: 200, False: 40}
AFTER = {True: 400, False: 60}
"""How many at most, for people who are signed in and for guests."""
DEPTH = {True: 60, False: 20}
LOOKED_AT = 60
"""Of a long thread, so many above and below count as looked at."""
DEEPEST = 3
"""From here on replies are not moved in any further."""


@page("/@{username}/{id}")
async def post(visit: Visit, username: str, id: StatusId) -> Answer:
    """The post, what it answers, and what answers it."""
    known = visit.viewer is not None
    async with visit.server.read() as tx:
        found = await showing.show(tx, [id], viewer=visit.viewer)
        if not found:
            raise NotFound
        opened = found[0].proper
        address = f"/@{opened.account.acct}/{opened.id}"
        if visit.request.path != address:
            return Go(address)
        above = await threads.ancestors(tx, id, visit.viewer, most=BEFORE[known])
        below = await threads.descendants(tx, id, visit.viewer, most=AFTER[known], depth=DEPTH[known])
        shown = {one.id: one for one in await show(tx, visit, [*above, *below], "thread")}
        around = await visit.page(tx)
    before = [shown[one] for one in above if one in shown]
    after = branches(id, [shown[one] for one in below if one in shown])
    asking = await fetching_threads.begin(visit.server, visit.viewer, opened.row) is not None
    html = visit.html("pages/post.html", around, thread=Thread(opened, before, after, asking))
    visit.looked([opened.id, *above[-LOOKED_AT:], *below[:LOOKED_AT]], thread=opened.id)
    return html


def branches(root: StatusId, replies: list[StatusView]) -> list[Reply]:
    """Replies in the order of a tree: each right after what it answers, the oldest branch first.

    One whose parent is missing stands at the end, directly under the opened post.
    """
    children: dict[int, list[StatusView]] = {}
    here = {root, *(reply.id for reply in replies)}
    for reply in replies:
        parent = reply.row.in_reply_to_id
        children.setdefault(parent if parent in here and parent is not None else root, []).append(reply)
    ordered: list[Reply] = []
    waiting = [(1, reply) for reply in reversed(children.get(root, []))]
    while waiting:
        depth, reply = waiting.pop()
        ordered.append(Reply(min(depth, DEEPEST), reply))
        waiting.extend((depth + 1, child) for child in reversed(children.get(reply.id, [])))
    return ordered
