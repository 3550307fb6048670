"""The queue's rows: order, fairness, leases, and what is set aside."""

from __future__ import annotations

from datetime import timedelta

from dassie.domain.jobs import Deliver, FanOut, Lane, State
from dassie.store import queue
from dassie.store.queue import Claimed
from dassie.store.tx import Database

JOB = Deliver(activity_id=1, account_id=1, inbox="https://a.test/inbox")


async def _claim(db: Database, *, lane: Lane = Lane.DELIVER, per_host: int = 100, limit: int = 100) -> list[Claimed]:
    async with db.write() as tx:
        hosts = await queue.ready_hosts(tx, lane, "", 100)
        return await queue.claim(tx, lane, hosts, per_host=per_host, limit=limit, worker="w")


async def _finish(db: Database, *jobs: Claimed) -> None:
    async with db.write() as tx:
        await queue.finish(tx, jobs)


async def _counts(db: Database) -> dict[State, int]:
    async with db.read() as tx:
        return {found.state: found.count for found in await queue.overview(tx)}


async def test_jobs_are_claimed_oldest_first_and_only_once(db: Database) -> None:
    async with db.write() as tx:
        for i in range(5):
            await queue.enqueue(tx, Deliver(activity_id=i, account_id=1, inbox="x"), host="a.test")
    first, second = await _claim(db, limit=3), await _claim(db)
    numbers = [int(job.args.split(b'"activity_id":')[1].split(b",")[0]) for job in first + second]
    assert numbers == [0, 1, 2, 3, 4]
    assert await _claim(db) == []


async def test_no_host_gets_more_than_its_share(db: Database) -> None:
    async with db.write() as tx:
        await queue.enqueue_many(tx, [(JOB, "loud.test")] * 50 + [(JOB, "quiet.test")] * 2)
    claimed = await _claim(db, per_host=4)
    assert sorted(job.host for job in claimed) == ["loud.test"] * 4 + ["quiet.test"] * 2


async def test_lanes_do_not_mix(db: Database) -> None:
    async with db.write() as tx:
        await queue.enqueue(tx, JOB, host="a.test")
        await queue.enqueue(tx, FanOut(status_id=1))
    assert [job.kind for job in await _claim(db, lane=Lane.LOCAL)] == ["FanOut"]
    assert [job.kind for job in await _claim(db)] == ["Deliver"]


async def test_a_later_job_of_the_same_thing_waits_for_the_earlier(db: Database) -> None:
    async with db.write() as tx:
        for i in range(3):
            await queue.enqueue(tx, Deliver(activity_id=i, account_id=1, inbox="x"), host="a.test", order="post 1")
        await queue.enqueue(tx, JOB, host="a.test", order="post 2")
    first = await _claim(db)
    assert [job.order_key for job in first] == ["post 1", "post 2"]
    assert await _claim(db) == []
    async with db.write() as tx:  # a failed try keeps its place
        await queue.retry(tx, first[0], at=tx.now + timedelta(hours=1), why="down")
    assert await _claim(db) == []
    async with db.write() as tx:
        await queue.set_aside(tx, first[0], why="gone")
    (second,) = await _claim(db)
    await _finish(db, second, first[1])
    (third,) = await _claim(db)
    await _finish(db, third)
    assert await _counts(db) == {State.SET_ASIDE: 1}


async def test_the_same_unfinished_thing_is_queued_once(db: Database) -> None:
    async with db.write() as tx:
        assert await queue.enqueue(tx, JOB, unique="k")
        assert not await queue.enqueue(tx, JOB, unique="k")
    await _finish(db, *await _claim(db))
    async with db.write() as tx:
        assert await queue.enqueue(tx, JOB, unique="k")


async def test_scheduled_jobs_wait_for_their_time(db: Database) -> None:
    async with db.write() as tx:
        at = tx.now + timedelta(hours=1)
        await queue.enqueue(tx, JOB, run_at=at)
        assert await queue.promote_due(tx) == 0
        due = await queue.next_due(tx)
        assert due is not None
        assert abs((due - at).total_seconds()) < 0.01
    assert await _claim(db) == []


async def test_leases_of_the_dead_return_and_tries_are_counted(db: Database) -> None:
    async with db.write() as tx:
        await queue.enqueue(tx, JOB)
    (job,) = await _claim(db)
    assert job.attempts == 1
    async with db.write() as tx:
        assert await queue.recover(tx, all_leases=False) == 0  # still leased
        assert await queue.recover(tx, all_leases=True) == 1
    (again,) = await _claim(db)
    assert again.attempts == 2
    async with db.write() as tx:
        await queue.release(tx, [again.id])  # handed back untried
    assert (await _claim(db))[0].attempts == 2


async def test_parking_a_host_leaves_the_others_ready(db: Database) -> None:
    async with db.write() as tx:
        await queue.enqueue_many(tx, [(JOB, "down.test")] * 20 + [(JOB, "up.test")])
        assert await queue.park(tx, Lane.DELIVER, "down.test", tx.now + timedelta(minutes=5)) == 20
    assert [job.host for job in await _claim(db)] == ["up.test"]


async def test_what_gave_up_can_be_repeated(db: Database) -> None:
    async with db.write() as tx:
        await queue.enqueue(tx, JOB)
    (job,) = await _claim(db)
    async with db.write() as tx:
        await queue.set_aside(tx, job, why="401 from there")
    async with db.write() as tx:
        (shown,) = await queue.set_aside_jobs(tx)
        assert (shown.error, shown.attempts) == ("401 from there", 1)
        assert await queue.repeat(tx, [shown.id]) == 1
    assert (await _claim(db))[0].attempts == 1


def test_tries_spread_over_days() -> None:
    total = sum(queue.delay(n, Deliver.base_delay) for n in range(1, Deliver.attempts))
    assert 1.5 * 86_400 < total < 6 * 86_400
