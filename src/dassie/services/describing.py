"""What the owner says about this server: name, description, rules, privacy policy, terms of service."""

from __future__ import annotations

from datetime import date
from typing import get_args

from msgspec import Struct, structs

from dassie.domain.errors import Invalid
from dassie.domain.long_texts import render_long
from dassie.domain.settings import InstanceSettings, LiveAccess, Rule, Terms, TopicAccess
from dassie.domain.text import clean, normalise_tag
from dassie.server import Server
from dassie.store import settings
from dassie.store.tx import Tx

LONGEST = {"title": 100, "short_description": 500, "contact_email": 200, "contact_username": 30, "status_page_url": 500}
ACCESS = {
    "local_live_feed_access": get_args(LiveAccess),
    "remote_live_feed_access": get_args(LiveAccess),
    "local_topic_feed_access": get_args(TopicAccess),
    "remote_topic_feed_access": get_args(LiveAccess),
}
LONG = 60_000
"""Characters of a long text."""
MOST_RULES = 50
LONGEST_RULE = 300
MOST_TERMS = 20
"""Versions that are kept, the newest."""


class Said(Struct, frozen=True):
    """As typed."""

    title: str
    short_description: str
    contact_email: str
    contact_username: str
    status_page_url: str
    extended: str
    rules: str
    """One in each line."""
    privacy: str
    local_live_feed_access: str = ""
    """Who may read which feeds; empty: as before."""
    remote_live_feed_access: str = ""
    local_topic_feed_access: str = ""
    remote_topic_feed_access: str = ""


async def describe(tx: Tx, server: Server, said: Said) -> InstanceSettings:
    """Keep what was typed; raises `Invalid` with the fields that are wrong."""
    before = await settings.instance(tx)
    short = {name: " ".join(clean(getattr(said, name)).split()) for name in LONGEST}
    _check(said, short)
    after = structs.replace(
        before,
        **short,
        rules=_rules(said.rules, before.rules),
        extended_source=said.extended,
        privacy_source=said.privacy,
        **{name: getattr(said, name) or getattr(before, name) for name in ACCESS},
    )
    if said.extended != before.extended_source:
        shown = _html(server, said.extended)
        after = structs.replace(after, extended_description=shown, extended_description_at=tx.now)
    if said.privacy != before.privacy_source:
        after = structs.replace(after, privacy_policy=_html(server, said.privacy), privacy_policy_at=tx.now)
    await settings.save_instance(tx, after)
    return after


async def publish_terms(tx: Tx, server: Server, text: str, effective_on: date) -> None:
    """Terms of service from this day on; of the same day, they are replaced. Raises `Invalid`."""
    typed = clean(text).strip()
    if not typed or len(typed) > LONG:
        raise _wrong("text", "can't be blank" if not typed else f"is too long (maximum is {LONG} characters)")
    if effective_on < tx.now.date():
        raise _wrong("effective_on", "must not be in the past")
    said = await settings.instance(tx)
    others = [one for one in said.terms if one.effective_on != effective_on]
    new = Terms(effective_on, typed, _html(server, typed), tx.now)
    kept = sorted([*others, new], key=lambda one: one.effective_on, reverse=True)[:MOST_TERMS]
    await settings.save_instance(tx, structs.replace(said, terms=kept))


def _html(server: Server, typed: str) -> str:
    return render_long(typed, lambda name: server.urls.tag(normalise_tag(name)))


def _rules(typed: str, before: list[Rule]) -> list[Rule]:
    """A rule that is said as before keeps its number and hint: reports name it by that."""
    known = {rule.text: rule for rule in before}
    last = max((rule.id for rule in before), default=0)
    out: list[Rule] = []
    for text in dict.fromkeys(" ".join(line.split()) for line in clean(typed).split("\n") if line.strip()):
        if text not in known:
            last += 1
        out.append(known.get(text) or Rule(last, text))
    return out


def _check(said: Said, short: dict[str, str]) -> None:
    for name, text in short.items():
        if len(text) > LONGEST[name]:
            raise _wrong(name, f"is too long (maximum is {LONGEST[name]} characters)")
    for name, words in ACCESS.items():
        if (chosen := getattr(said, name)) and chosen not in words:
            raise _wrong(name, f"must be one of {', '.join(words)}")
    for name, text in (("extended", said.extended), ("privacy", said.privacy)):
        if len(text) > LONG:
            raise _wrong(name, f"is too long (maximum is {LONG} characters)")
    if short["status_page_url"] and not short["status_page_url"].startswith(("https://", "http://")):
        raise _wrong("status_page_url", "must begin with https://")
    lines = [line for line in said.rules.split("\n") if line.strip()]
    if len(lines) > MOST_RULES:
        raise _wrong("rules", f"are too many (maximum is {MOST_RULES})")
    if any(len(line) > LONGEST_RULE for line in lines):
        raise _wrong("rules", f"are too long (maximum is {LONGEST_RULE} characters each)")


def _wrong(name: str, why: str) -> Invalid:
    return Invalid(f"Validation failed: {name} {why}", fields={name: [("ERR_INVALID", why)]})
