"""Admin: what this server says about itself, its rules, privacy policy and terms of service."""

from __future__ import annotations

from datetime import date

from msgspec import structs

from dassie.domain.errors import Invalid
from dassie.services import describing
from dassie.services.describing import Said
from dassie.store import settings
from dassie.web.admin import admin_form, admin_page, record
from dassie.web.answers import Answer, Go
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

MAY = "manage_settings"
NO_TERMS = {"text": "", "effective_on": ""}


@admin_page("/admin/about", MAY, section="About", place=50)
async def about(visit: Visit) -> Answer:
    """The texts, to be changed."""
    return await _page(visit)


@admin_form("/admin/about", MAY)
async def describe(visit: Visit) -> Answer:
    """Keep what was typed."""
    typed = {
        name: (visit.params.text(name, most=200_000) or "").replace("\r\n", "\n") for name in Said.__struct_fields__
    }
    try:
        async with visit.server.write() as tx:
            await describing.describe(tx, visit.server, Said(**typed))
            await record(tx, visit, "instance.described")
    except Invalid as error:
        return await _page(visit, typed=typed, errors=_errors(error))
    return Go("/admin/about", "saved")


@admin_form("/admin/about/terms", MAY)
async def publish_terms(visit: Visit) -> Answer:
    """Terms of service from a day on."""
    typed = {name: (visit.params.text(name, most=200_000) or "").replace("\r\n", "\n") for name in NO_TERMS}
    try:
        day = date.fromisoformat(typed["effective_on"].strip())
    except ValueError:
        return await _page(visit, terms=typed, errors={"effective_on": _("This is no day. Days look like 2027-03-01.")})
    try:
        async with visit.server.write() as tx:
            await describing.publish_terms(tx, visit.server, typed["text"], day)
            await record(tx, visit, "terms.published", day.isoformat())
    except Invalid as error:
        return await _page(visit, terms=typed, errors=_errors(error))
    return Go("/admin/about", "saved")


def _errors(error: Invalid) -> dict[str, str]:
    return {name: problems[0][1] for name, problems in (error.fields or {"": [("", error.safe)]}).items()}


async def _page(
    visit: Visit,
    *,
    typed: dict[str, str] | None = None,
    terms: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Answer:
    async with visit.server.read() as tx:
        said = await settings.instance(tx)
        around = await visit.page(tx)
    shown = structs.asdict(
        Said(
            title=said.title,
            short_description=said.short_description,
            contact_email=said.contact_email,
            contact_username=said.contact_username,
            status_page_url=said.status_page_url,
            extended=said.extended_source,
            rules="\n".join(rule.text for rule in said.rules),
            privacy=said.privacy_source,
            **{name: getattr(said, name) for name in describing.ACCESS},
        )
    )
    return visit.html(
        "admin/about.html",
        around,
        http_code=422 if errors else 200,
        typed=typed or shown,
        terms=terms or NO_TERMS,
        published=[one.effective_on.isoformat() for one in said.terms],
        errors=errors or {},
    )
