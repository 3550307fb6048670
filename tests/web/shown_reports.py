"""States of the pages of moderation, for the checks of templates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec import structs

from dassie.domain import annual_reports
from dassie.domain.annual_reports import Month, TagCount, Top, Year
from dassie.domain.reports import Report
from dassie.domain.server_blocks import ServerBlock
from dassie.domain.settings import InstanceSettings, Rule
from dassie.services.blocking_servers import Published
from dassie.store.server_blocks import Weight
from dassie.web.shown import NotificationGroup, Page, Section
from invented import AMA, BO, NOW, page, picture, status
from shown_collections import collection

FILED = Report(
    id=77,
    account_id=AMA.id,
    target_account_id=BO.id,
    category="violation",
    comment="Look at <this>",
    status_ids=[1, 2],
    collection_ids=[5, 6],
    rule_ids=[1],
    forwarded=True,
    assigned_account_id=None,
    action_taken_by_account_id=None,
    action_taken_at=None,
    created_at=NOW - timedelta(hours=1),
    updated_at=NOW,
)
CLOSED = structs.replace(FILED, comment="", action_taken_at=NOW, action_taken_by_account_id=AMA.id)
RULES = [Rule(1, "Be kind."), Rule(2, "No shouting.")]


def of_reports() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    """Every state: name, template, page, values."""
    posts = [status(1, BO, "<p>Buy stones</p>", media=[picture(9)]), status(2, BO, "", spoiler_text="Stones")]
    typed: dict[str, Any] = {"comment": "", "category": "", "rule_ids": [], "status_ids": [1], "forward": True}
    typed["collection_ids"] = [5]
    asked: dict[str, Any] = {"account": BO, "posts": posts, "rules": RULES, "typed": typed, "longest": 1000}
    asked["collections"] = [collection(BO), collection(BO, id=6, name="")]
    yield "report", "report", page("/accounts/1/report"), {**asked, "errors": {}}
    refused = {"comment": "This is too long.", "rules": "Please choose.", "category": "Please choose."}
    yield "report-refused", "report", page("/accounts/1/report"), {**asked, "errors": refused}
    bare = {**asked, "account": AMA, "posts": [], "collections": [], "rules": [], "errors": {}}
    yield "report-nothing", "report", page("/accounts/1/report"), bare
    people = {AMA.id: AMA, BO.id: BO}
    listed: dict[str, Any] = {"reports": [FILED, CLOSED], "people": people, "opened": True, "older": "?max_id=1"}
    yield "admin-reports", "admin/reports", _framed("/admin/reports"), listed
    none = {**listed, "reports": [], "opened": False, "older": None}
    yield "admin-reports-none", "admin/reports", _framed("/admin/reports?only=closed"), none
    one: dict[str, Any] = {"target": BO, "reporter": AMA, "closer": None, "posts": posts, "gone": 1, "rules": RULES}
    one |= {"collections": [collection(BO)], "collections_gone": 1}
    yield "admin-report", "admin/report", _framed("/admin/reports/77"), {**one, "report": FILED}
    closed = {**one, "report": CLOSED, "closer": AMA, "reporter": BO, "posts": [], "gone": 0, "rules": []}
    closed |= {"collections": [], "collections_gone": 0}
    yield "admin-report-closed", "admin/report", _framed("/admin/reports/77"), closed
    told = NotificationGroup("admin.report", [AMA], 1, NOW, 3, report=FILED)
    said: dict[str, Any] = {"groups": [told], "requests": [], "held": 0, "only": "all", "older": None}
    yield "notifications-report", "notifications", page("/notifications"), said

    yield from _of_servers()


def of_years() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    """The pages of years looked back on."""
    top = Top(1, None, 2)
    year = Year("booster", [Month(n, n * 3, n, 1) for n in range(1, 13)], [TagCount("Granite", 4)], top)
    kept = annual_reports.Report(1, AMA.id, 2025, year, "key", None, None, NOW)
    shown: dict[str, Any] = {"account": AMA, "report": kept, "posts": {1: status(1), 2: status(2)}, "most": 36}
    shown |= {"share": "https://rocks.example/@ama/wrapstodon/2025/key", "own": True}
    yield "year", "year", page("/wrapstodon/2025"), shown
    yield "year-shared", "year", page("/x", signed_in=False), {**shown, "own": False, "posts": {}}
    waiting = {**shown, "report": structs.replace(kept, data=None), "most": 0}
    yield "year-waiting", "year", page("/wrapstodon/2025"), waiting
    states = {"years": [(2025, "available"), (2024, "generating"), (2023, "eligible")]}
    yield "years", "years", page("/wrapstodon"), states
    yield "years-none", "years", page("/wrapstodon"), {"years": []}
    told = NotificationGroup("annual_report", [AMA], 1, NOW, 3, year=2025)
    said: dict[str, Any] = {"groups": [told], "requests": [], "held": 0, "only": "all", "older": None}
    yield "notifications-year", "notifications", page("/notifications"), said


def of_mail_readers() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    """Reading somebody by mail."""
    guest = page("/@ama/subscribe", signed_in=False)
    asked: dict[str, Any] = {"account": AMA, "token": "t", "email": "", "sent": True, "errors": {}}
    yield "subscribe", "subscribe", guest, asked
    wrong = {**asked, "sent": False, "email": "x", "errors": {"email": "This is no address."}}
    yield "subscribe-refused", "subscribe", guest, wrong
    for step in ("confirm", "confirmed", "end", "ended"):
        yield f"mail-reader-{step}", "mail_reader", guest, {"token": "t", "link": "1-a", "name": "Ama", "step": step}
    yield "mail-readers", "settings_mail_readers", page("/settings/mail_readers"), {"on": True, "readers": 3}


def _of_servers() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    block = ServerBlock(1, "hills.example", "silence", True, True, "Loud", "Very", NOW, NOW, NOW)
    at = "/admin/domain_blocks"
    listed: dict[str, Any] = {"blocks": [block], "said": InstanceSettings(), "typed": "", "errors": {}}
    yield "admin-domain-blocks", "admin/domain_blocks", _framed(at), listed
    none = {**listed, "blocks": [], "errors": {"domain": "This is not a server."}}
    yield "admin-domain-blocks-none", "admin/domain_blocks", _framed(at), none
    typed = {name: getattr(block, name) for name in ServerBlock.__struct_fields__}
    asked: dict[str, Any] = {"domain": "hills.example", "known": block, "weight": Weight(12, 1, 3), "typed": typed}
    asked |= {"longest": 500, "errors": {}}
    yield "admin-domain-block", "admin/domain_block", _framed(at), asked
    wrong = {**asked, "known": None, "errors": {"severity": "Validation failed"}}
    yield "admin-domain-block-refused", "admin/domain_block", _framed(at), wrong
    told: dict[str, Any] = {"extended": "", "terms": False, "blocks": Published([block], True)}
    yield "about-blocks", "about", page("/about", signed_in=False), told


def _framed(path: str) -> Page:
    made = page(path)
    assert made.me is not None
    return structs.replace(made, me=structs.replace(made.me, sections=[Section("/admin/reports", "Reports")]))
