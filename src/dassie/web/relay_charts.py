"""The charts and tables of a relay's report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from dassie.domain.sizes import show_size
from dassie.services.reporting_relays import RelayReport, Slice
from dassie.store.costs import Cost
from dassie.web import charts, filters, relay_words
from dassie.web.charts import Chart
from dassie.web.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Shown:
    """What the report's page draws: rows are ready to be shown."""

    hours: Chart
    days: Chart
    figures: list[tuple[str, str]]
    """(figure, what it counts)"""
    reasons: list[list[str]]
    costs: list[list[str]]
    hosts: list[list[str]]
    languages: list[list[str]]


def shown(report: RelayReport) -> Shown:
    """The report in rows and columns."""
    day = report.last_day
    share = report.share_seen
    figures = [
        (filters.number(day.offered), _("offered in 24 hours")),
        (filters.number(day.admitted), _("let in")),
        (filters.number(day.turned_away), _("turned away before any work")),
        (filters.number(day.dropped.total()), _("dropped after a look")),
        (filters.number(day.let_go), _("let go: too old, or newer ones waited")),
        (show_size(report.today.bytes), _("received today")),
        (_("none yet") if share is None else filters.percent(share), _("of 30 days’ posts seen by somebody here")),
        (filters.number(report.held.total), _("of its posts are here")),
        (filters.number(report.waiting), _("jobs wait or run")),
        (filters.number(report.gave_up), _("jobs gave up")),
    ]
    return Shown(
        _chart(_("The last 24 hours"), _("Hour (UTC)"), report.hours, "%H:%M"),
        _chart(_("The last 30 days"), _("Day (UTC)"), report.days, "%Y-%m-%d"),
        figures,
        _reasons(day),
        _costs(report),
        _counts(report.made_of.hosts, report.made_of.looked_at),
        _counts([(code or "—", count) for code, count in report.made_of.languages], report.made_of.looked_at),
    )


def _chart(title: str, axis: str, slices: list[Slice], pattern: str) -> Chart:
    offered, admitted = sum(one.offered for one in slices), sum(one.admitted for one in slices)
    summary = _("%(offered)s posts were offered, %(admitted)s let in, the others turned away.") % {
        "offered": filters.number(offered),
        "admitted": filters.number(admitted),
    }
    points = [(one.at.strftime(pattern), [one.admitted, one.turned_away]) for one in slices]
    return charts.stacked(title, summary, axis, [_("Let in"), _("Turned away")], points)


def _reasons(day: Slice) -> list[list[str]]:
    def rows(counted: Counter[str], when: str) -> list[list[str]]:
        return [[relay_words.reason(name), when, filters.number(value)] for name, value in counted.most_common()]

    gone = [
        (_("Waited too long"), day.expired),
        (_("Newer ones waited"), day.shed),
        (_("Paused or left"), day.called_off),
    ]
    return [
        *rows(day.refused, _("before any work")),
        *rows(day.dropped, _("after a look")),
        *([name, _("while it waited"), filters.number(value)] for name, value in gone if value),
    ]


def _costs(report: RelayReport) -> list[list[str]]:
    data, cpu = report.each("bytes"), report.each("cpu_us")
    return [
        _plain(report, _("Requests to other servers"), "requests"),
        [
            _("Data received"),
            show_size(report.today.bytes),
            show_size(report.month.bytes),
            show_size(round(data)) if data is not None else "—",
        ],
        _plain(report, _("Jobs"), "jobs"),
        [
            _("Processor time of its jobs"),
            _cpu(report.today),
            _cpu(report.month),
            f"{filters.number(round(cpu / 1000, 2))} ms" if cpu is not None else "—",
        ],
    ]


def _plain(report: RelayReport, label: str, what: str) -> list[str]:
    one = report.each(what)
    today, month = (filters.number(getattr(cost, what)) for cost in (report.today, report.month))
    return [label, today, month, filters.number(round(one, 2)) if one is not None else "—"]


def _cpu(cost: Cost) -> str:
    return f"{filters.number(round(cost.cpu_us / 1_000_000, 1))} s"


def _counts(found: list[tuple[str, int]], total: int) -> list[list[str]]:
    return [[name, filters.number(count), filters.percent(count / max(total, 1))] for name, count in found]
