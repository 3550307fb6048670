"""Breakers: when a host is left in peace, for how long, who may ask it then, and what ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dassie.domain.breaking import FAILURES_TO_OPEN, LONGEST_WISH, SILENCES_TO_OPEN, pause, reason_of
from dassie.domain.errors import RemoteFailed
from dassie.domain.patience import FIRST_SECONDS, LEAST_SECONDS, AnswerTimes
from dassie.store import failing, host_rows
from dassie.store import hosts as hosts_module
from dassie.store.hosts import Hosts
from dassie.store.tx import Database

REFUSED = RemoteFailed("a.test refused the connection", kind="connect")
NO_NAME = RemoteFailed("The name server does not know a.test", kind="name")
LATE = RemoteFailed("a.test did not answer within 10 seconds", kind="timeout")


class HandClock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def hosts(clock: HandClock) -> Hosts:
    return Hosts(clock)


def ask(hosts: Hosts, host: str = "a.test", error: RemoteFailed | None = None) -> str:
    """What comes of a request that fails with `error`: the kind of failure, or empty."""
    try:
        with hosts.asking(host):
            if error is not None:
                raise error
            hosts.answered(host)
    except RemoteFailed as failed:
        return failed.kind
    return ""


def open_breaker(hosts: Hosts, host: str = "a.test") -> datetime:
    for _ in range(FAILURES_TO_OPEN):
        ask(hosts, host, REFUSED)
    until = hosts.paused_until(host)
    assert until is not None
    return until


# Opening and closing ---------------------------------------------------------------------------------


def test_a_breaker_opens_after_some_failures_in_a_row_and_then_nothing_is_asked(hosts: Hosts, clock: HandClock) -> None:
    for _ in range(FAILURES_TO_OPEN - 1):
        assert ask(hosts, error=REFUSED) == "connect"
    assert ask(hosts) == ""  # one answer and the count begins anew
    open_breaker(hosts)
    with pytest.raises(RemoteFailed) as failed, hosts.asking("a.test"):
        raise AssertionError("it was asked")
    assert failed.value.kind == "breaker"
    assert failed.value.retry_after == pytest.approx(60, abs=7)
    assert "a.test does not answer (connect)" in failed.value.safe
    assert ask(hosts, "b.test") == ""


def test_half_open_lets_one_request_of_all_through_and_a_failure_pauses_for_longer(
    hosts: Hosts, clock: HandClock
) -> None:
    first = open_breaker(hosts) - clock.now()
    assert hosts.room("a.test", 4) == 0
    clock.forward(minutes=2)
    assert hosts.room("a.test", 4) == 1
    with pytest.raises(RemoteFailed, match="in vain"), hosts.asking("a.test"):
        assert ask(hosts) == "breaker"
        raise RemoteFailed("in vain", kind="connect")
    second = hosts.paused_until("a.test")
    assert second is not None
    assert second - clock.now() > first * 1.5
    clock.forward(minutes=5)
    assert ask(hosts) == ""
    assert (hosts.room("a.test", 4), hosts.reason("a.test")) == (4, None)
    assert hosts.take_reopened() == ["a.test"]


def test_a_probe_that_is_called_off_leaves_the_place_to_the_next(hosts: Hosts, clock: HandClock) -> None:
    open_breaker(hosts)
    clock.forward(minutes=2)
    with pytest.raises(ZeroDivisionError), hosts.asking("a.test"):
        raise ZeroDivisionError
    assert ask(hosts) == ""


@pytest.mark.parametrize(
    ("error", "at_once"),
    [
        (NO_NAME, True),
        (RemoteFailed("its certificate cannot be trusted", kind="tls"), True),
        (RemoteFailed("our name server is away", kind="name", temporary=True), False),
        (REFUSED, False),
        (LATE, False),
    ],
)
def test_what_will_be_the_same_in_a_moment_needs_but_one_failure(
    hosts: Hosts, error: RemoteFailed, at_once: bool
) -> None:
    ask(hosts, error=error)
    assert (hosts.paused_until("a.test") is not None) == at_once


@pytest.mark.parametrize(
    ("kind", "code", "wish", "reason"),
    [
        ("name", None, None, "dns"),
        ("connect", None, None, "connect"),
        ("tls", None, None, "tls"),
        ("timeout", None, None, "timeout"),
        ("http", 500, None, "http_5xx"),
        ("http", 503, None, "http_5xx"),
        ("http", 503, 60.0, "asked_to_wait"),
        ("http", 429, None, "asked_to_wait"),
        ("http", 501, None, None),
        ("http", 404, None, None),
        ("http", 403, None, None),
        ("malformed", None, None, None),
        ("too_large", 200, None, None),
        ("breaker", None, 9.0, None),
        ("blocked_address", None, None, None),
    ],
)
def test_only_what_says_something_about_the_host_counts(
    kind: str, code: int | None, wish: float | None, reason: str | None
) -> None:
    assert reason_of(RemoteFailed("no", kind=kind, code=code, retry_after=wish)) == reason


def test_a_host_that_never_answered_and_is_silent_is_left_in_peace_soon(hosts: Hosts) -> None:
    """A timeout holds a place for seconds; one that has answered before gets more chances."""
    for _ in range(SILENCES_TO_OPEN):
        assert hosts.paused_until("dead.test") is None
        ask(hosts, "dead.test", LATE)
    assert hosts.paused_until("dead.test") is not None
    hosts.answered("slow.test", 0.2)
    for _ in range(FAILURES_TO_OPEN - 1):
        ask(hosts, "slow.test", LATE)
    assert hosts.paused_until("slow.test") is None


def test_a_refusal_proves_that_the_host_lives(hosts: Hosts) -> None:
    for _ in range(FAILURES_TO_OPEN - 1):
        ask(hosts, error=REFUSED)
    ask(hosts, error=RemoteFailed("a.test answered 404", kind="http", code=404))
    ask(hosts, error=REFUSED)
    assert hosts.paused_until("a.test") is None


def test_a_wish_to_wait_is_honoured_at_the_first_failure_within_reason(hosts: Hosts, clock: HandClock) -> None:
    for wish, until in [(120.0, timedelta(seconds=120)), (86_400.0, LONGEST_WISH)]:
        host = f"{wish}.test"
        hosts.failed(host, RemoteFailed("503", kind="http", code=503, retry_after=wish))
        assert hosts.paused_until(host) == clock.now() + until
        assert hosts.reason(host) == "asked_to_wait"


def test_requests_that_were_under_way_do_not_lengthen_the_pause(hosts: Hosts, clock: HandClock) -> None:
    began = clock.now()
    until = open_breaker(hosts)
    for _ in range(50):
        hosts.failed("a.test", REFUSED, began=began)
    assert hosts.paused_until("a.test") == until


# Weeks of silence ------------------------------------------------------------------------------------


def test_a_host_that_is_dead_for_weeks_is_probed_less_and_less_and_never_forgotten(
    hosts: Hosts, clock: HandClock
) -> None:
    """Somebody wants something of it every ten minutes, for five weeks."""
    start = clock.now()
    asked: list[float] = []
    while clock.now() - start < timedelta(days=35):
        if ask(hosts, error=LATE) == "timeout":
            asked.append((clock.now() - start) / timedelta(days=1))
        clock.forward(minutes=10)
    by_day = [sum(day <= when < day + 1 for when in asked) for day in range(35)]
    assert 20 <= by_day[0] <= 40
    assert all(3 <= count <= 6 for count in by_day[1:7])
    assert all(count <= 2 for count in by_day[8:])
    assert 24 <= sum(by_day[7:]) <= 34  # about daily, and it does not end
    assert ask(hosts) in ("", "breaker")
    clock.forward(days=2)
    assert ask(hosts) == ""
    assert hosts.room("a.test", 4) == 4


def test_pauses_are_spread() -> None:
    pauses = {pause(3, timedelta(minutes=1), chance / 10) for chance in range(11)}
    assert len(pauses) == 11
    assert max(pauses) - min(pauses) == pytest.approx(timedelta(seconds=96), abs=timedelta(seconds=1))


# Being heard from ------------------------------------------------------------------------------------


def test_a_valid_contact_opens_at_once_and_who_does_not_listen_is_asked_once_a_minute(
    hosts: Hosts, clock: HandClock
) -> None:
    assert not hosts.heard_from("a.test")  # nothing known, nothing to do
    open_breaker(hosts)
    clock.forward(days=10)
    ask(hosts, error=LATE)
    assert hosts.heard_from("a.test")
    assert hosts.take_reopened() == ["a.test"]
    assert hosts.room("a.test", 4) == 4
    assert ask(hosts, error=LATE) == "timeout"  # it talks, but it does not listen
    assert hosts.paused_until("a.test") is not None
    clock.forward(seconds=20)
    assert not hosts.heard_from("a.test")
    clock.forward(seconds=50)
    assert hosts.heard_from("a.test")
    assert ask(hosts) == ""


def test_a_failure_that_began_before_the_contact_says_nothing_new(hosts: Hosts, clock: HandClock) -> None:
    began = clock.now()
    open_breaker(hosts)
    clock.forward(seconds=5)
    assert hosts.heard_from("a.test")
    hosts.failed("a.test", LATE, began=began)
    assert hosts.paused_until("a.test") is None


def test_a_claim_to_be_from_there_lets_one_look_through_now_and_then(hosts: Hosts, clock: HandClock) -> None:
    open_breaker(hosts)
    clock.forward(days=3)
    ask(hosts, error=LATE)
    for wait, kind in [(0, "timeout"), (60, "breaker"), (600, "timeout")]:
        clock.forward(seconds=wait)
        hosts.knocked("a.test")
        assert ask(hosts, error=LATE) == kind


def test_after_an_outage_of_our_own_line_nobody_is_blamed_for_it(hosts: Hosts, clock: HandClock) -> None:
    open_breaker(hosts, "dead.test")
    ask(hosts, "fine.test")
    for _ in range(60):  # ten minutes without network
        clock.forward(seconds=10)
        for n in range(20):
            ask(hosts, f"{n}.test", REFUSED)
    assert all(hosts.paused_until(f"{n}.test") for n in range(20))
    ask(hosts, "dead.test", REFUSED)
    hosts.take_reopened()
    assert ask(hosts, "fine.test") == ""
    assert [ask(hosts, f"{n}.test") for n in range(20)] == [""] * 20
    assert hosts.paused_until("dead.test") is not None  # it failed before
    assert "dead.test" not in hosts.take_reopened()


def test_one_that_fails_among_others_that_answer_is_not_forgiven(hosts: Hosts, clock: HandClock) -> None:
    until = open_breaker(hosts)
    for _ in range(5):
        clock.forward(seconds=10)
        ask(hosts, "fine.test")
    assert hosts.paused_until("a.test") == until


# Patience --------------------------------------------------------------------------------------------


def test_patience_follows_how_long_answers_take(hosts: Hosts) -> None:
    assert hosts.patience("a.test") == FIRST_SECONDS
    for _ in range(50):
        hosts.answered("a.test", 0.1)
    assert hosts.patience("a.test") == LEAST_SECONDS
    for _ in range(50):
        hosts.answered("slow.test", 8.0)
    assert 8.0 < hosts.patience("slow.test") < 9.0
    for seconds in [1.0, 9.0] * 20:
        hosts.answered("moody.test", seconds)
    assert 15 < hosts.patience("moody.test") < 25


def test_a_host_that_became_slow_gets_more_time_with_each_timeout(hosts: Hosts) -> None:
    times = AnswerTimes()
    for _ in range(20):
        times.took(0.2)
    waited = []
    for _ in range(5):
        waited.append(times.patience)
        times.timed_out()
    assert waited == [5.0, 10.0, 20.0, 40.0, 40.0]
    times.took(12.0)
    assert 5 < times.patience < 20


# Memory ----------------------------------------------------------------------------------------------


def test_only_so_many_hosts_are_remembered(hosts: Hosts, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts_module, "REMEMBERED", 20)
    for n in range(200):
        hosts.failed(f"{n}.test", NO_NAME)
        hosts.answered(f"fine{n}.test", 0.1)
        hosts.failed("0.test", NO_NAME)
        clock.forward(hours=30)
    assert len(hosts._failing) == len(hosts._timed) == 20
    assert len(hosts._changed) <= 40
    assert hosts.reason("199.test") == "dns"


async def test_what_is_known_survives_a_restart_and_is_shown(db: Database) -> None:
    clock = HandClock()
    clock.at = datetime.now(UTC)
    first = Hosts(clock)
    for _ in range(FAILURES_TO_OPEN):
        first.failed("a.test", LATE)
    first.failed("b.test", NO_NAME)
    for _ in range(20):
        first.answered("c.test", 7.0)
    clock.forward(hours=2)
    first.answered("c.test", 7.0)
    assert first.changed
    async with db.write() as tx:
        await first.save(tx)
    assert not first.changed
    async with db.read() as tx:
        shown = await failing.hosts(tx)
        assert {(one.host, one.failures, one.reason) for one in shown} == {
            ("a.test", SILENCES_TO_OPEN, "timeout"),
            ("b.test", 1, "dns"),
        }
        (next_try,) = [one.next_try_at for one in shown if one.host == "b.test"]
        assert next_try is not None
        assert abs(next_try - (first._failing["b.test"].open_until or clock.now())) < timedelta(seconds=1)
        assert await failing.by_reason(tx) == {"timeout": 1, "dns": 1}
        assert await failing.answered_last(tx) == "c.test"
        second = Hosts(clock)
        await second.load(tx)
    assert second.reason("a.test") == "timeout"
    assert 7 < second.patience("c.test") < 8
    clock.forward(days=90)
    async with db.write() as tx:
        assert await host_rows.forget_old(tx, tx.now + timedelta(seconds=1)) == 3


async def test_another_process_learns_that_a_host_is_back(db: Database) -> None:
    clock = HandClock()
    clock.at = datetime.now(UTC)
    one, other = Hosts(clock), Hosts(clock)
    one.failed("a.test", NO_NAME)
    async with db.write() as tx:
        await one.save(tx)
        await other.load(tx)
    assert other.paused_until("a.test") is not None
    called: list[bool] = []
    one.on_reopened = lambda: called.append(True)
    assert other.heard_from("a.test")
    async with db.write() as tx:
        await other.save(tx)
        await one.load(tx)
    assert one.paused_until("a.test") is None
    assert (one.take_reopened(), called) == (["a.test"], [True])
