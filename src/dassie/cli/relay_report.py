"""The report on a relay as lines of text: what it counts first, then the figure."""

from __future__ import annotations

from msgspec import to_builtins

from dassie.domain.relays import Relay
from dassie.domain.sizes import show_size
from dassie.services.reporting_relays import RelayReport
from dassie.services.undoing_relays import Undone


def lines(relay: Relay, state: str, report: RelayReport) -> list[str]:
    """The whole report."""
    return [
        f"{relay.url} ({relay.kind}): {state}",
        *([f"Last error: {relay.last_error}"] if relay.last_error else []),
        "",
        *_rules(relay),
        "",
        *_last_day(report),
        "",
        *_costs(report),
        "",
        *_here(report),
    ]


def _rules(relay: Relay) -> list[str]:
    shown = [f"Our public posts go there: {'yes' if relay.sends else 'no'}"]
    for name, value in to_builtins(relay.rules).items():
        if value is None:
            value = "no limit"
        elif name == "bytes_per_day":
            value = show_size(value)
        elif isinstance(value, bool):
            value = "yes" if value else "no"
        elif isinstance(value, list):
            value = ", ".join(value) or "all"
        shown.append(f"{name.replace('_', ' ')}: {value}")
    return shown


def _last_day(report: RelayReport) -> list[str]:
    day = report.last_day
    reasons = [("refused", day.refused), ("dropped after a look", day.dropped)]
    return [
        f"Offered in 24 hours: {day.offered}",
        f"Let in: {day.admitted}",
        *(
            f"{what}, {reason.replace('_', ' ')}: {count}"
            for what, counted in reasons
            for reason, count in counted.most_common()
        ),
        *(f"{what}: {count}" for what, count in (("Expired", day.expired), ("Shed", day.shed)) if count),
    ]


def _costs(report: RelayReport) -> list[str]:
    share, month, data, cpu = report.share_seen, report.month, report.each("bytes"), report.each("cpu_us")
    return [
        f"Received today: {show_size(report.today.bytes)}; in 30 days: {show_size(month.bytes)}",
        f"Requests in 30 days: {month.requests}; jobs: {month.jobs}",
        *([f"Of each post let in: {show_size(round(data))}, {cpu / 1000:.2f} ms of CPU"] if data and cpu else []),
        f"Seen by somebody here: {'nothing was let in yet' if share is None else f'{share:.1%} of 30 days'}",
        f"Jobs waiting: {report.waiting}; gave up: {report.gave_up}",
    ]


def _here(report: RelayReport) -> list[str]:
    held, made = report.held, report.made_of
    shown = [f"Posts of it here: {held.total}; for no other reason: {held.alone}"]
    for title, counted in (("Servers", made.hosts), ("Languages", made.languages)):
        if counted:
            named = ", ".join(f"{name or 'none named'} {count}" for name, count in counted)
            shown.append(f"{title} of the newest {made.looked_at}: {named}")
    if report.undoing:
        shown.append("What only it brought is being removed.")
    if report.undone is not None:
        shown.append(went(report.undone))
    return shown


def went(undone: Undone) -> str:
    """What an undo removed so far."""
    return (
        f"Removed {undone.posts} posts, {undone.accounts} profiles and {undone.files} files, "
        f"{show_size(undone.bytes)} in all. {undone.kept} posts stay because somebody here keeps them."
    )
