"""Long texts about this server: privacy policy and terms of service."""

from __future__ import annotations

from datetime import date

from dassie.api.entities.instance_shapes import PrivacyPolicy, TermsOfService
from dassie.api.entities.values import stamp
from dassie.api.routing import Call, Reply, get
from dassie.domain.errors import NotFound
from dassie.domain.privacy import default_policy
from dassie.domain.settings import Terms, next_terms, terms_now
from dassie.store import instance_facts, settings

FIVE_MINUTES = [("cache-control", "public, max-age=300")]


@get("/api/v1/instance/privacy_policy", takes=[])
async def privacy_policy(call: Call) -> Reply[PrivacyPolicy]:
    """The owner's words, or what the software keeps."""
    async with call.server.read() as tx:
        said = await settings.instance(tx)
        at = said.privacy_policy_at or await instance_facts.first_login_at(tx) or tx.now
    content = said.privacy_policy or default_policy()
    shown: PrivacyPolicy = {"updated_at": stamp(at), "content": content}
    return Reply(shown, headers=list(FIVE_MINUTES))


@get("/api/v1/instance/terms_of_service", takes=[])
async def terms_of_service(call: Call) -> Reply[TermsOfService]:
    """The terms in force, or the first that will be; 404 where there are none."""
    async with call.server.read() as tx:
        said = await settings.instance(tx)
        today = tx.now.date()
    found = terms_now(said.terms, today)
    if found is None:
        raise NotFound
    return Reply(_show(found, said.terms, today), headers=list(FIVE_MINUTES))


@get("/api/v1/instance/terms_of_service/{date}", takes=[])
async def terms_of_date(call: Call, date: str) -> Reply[TermsOfService]:
    """The terms that came into force on a day."""
    async with call.server.read() as tx:
        said = await settings.instance(tx)
        today = tx.now.date()
    for one in said.terms:
        if one.effective_on.isoformat() == date:
            return Reply(_show(one, said.terms, today), headers=list(FIVE_MINUTES))
    raise NotFound


def _show(one: Terms, terms: list[Terms], today: date) -> TermsOfService:
    after = next_terms(terms, one)
    return {
        "effective_date": one.effective_on.isoformat(),
        "effective": one.effective_on <= today,
        "content": one.content,
        "succeeded_by": after.effective_on.isoformat() if after is not None else None,
    }
