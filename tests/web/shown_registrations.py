"""States of the pages about signing up, mail and invitations, for the checks of templates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec import structs

from dassie.domain.ids import AccountId, UserId
from dassie.store.sign_ups import Waiting
from dassie.web.shown import Invitation, Page, Section
from invented import BO, NOW, page

TYPED = {"username": "ama", "email": "", "reason": "", "date_of_birth": ""}
SHORT = "Is too short (minimum is 8 characters)"


def of_registrations() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    yield from _strangers()
    yield from _invites()
    yield from _admin()


def _strangers() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    guest = page("/auth/sign_up", signed_in=False)
    form: dict[str, Any] = {"token": "t", "errors": {}, "typed": TYPED, "inviter": None, "mail": False}
    form |= {
        "invite_code": "",
        "waits": False,
        "wants_reason": False,
        "longest_reason": 420,
        "min_age": None,
        "gone": False,
    }
    yield "sign-up", "sign_up", guest, {**form, "terms": False}
    asked = {**form, "mail": True, "waits": True, "wants_reason": True, "min_age": 16, "terms": True, "inviter": BO}
    wrong = {"password": SHORT, "reason": "Can't be blank", "agreement": "Must be accepted", "date_of_birth": "No"}
    yield "sign-up-wrong", "sign_up", guest, {**asked, "errors": wrong, "gone": True}
    yield "sign-up-done", "sign_up_done", guest, {"email": "ama@mail.example", "approved": False}
    yield "sign-up-closed", "sign_up_closed", guest, {"message": "", "invited": True}
    yield "password-new", "password_new", guest, {"token": "t", "sent": True}
    reset = {"token": "t", "link": "1-2-3", "errors": {}, "good": True}
    yield "password-edit", "password_edit", guest, reset
    yield "password-edit-late", "password_edit", guest, {**reset, "good": False, "errors": {"": "It is too late."}}
    letters: dict[str, Any] = {"token": "t", "link": "1-mention-x", "kind": "somebody mentions me", "done": False}
    yield "unsubscribe", "unsubscribe", guest, letters
    yield "unsubscribe-done", "unsubscribe", guest, {**letters, "done": True}
    link: dict[str, Any] = {"token": "t", "link": "1-2-3", "address": "ama@mail.example", "problem": ""}
    yield "confirmation", "confirmation", guest, {**link, "done": False, "waits": False}
    yield "confirmation-done", "confirmation", guest, {**link, "done": True, "waits": True}
    yield "confirmation-late", "confirmation", guest, {**link, "problem": "Too late.", "done": False, "waits": False}
    yield "confirmation-new", "confirmation_new", guest, {"token": "t", "sent": True}


def _invites() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    choices = {"uses": [("", "Without limit"), ("1", "1")], "lasts": [("", "For ever"), ("604800", "1 week")]}
    week = NOW + timedelta(days=7)
    made = [
        Invitation(1, "https://koppie.example/invite/abcdefghjk", 1, 5, week, True, True),
        Invitation(2, "https://koppie.example/invite/bcdefghjkm", 3, None, None, False, False),
    ]
    shown = {**choices, "invites": made, "errors": {"": "You have too many."}, "bypasses": True}
    yield "invites", "invites", page("/invites"), shown
    yield "invites-empty", "invites", page("/invites"), {**shown, "invites": [], "errors": {}, "bypasses": False}


def _admin() -> Iterator[tuple[str, str, Page, dict[str, Any]]]:
    modes = [("none", "Nobody"), ("approved", "By hand"), ("open", "Everybody")]
    typed = {"registrations": "approved", "min_age": 16, "message": "", "reason_required": True}
    around = _framed("/admin/settings/registrations", "Registrations")
    values: dict[str, Any] = {"typed": typed, "modes": modes, "errors": {}, "mail": True}
    yield "admin-registrations", "admin/registrations", around, values
    wrong = {**values, "errors": {"min_age": "Must be a number"}, "mail": False}
    yield "admin-registrations-wrong", "admin/registrations", around, wrong
    one = Waiting(
        id=UserId(7),
        account_id=AccountId(8),
        username="newcomer",
        email="new@mail.example",
        confirmed_at=NOW,
        reason="I like <stones>",
        ip="203.0.113.7",
        invite_id=3,
        created_at=NOW - timedelta(hours=2),
    )
    late = structs.replace(one, id=UserId(9), username="second", confirmed_at=None, email=None)
    around = _framed("/admin/sign_ups", "Sign-ups")
    yield "admin-sign-ups", "admin/sign_ups", around, {"undecided": [one], "unproved": [late], "mode": "approved"}
    yield "admin-sign-ups-empty", "admin/sign_ups", around, {"undecided": [], "unproved": [], "mode": "open"}


def _framed(path: str, label: str) -> Page:
    shown = page(path)
    assert shown.me is not None
    return structs.replace(shown, me=structs.replace(shown.me, sections=[Section(path, label)]))
