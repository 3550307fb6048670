"""The queue's rows: put in, claim, finish, retry, hold, set aside. Each costs O(batch), whatever the backlog.

A job with an order key is HELD while an earlier one with the same key is unfinished; finishing it makes the
next one READY. So an Update never overtakes its Create, however often that is retried.
"""

from __future__ import annotations

from dassie.store.queue.claiming import claim, ready_hosts
from dassie.store.queue.ending import delay, finish, retry, set_aside
from dassie.store.queue.entering import enqueue, enqueue_many, under_way
from dassie.store.queue.looking import KindCount, SetAside, overview, repeat, set_aside_jobs, wake_all
from dassie.store.queue.rows import LEASE, Claimed
from dassie.store.queue.shedding import call_off, expire_strangers, shed_strangers, strangers_waiting
from dassie.store.queue.waiting import (
    PARKED_AT_ONCE,
    PROMOTED_AT_ONCE,
    bring_forward,
    extend,
    free_orphans,
    let_go,
    next_due,
    park,
    promote_due,
    recover,
    release,
    waited_since,
)

__all__ = [
    "LEASE",
    "PARKED_AT_ONCE",
    "PROMOTED_AT_ONCE",
    "Claimed",
    "KindCount",
    "SetAside",
    "bring_forward",
    "call_off",
    "claim",
    "delay",
    "enqueue",
    "enqueue_many",
    "expire_strangers",
    "extend",
    "finish",
    "free_orphans",
    "let_go",
    "next_due",
    "overview",
    "park",
    "promote_due",
    "ready_hosts",
    "recover",
    "release",
    "repeat",
    "retry",
    "set_aside",
    "set_aside_jobs",
    "shed_strangers",
    "strangers_waiting",
    "under_way",
    "waited_since",
    "wake_all",
]
