"""The parts of the admin pages: each registers itself with its page, and shows itself to those who may use it."""

from __future__ import annotations

from dataclasses import dataclass

from dassie.domain.roles import may
from dassie.web import texts
from dassie.web.shown import Section


@dataclass(frozen=True, slots=True)
class _Entry:
    place: int
    path: str
    label: str
    permission: str


_ENTRIES: dict[str, _Entry] = {}


def add(path: str, label: str, permission: str, place: int) -> None:
    """Add a section; `label` is its English name, `place` its order in the navigation."""
    _ENTRIES[path] = _Entry(place, path, label, permission)


def open_to(role: str) -> list[Section]:
    """The sections that logins of this role may use, in order, in the language of the page."""
    chosen = sorted((one for one in _ENTRIES.values() if may(role, one.permission)), key=lambda one: one.place)
    return [Section(one.path, texts.gettext(one.label)) for one in chosen]
