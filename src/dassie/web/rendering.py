"""Makes HTML from templates."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from dassie.domain.quotes import approval
from dassie.domain.sizes import show_size
from dassie.web import assets, filters, texts
from dassie.web.shown import Page

TEMPLATES = Path(__file__).parent / "templates"

SCRIPT_TEXTS = {
    "close": "Close",
    "copied": "Copied.",
    "failed": "That did not work. Please try again.",
    "unreachable": "The server could not be reached. Please try again.",
    "new1": "1 new post",
    "newN": "{n} new posts",
    "came1": "1 new post above",
    "cameN": "{n} new posts above",
    "more1": "1 more post",
    "moreN": "{n} more posts",
    "draft": "We kept what you had typed here before.",
    "discard": "Discard it",
    "describe": "Description for people who cannot see it",
    "remove": "Remove",
    "uploading": "{n} % sent",
    "retry": "Try again",
    "bare1": "One file has no description. People who cannot see it will not know what it shows.",
    "bareN": "{n} files have no description. People who cannot see them will not know what they show.",
    "add": "Add",
    "anyway": "Post anyway",
}
"""What scripts say (web/src/texts.ts), by the names they use."""


def render(template: str, page: Page, **values: Any) -> str:
    """The HTML of a whole page or a fragment, in the language of `page`."""
    texts.use(page.lang)
    return _environment.get_template(template).render(page=page, **values)


def render_letter(template: str, **values: Any) -> str:
    """The text or HTML of a letter, in the language in use."""
    return _environment.get_template(template).render(**values)


@lru_cache(maxsize=256)
def icon(name: str, extra: str = "") -> Markup:
    """An icon of the sprite; decorative, so the control around it needs a name."""
    classes = f"i {extra}".strip()
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        classes, assets.asset("i.svg"), name
    )


def script_texts() -> Markup:
    """The sentences of the scripts as JSON that is safe within a script element."""
    told = json.dumps({name: texts.gettext(text) for name, text in SCRIPT_TEXTS.items()}, ensure_ascii=False)
    safe = told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)  # noqa: S704 - no character of HTML is left


@pass_context
def _name(context: Context, account: Any) -> Markup:
    return filters.name(account, context["page"].urls)


@pass_context
def _emojify(context: Context, text: Any, emojis: Any) -> Markup:
    return filters.emojify(text, emojis, context["page"].urls)


@pass_context
def _content(context: Context, status: Any) -> Markup:
    return filters.content(status, context["page"].urls)


def _quotable(status: Any, own: bool) -> bool:
    """Whether to offer quoting a post. Who follows whom is settled when the composer opens."""
    return approval(status.row.quote_policy, status.row.visibility, own=own, follows=True, followed=True) in (
        "automatic",
        "manual",
    )


@pass_context
def _reltime(context: Context, at: Any) -> Markup:
    full = filters.full_time(at)
    return Markup('<time datetime="{}" title="{}" data-t="ago">{}</time>').format(
        _iso(at), full, filters.ago(at, context["page"].now)
    )


def _datetime(at: Any) -> Markup:
    return Markup('<time datetime="{}" data-t="full">{}</time>').format(_iso(at), filters.full_time(at))


def _iso(at: Any) -> str:
    return str(at.isoformat(timespec="seconds").replace("+00:00", "Z"))


@pass_context
def _left(context: Context, at: Any) -> str:
    return filters.left(at, context["page"].now)


def _make() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        cache_size=-1,
        auto_reload=False,
    )
    environment.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"asset": assets.asset, "icon": icon, "script_texts": script_texts}
    environment.filters |= {
        "name": _name,
        "emojify": _emojify,
        "content": _content,
        "quotable": _quotable,
        "reltime": _reltime,
        "datetime": _datetime,
        "left": _left,
        "link": filters.link,
        "host": filters.host,
        "day": filters.day,
        "count": filters.count,
        "number": filters.number,
        "percent": filters.percent,
        "bytes": show_size,
        "plain": filters.plain,
        "is_long": filters.is_long,
        "focal": filters.focal,
        "size": filters.size,
    }
    return environment


_environment = _make()
