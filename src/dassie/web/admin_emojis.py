"""Admin: custom emoji. Those of this server, new ones from a file, and copies of what others used of late."""

from __future__ import annotations

from itertools import groupby

from dassie.domain.errors import Invalid, NotFound, RemoteFailed
from dassie.services import painting
from dassie.services.painting import MOST_BYTES, By, EmojiChange
from dassie.store import emojis
from dassie.web.admin import admin_form, admin_page
from dassie.web.answers import Answer, Go
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

MAY = "manage_custom_emojis"
LISTED = 100
"""Of others'."""


@admin_page("/admin/custom_emojis", MAY, section="Emoji", place=40)
async def list_emojis(visit: Visit) -> Answer:
    """All emoji by category, the form to add one, and what others used of late."""
    return await _list(visit, {}, {})


@admin_form("/admin/custom_emojis", MAY, upload=2 * MOST_BYTES)
async def add_emoji(visit: Visit) -> Answer:
    """Add an emoji, or give one another picture."""
    params = visit.params
    typed = {"shortcode": params.text("shortcode", most=1000) or "", "category": params.text("category") or ""}
    file = params.file("image")
    try:
        if file is None or not file.size:
            words = _("Choose a picture.")
            raise Invalid(words, fields={"image": [("ERR_BLANK", words)]})
        overwrite = bool(params.flag("overwrite"))
        await painting.add(
            visit.server, _me(visit), typed["shortcode"], file.path, category=typed["category"], overwrite=overwrite
        )
    except Invalid as error:
        return await _list(visit, typed, _problems(error))
    return Go("/admin/custom_emojis", "emoji_added")


@admin_form("/admin/custom_emojis/copy", MAY)
async def copy_emoji(visit: Visit) -> Answer:
    """Take over what somebody of another server used."""
    shortcode, domain = (visit.params.text(name, most=500) or "" for name in ("shortcode", "domain"))
    try:
        await painting.copy(visit.server, _me(visit), shortcode, domain)
    except (Invalid, NotFound, RemoteFailed) as error:
        return await _list(visit, {}, {"copy": error.safe.removeprefix("Validation failed: ")})
    return Go("/admin/custom_emojis", "emoji_added")


@admin_form("/admin/custom_emojis/{id}", MAY)
async def change_emoji(visit: Visit, id: int) -> Answer:
    """Change category and marks."""
    flag = visit.params.flag
    change = EmojiChange(
        category=visit.params.text("category"),
        visible_in_picker=bool(flag("visible_in_picker")),
        featured=bool(flag("featured")),
        disabled=bool(flag("disabled")),
    )
    await painting.change(visit.server, _me(visit), id, change)
    return Go("/admin/custom_emojis", "saved")


@admin_form("/admin/custom_emojis/{id}/delete", MAY)
async def delete_emoji(visit: Visit, id: int) -> Answer:
    """Take it away with its file."""
    await painting.remove(visit.server, _me(visit), id)
    return Go("/admin/custom_emojis", "emoji_removed")


async def _list(visit: Visit, typed: dict[str, str], errors: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        ours = await emojis.all_ours(tx)
        seen = await emojis.foreign(tx, painting.SEEN_IN)
        around = await visit.page(tx)
    by_category = sorted(ours, key=lambda one: (one.category or "", one.shortcode))
    groups = [(category, list(found)) for category, found in groupby(by_category, key=lambda one: one.category or "")]
    return visit.html(
        "admin/emojis.html",
        around,
        http_code=422 if errors else 200,
        groups=groups,
        bytes=sum(one.file_size for one in ours),
        seen=seen[:LISTED],
        typed={"shortcode": "", "category": ""} | typed,
        errors=errors,
    )


def _me(visit: Visit) -> By:
    return By("admin page", visit.me.id, visit.request.client)


def _problems(error: Invalid) -> dict[str, str]:
    name = next(iter(error.fields), "image")
    return {name if name in ("shortcode", "image") else "image": error.safe.removeprefix("Validation failed: ")}
