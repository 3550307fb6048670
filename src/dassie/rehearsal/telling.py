"""An outcome as lines of text: figures for those who measure, and sentences for an owner."""

from __future__ import annotations

from dassie.rehearsal.outcome import ByRelay, Outcome, Times, gave_up_share


def figures(outcome: Outcome) -> list[str]:
    """Everything, one subject a line."""
    lines = [
        f"the relay day, {outcome.variant}, {outcome.database}; {outcome.machine}",
        _line("offered", posts=outcome.offered,
              seconds=outcome.flood_seconds, per_s=f"{outcome.offered_per_second:.0f}",
              answers=outcome.codes, gate=_times(outcome.gate)),
        _line("let in", admitted=outcome.admitted, stored=outcome.stored, per_s=f"{outcome.stored_per_second:.0f}",
              drain_s=outcome.drain_seconds, waiting_after_the_flood=outcome.waiting_after_flood),
    ]  # fmt: skip
    for via, relay in outcome.relays.items():
        lines += _relay(via, relay)
    lines.append(_line("friends' posts", sent=outcome.own_sent, delay=_times(outcome.own),
                       not_seen=outcome.own_not_seen, sent_again=outcome.own_sent_again))  # fmt: skip
    for phase, taken in outcome.api.items():
        lines.append(_line(f"API, {phase}", requests=taken.count, failed=outcome.api_failed.get(phase, 0),
                           took=_times(taken)))  # fmt: skip
    lines += [
        _line("lost though acknowledged", activities=outcome.lost, friends=outcome.own_acknowledged_lost,
              uncertain_because_of_kill=outcome.uncertain),
        _line("CPU seconds", in_all=outcome.cpu_seconds, per_1000_offered=outcome.cpu_per_1000(outcome.offered),
              per_1000_admitted=outcome.cpu_per_1000(outcome.admitted)),
        _line("memory", peak_mb=outcome.peak_rss_mb, with_helpers_mb=outcome.peak_rss_with_helpers_mb,
              curve=" ".join(f"{rss:.0f}" for _, rss in outcome.rss_curve)),
        _line("disk", mb=_mb(sum(outcome.disk.values())), grew_mb=_mb(outcome.disk_growth),
              peak_mb=_mb(outcome.peak_disk),
              **{kind: _mb(size) for kind, size in sorted(outcome.disk.items())}),
        _line("storage as it says", used_mb=_mb(outcome.storage.used), budget_mb=_mb(outcome.storage.budget),
              **{kind: _mb(size) for kind, size in sorted(outcome.storage.kinds.items())}),
        _line("faults met", **{name.replace(" ", "_"): count for name, count in sorted(outcome.faults_met.items())}),
        _line("jobs left", **{name.replace(" ", "_"): n for name, n in sorted(outcome.jobs.items()) if " " in name}),
    ]  # fmt: skip
    return lines + [f"note: {remark}" for remark in outcome.remarks]


def plainly(gate: Outcome, all_in: Outcome) -> list[str]:
    """For an owner: the flood as a fresh server takes it, and with everything let in."""
    idle, flooded = gate.api.get("idle", Times()), gate.api.get("flood", Times())
    per_1000 = all_in.disk_growth / max(all_in.stored, 1) * 1000
    lines = [
        "With the quotas of a fresh server",
        f"  a relay may offer {gate.offered_per_second:.0f} posts a second; each is judged at the door.",
        f"  A post of somebody you follow is in your home timeline after {_ms(gate.own.p50_ms)},"
        f" at worst {_ms(gate.own.max_ms)}.",
        f"  Your app waits {_ms(flooded.p50_ms)} for an answer, one time in a hundred {_ms(flooded.p99_ms)};"
        f" when all is quiet {_ms(idle.p50_ms)} and {_ms(idle.p99_ms)}.",
        "With everything let in",
        f"  {all_in.stored_per_second:.0f} posts a second are taken in and kept.",
        f"  A post of somebody you follow is there after {_ms(all_in.own.p50_ms)}, at worst {_ms(all_in.own.max_ms)}.",
        f"  1,000 posts of strangers take {_mb(int(per_1000))} MB of your disk as long as nobody looks at them.",
        "Memory",
        f"  {max(gate.peak_rss_mb, all_in.peak_rss_mb):.0f} MB at most.",
    ]
    lost = gate.lost + all_in.lost
    lines.append("Nothing that was acknowledged was lost." if not lost else f"{lost} acknowledged posts were LOST.")
    return lines


def _relay(via: str, relay: ByRelay) -> list[str]:
    reasons = " ".join(f"{name.replace(' ', '_')} {count}" for name, count in sorted(relay.refused.items()))
    let_go = " ".join(f"{name.replace(' ', '_')} {count}" for name, count in sorted(relay.let_go.items()))
    gave_up = " ".join(f"{name} {count}" for name, count in sorted(relay.gave_up.items()))
    share = gave_up_share(relay)
    fetched = " ".join(f"{kind} {count}" for kind, count in sorted(relay.fetches.items()))
    return [
        _line(f"relay {via}", offered=relay.offered, acknowledged=relay.acknowledged, admitted=relay.admitted,
              stored=relay.stored, waiting=relay.waiting, unexplained=relay.unexplained),
        f"{'  refused':<28}{reasons or 'none'}",
        f"{'  let go':<28}{let_go or 'none'}",
        _line("  gave up", fault_of_host=relay.gave_up_host, ours=relay.gave_up_ours,
              share_host=f"{share['host']:.1%}", share_ours=f"{share['ours']:.2%}", why=gave_up or "none"),
        f"{'  fetches':<28}{relay.fetches_per_admitted} an admitted post, {relay.looked_at} profiles seen: {fetched}",
    ]  # fmt: skip


def _line(name: str, **values: object) -> str:
    return f"{name:<28}" + "  ".join(f"{key} {value}" for key, value in values.items())


def _times(times: Times) -> str:
    return f"p50 {times.p50_ms:.1f} p99 {times.p99_ms:.1f} max {times.max_ms:.0f} ms"


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"
