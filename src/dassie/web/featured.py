"""The featured tab of a profile: people and hashtags that its owner puts forward, and the owner's form for hashtags."""

from __future__ import annotations

from dassie.domain.errors import Invalid, NotFound
from dassie.services import featuring_tags
from dassie.store import accounts, endorsements, featured_tags
from dassie.web.answers import Answer, Go
from dassie.web.profiles import find, relation, relations
from dassie.web.routing import form, page
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

PEOPLE = 40


@page("/@{username}/featured")
async def featured(visit: Visit, username: str) -> Answer:
    """People and hashtags that somebody here puts forward."""
    return await _page(visit, username, "", {})


@form("/featured_tags")
async def add_tag(visit: Visit) -> Answer:
    """Put a hashtag forward."""
    name = visit.params.text("name", most=1_000) or ""
    try:
        async with visit.server.write() as tx:
            await featuring_tags.feature(tx, visit.me, name)
    except Invalid as error:
        full = "maximum number" in error.safe
        wrong = _("There is room for ten hashtags.") if full else _("This cannot be a hashtag.")
        return await _page(visit, visit.me.username, name, {"name": wrong})
    return Go(f"/@{visit.me.username}/featured", "saved")


@form("/featured_tags/{id}/remove")
async def remove_tag(visit: Visit, id: int) -> Answer:
    """Take it off."""
    async with visit.server.write() as tx:
        await featuring_tags.unfeature(tx, visit.me, id)
    return Go(f"/@{visit.me.username}/featured", "saved")


async def _page(visit: Visit, username: str, typed: str, errors: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        account = await find(tx, visit, username)
        if not account.local or account.suspended_at is not None:
            raise NotFound
        if account.acct != username:
            return Go(f"/@{account.acct}/featured")
        found = await endorsements.of(tx, account.id, visit.part(PEOPLE))
        known = await accounts.by_ids(tx, [id for _row, id in found])
        people = [known[id] for _row, id in found if id in known]
        standing = await relations(tx, visit, people)
        tags = await featured_tags.of(tx, account.id)
        mine = await relation(tx, visit, account)
        around = await visit.page(tx)
    return visit.html(
        "pages/featured.html",
        around,
        http_code=422 if errors else 200,
        account=account,
        relation=mine,
        accounts=people,
        relations=standing,
        tags=tags,
        typed=typed,
        errors=errors,
        older=visit.older([row for row, _id in found], PEOPLE),
    )
