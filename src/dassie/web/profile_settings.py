"""Changing one's profile."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from msgspec import UNSET, UnsetType

from dassie.domain.errors import DassieError, Invalid, TooLarge
from dassie.domain.media_limits import MAX_PICTURE_BYTES
from dassie.door.forms import Upload
from dassie.services import profiles
from dassie.services.profiles import ProfileChange
from dassie.store import profiles as profile_store
from dassie.web.answers import Answer, Go
from dassie.web.routing import form, page
from dassie.web.signing_in import fields_of
from dassie.web.visits import Visit


@page("/settings/profile", signed_in=True)
async def profile_settings(visit: Visit) -> Answer:
    """Name, words, pictures, and who finds the profile."""
    return await _form(visit)


@form("/settings/profile", upload=MAX_PICTURE_BYTES)
async def save_profile(visit: Visit) -> Answer:
    """Keep what was changed and tell other servers."""
    params = visit.params
    fields = list(zip_longest(params.texts("field_name"), params.texts("field_value"), fillvalue=""))
    change = ProfileChange(
        display_name=params.text("display_name") or "",
        note=params.text("note") or "",
        fields=fields,
        locked=bool(params.flag("locked")),
        bot=bool(params.flag("bot")),
        discoverable=bool(params.flag("discoverable")),
        indexable=bool(params.flag("indexable")),
        hide_collections=not params.flag("show_collections"),
        show_media=bool(params.flag("show_media")),
        show_media_replies=bool(params.flag("show_media_replies")),
        show_featured=bool(params.flag("show_featured")),
        avatar=_picture(params.file("avatar")),
        header=_picture(params.file("header")),
    )
    try:
        await profiles.change_profile(visit.server, visit.me, change)
    except (Invalid, TooLarge) as error:
        return await _form(visit, error)
    return Go("/settings/profile", "saved")


def _picture(file: Upload | None) -> Any | UnsetType:
    return file.path if file is not None and file.size else UNSET


async def _form(visit: Visit, error: DassieError | None = None) -> Answer:
    async with visit.server.read() as tx:
        source = await profile_store.source(tx, visit.me.id)
        around = await visit.page(tx)
    typed: dict[str, Any] = {
        "display_name": visit.me.display_name,
        "note": source.note or "",
        "fields": [(field.name, field.value) for field in source.fields or []],
    }
    if error is not None:
        names, values = visit.params.texts("field_name"), visit.params.texts("field_value")
        typed |= {name: visit.params.text(name) or "" for name in ("display_name", "note")}
        typed["fields"] = list(zip_longest(names, values, fillvalue=""))
    problems = fields_of(error, "") if error is not None else {}
    return visit.html(
        "pages/settings_profile.html", around, http_code=422 if problems else 200, errors=problems, **typed
    )
