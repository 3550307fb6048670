"""The door of the admin pages: who may come in, the frame around each page, and the log of what is done there.

    @admin_page("/admin/storage", "manage_settings", section="Storage", place=20)
    async def storage(visit: Visit) -> Html: …

A page with a `section` is in the navigation; guests are sent to sign in, others get a 403 that names the permission.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from dassie.domain.errors import NotAllowed
from dassie.domain.roles import may
from dassie.services import auditing
from dassie.store.tx import Tx
from dassie.web import sections
from dassie.web.answers import Answer, Go
from dassie.web.routing import form, page
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

F = TypeVar("F", bound=Callable[..., Any])


def admin_page(path: str, permission: str, *, section: str = "", place: int = 100) -> Callable[[F], F]:
    """Register a page for those with this permission. `section`: its English name in the navigation, if any."""
    if section:
        sections.add(path, section, permission, place)
    return _guarded(page(path, signed_in=True), permission)


def admin_form(path: str, permission: str, *, upload: int = 0) -> Callable[[F], F]:
    """Register what a form of an admin page does. `upload`: the most bytes of one file, 0 where none are taken."""
    return _guarded(form(path, upload=upload), permission)


@page("/admin", signed_in=True)
async def admin(visit: Visit) -> Answer:
    """The first of the admin pages that this person may use."""
    found = sections.open_to(visit.user.role)
    if not found:
        raise _refusal("view_dashboard")
    return Go(found[0].path)


def check(visit: Visit, permission: str) -> None:
    """Whether who is signed in may do this; raises `NotAuthenticated` or `NotAllowed`, which names the permission."""
    if not may(visit.user.role, permission):
        raise _refusal(permission)


async def record(tx: Tx, visit: Visit, action: str, subject: str = "", **details: Any) -> None:
    """Write into the audit log what an admin did, in the unit that does it."""
    await auditing.record(
        tx, action, account_id=visit.me.id, subject=subject, ip=visit.request.client, by="admin page", **details
    )


def _guarded(register: Callable[[F], F], permission: str) -> Callable[[F], F]:
    def wrap(handler: F) -> F:
        @functools.wraps(handler)
        async def guarded(visit: Visit, **values: Any) -> Any:
            check(visit, permission)
            return await handler(visit, **values)

        register(cast(F, guarded))
        return handler

    return wrap


def _refusal(permission: str) -> NotAllowed:
    named = permission.replace("_", " ")
    sentence = _("This page needs the permission “%(permission)s”, which your role does not have.")
    return NotAllowed(sentence % {"permission": named})
