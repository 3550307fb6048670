"""The reckoning: what is lost, and what is only refused, let go or still waiting."""

from __future__ import annotations

from dassie.rehearsal import telling
from dassie.rehearsal.outcome import ByRelay, Outcome, Storage, Times, times


def relay(**values: object) -> ByRelay:
    given = {"offered": 100, "acknowledged": 60, "admitted": 50, "stored": 40}
    return ByRelay(**given | values)  # type: ignore[arg-type]


def outcome(**values: object) -> Outcome:
    given: dict[str, object] = {
        "variant": "defaults", "database": "sqlite", "machine": "a board", "authors": 20, "hosts": 10,
        "faulty_hosts": 3, "flood_seconds": 10.0, "drain_seconds": 10.0, "waiting_after_flood": 7,
        "codes": {202: 120, 429: 80},
        "gate": Times(200, 1.0, 2.0, 3.0), "relays": {}, "own": Times(5, 20.0, 1500.0, 1500.0), "own_sent": 5,
        "own_acknowledged_lost": 0, "own_not_seen": 0, "own_sent_again": 0,
        "api": {"idle": Times(9, 1, 2, 3), "flood": Times(9, 4, 5, 6)}, "api_failed": {}, "cpu_seconds": 2.0,
        "peak_rss_mb": 100.0, "peak_rss_with_helpers_mb": 110.0, "rss_curve": [(1.0, 99.0)],
        "peak_disk": 5_000_000, "disk": {"database": 4_000_000}, "disk_growth": 3_000_000,
        "storage": Storage(20_000_000_000, 5_000_000, {"database": 4_000_000}),
        "faults_met": {"slow": 2},
        "jobs": {"Relayed scheduled": 3}, "counted_while_killed": 0,
    }  # fmt: skip
    return Outcome(**given | values)  # type: ignore[arg-type]


def test_what_was_acknowledged_and_is_nowhere_is_lost() -> None:
    refused = {"quota": 900, "host_quota": 10}
    assert relay(refused=refused).unexplained == 10
    assert relay(refused=refused, let_go={"shed ": 4, "dropped bot": 1}).unexplained == 5
    assert relay(refused=refused, gave_up={"remote_connect": 3, "set_aside": 2}, waiting=5).unexplained == 0
    assert relay(refused=refused | {"duplicate": 30}).unexplained == 10  # the other one must be here
    some = outcome(relays={"mastodon": relay(refused=refused), "litepub": relay()}, own_acknowledged_lost=1)
    assert some.lost == 31
    killed = outcome(relays={"mastodon": relay(refused=refused)}, counted_while_killed=15)
    assert (killed.lost, killed.uncertain) == (0, 10)
    killed = outcome(relays={"mastodon": relay(refused=refused)}, counted_while_killed=7)
    assert (killed.lost, killed.uncertain) == (3, 7)


def test_what_was_given_up_is_the_fault_of_hosts_as_far_as_theirs_are_missing() -> None:
    refused = {"quota": 900, "host_quota": 10}
    some = relay(refused=refused, gave_up={"remote_connect": 6, "remote_tls": 3}, missing_healthy=12)
    assert (some.gave_up_host, some.gave_up_ours) == (7, 2)
    assert relay(gave_up={"remote_tls": 3}, missing_healthy=9).gave_up_ours == 3
    assert relay(gave_up={"remote_tls": 3}, let_go={"shed": 20}, missing_healthy=9).gave_up_host == 3


def test_figures_are_by_what_was_offered_and_let_in() -> None:
    some = outcome(
        relays={
            "mastodon": relay(fetches={"actor": 40, "note": 8, "webfinger": 7, "followers": 5, "media": 7}),
            "litepub": relay(),
        }
    )
    assert (some.offered, some.admitted, some.stored) == (200, 100, 80)
    assert (some.offered_per_second, some.stored_per_second) == (20.0, 4.0)
    assert (some.cpu_per_1000(some.offered), some.cpu_per_1000(some.admitted)) == (10.0, 20.0)
    assert some.summary()["fetches_per_admitted"] == {"mastodon": 1.0, "litepub": 0.0}
    assert outcome(cpu_seconds=None).summary()["cpu_seconds_per_1000_offered"] is None


def test_times_are_those_that_so_many_were_within() -> None:
    assert times([]) == Times()
    assert times([n / 1000 for n in range(1, 201)]) == Times(200, 101.0, 199.0, 200.0)


def test_an_owner_is_told_in_sentences_and_losses_are_not_hidden() -> None:
    text = "\n".join(telling.plainly(outcome(relays={"litepub": relay(refused={"bot": 20})}), outcome()))
    assert "may offer 10 posts a second" in text
    assert "after 20 ms, at worst 1.5 s" in text
    assert "Nothing that was acknowledged was lost." in text
    assert "7 acknowledged posts were LOST" in "\n".join(telling.plainly(outcome(own_acknowledged_lost=7), outcome()))


def test_the_figures_name_every_subject() -> None:
    lines = telling.figures(outcome(relays={"litepub": relay(refused={"bot": 20})}, remarks=["It rained."]))
    subjects = {line[:28].strip() for line in lines}
    assert {"offered", "relay litepub", "refused", "let go", "gave up", "fetches", "friends' posts", "API, flood",
            "lost though acknowledged", "CPU seconds", "memory", "disk", "jobs left"} <= subjects  # fmt: skip
    assert lines[-1] == "note: It rained."
