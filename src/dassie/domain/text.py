"""Text that people type: what is in it (mentions, tags, links, emoji), how long it counts, how it is shown.

The rules are Mastodon's (`limits_and_rules` 7 and 11), since apps count along while one types. Every pattern
takes time linear in the text: no alternative is tried twice over the same characters.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import regex

from dassie.domain.html import escape, escape_text

URL_COUNTS = 23
"""How many characters a link counts, however long it is."""
URL_SHOWN = 30
"""How many characters of a link are shown, after its scheme."""
MAX_URL = 4_096
"""A longer run of characters is not a link."""

Mention = Callable[[str, "str | None"], "tuple[str, str] | None"]
"""Given username and domain (None: ours), the page of that account and the name to show, or None if unknown."""


@dataclass(frozen=True, slots=True)
class UrlText:
    """A link in a text, at `text[start:end]`."""

    url: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MentionText:
    """`@username` or `@username@domain` in a text; `username` as typed, `domain` in lower case."""

    username: str
    domain: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TagText:
    """A hashtag in a text; `name` as typed, without its sign."""

    name: str
    start: int
    end: int


Entity = UrlText | MentionText | TagText

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]{1,2}")
_CLUSTER = regex.compile(r"\X")
# Signs that end a link wherever they stand: quotes and the full stops of scripts without spaces.
_URL = regex.compile(
    r"(?<![A-Za-z0-9_@＠$#＃])(?:(?:https?|dat|dweb|ipfs|ipns|ssb|gopher|gemini)://|xmpp:|magnet:\?)"
    r"[^\s\p{C}<>\"`{}|\\^「」『』【】《》〈〉。、，！？；：（）“”«»]{1,4096}+",
    regex.IGNORECASE,
)
_HOST = regex.compile(
    r"([\p{L}\p{M}\p{N}_]++(?:(?:\.|-++)[\p{L}\p{M}\p{N}_]++)*+)\.?(?::([0-9]{1,5})(?![0-9]))?(?=[/?#]|\Z)"
)
_URL_TAIL = "?!*\"'<>;:=,.$%[]~&|@+…’”›"
_BRACKET = re.compile(r"[()]")
_WORD = r"\p{L}\p{M}\p{Nd}\p{Pc}"
_MENTION = regex.compile(
    rf"(?<![=/{_WORD}])@([A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+)"
    rf"(?:@([{_WORD}]++(?:[.-]++[{_WORD}]++)*+)(?::([0-9]{{2,5}})(?![0-9]))?+)?+"
)
_SEPARATORS = "·・\u200c"
_TAG = regex.compile(rf"(?<![=/)\p{{L}}\p{{M}}\p{{N}}])[#＃]([{_WORD}][{_WORD}{_SEPARATORS}]*+)")
_LETTER = regex.compile(r"[\p{Alphabetic}]")
_INNER_SEPARATOR = regex.compile(rf"[_{_SEPARATORS}]")
_NOT_IN_TAG = regex.compile(rf"[^\p{{L}}\p{{M}}\p{{N}}_{_SEPARATORS}]")
_SHORTCODE = regex.compile(r"(?<![\p{L}\p{M}\p{N}:]):([A-Za-z0-9_]{2,128}):(?![\p{L}\p{M}\p{N}:])")
_HIDDEN_START = re.compile(r"(?:https?://(?:www\.)?|xmpp:)", re.IGNORECASE)


def clean(text: str) -> str:
    """The text as typed, less what no text needs: control characters (NUL), half surrogates, carriage returns."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def count(text: str) -> int:
    """How long a text is for its author: grapheme clusters; a link counts 23, a mention without its domain."""
    parts: list[str] = []
    at = 0
    for entity in _entities(text, tags=False):
        parts.append(text[at : entity.start])
        parts.append(f"@{entity.username}" if isinstance(entity, MentionText) else "x" * URL_COUNTS)
        at = entity.end
    parts.append(text[at:])
    return _clusters("".join(parts))


def find_urls(text: str) -> list[UrlText]:
    """The links in a text, without the punctuation around them."""
    return list(_urls(text))


def find_mentions(text: str) -> list[MentionText]:
    """The mentions in a text, in order, with repetitions; not those inside links, nor mail addresses."""
    return [entity for entity in _entities(text) if isinstance(entity, MentionText)]


def find_tags(text: str) -> list[TagText]:
    """The hashtags in a text, in order, with repetitions; not those inside links."""
    return [entity for entity in _entities(text) if isinstance(entity, TagText)]


def find_emoji_shortcodes(text: str) -> list[str]:
    """The different `:shortcode:`s in a text, without colons, in order. Whether they exist is not asked."""
    return list(dict.fromkeys(_SHORTCODE.findall(text)))


def normalise_tag(name: str) -> str:
    """The form under which a tag is stored and compared: `＃Café_Culture` is `cafe_culture`.

    NFKC, lower case, Latin letters without their accents, and nothing that cannot be in a tag. Empty when
    nothing is left.
    """
    plain = unicodedata.normalize("NFKC", name.strip().lstrip("#＃")).lower()
    return str(_NOT_IN_TAG.sub("", plain.translate(_WITHOUT_ACCENTS)))


def render(text: str, *, mention: Mention, tag_url: Callable[[str], str]) -> str:
    """The HTML of a text written here: paragraphs, line breaks, links, mentions and hashtags.

    `mention` is asked for every mention (a None leaves it as text), `tag_url` for the page of a tag by its
    name as typed.
    """
    paragraphs: list[list[str]] = [[]]
    for line in clean(text).split("\n"):
        if line.strip():
            paragraphs[-1].append(_line(line, mention, tag_url))
        elif paragraphs[-1]:
            paragraphs.append([])
    return "".join(f"<p>{'<br />'.join(lines)}</p>" for lines in paragraphs if lines)


def _line(text: str, mention: Mention, tag_url: Callable[[str], str]) -> str:
    parts: list[str] = []
    at = 0
    for entity in _entities(text):
        parts.append(escape_text(text[at : entity.start]))
        parts.append(_entity(entity, text, mention, tag_url))
        at = entity.end
    parts.append(escape_text(text[at:]))
    return "".join(parts)


def _entity(entity: Entity, text: str, mention: Mention, tag_url: Callable[[str], str]) -> str:
    if isinstance(entity, UrlText):
        return _link(entity.url)
    if isinstance(entity, TagText):
        href = escape(tag_url(entity.name))
        return f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{escape_text(entity.name)}</span></a>'
    found = mention(entity.username, entity.domain)
    if found is None:
        return escape_text(text[entity.start : entity.end])
    href, shown = found
    return (
        f'<span class="h-card" translate="no"><a href="{escape(href)}" class="u-url mention">'
        f"@<span>{escape_text(shown)}</span></a></span>"
    )


def _link(url: str) -> str:
    """A link of three spans: its scheme hidden, 30 characters shown, the tail hidden behind an ellipsis."""
    hidden = _HIDDEN_START.match(url)
    start = hidden.end() if hidden else 0
    cut = len(url) > start + URL_SHOWN + 1  # an ellipsis in place of one character would gain nothing
    end = start + URL_SHOWN if cut else len(url)
    return (
        f'<a href="{escape(url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{escape_text(url[:start])}</span>'
        f'<span class="{"ellipsis" if cut else ""}">{escape_text(url[start:end])}</span>'
        f'<span class="invisible">{escape_text(url[end:])}</span></a>'
    )


def _entities(text: str, *, tags: bool = True) -> Sequence[Entity]:
    """Links, mentions and tags by position. Of two that overlap, the one that begins first counts."""
    urls = list(_urls(text))
    others: list[Entity] = list(_mentions(text)) if "@" in text else []
    if tags and ("#" in text or "＃" in text):
        others.extend(_tags(text))
    if urls:
        others = _outside(others, urls)
    return sorted([*urls, *others], key=lambda entity: entity.start)


def _outside(entities: Sequence[Entity], urls: Sequence[UrlText]) -> list[Entity]:
    starts = [url.start for url in urls]

    def inside(entity: Entity) -> bool:
        before = bisect_right(starts, entity.start) - 1
        return before >= 0 and urls[before].end > entity.start

    return [entity for entity in entities if not inside(entity)]


def _urls(text: str) -> Iterator[UrlText]:
    at = 0
    while match := _URL.search(text, at):
        url = _trimmed(match[0])
        if url and len(match[0]) <= MAX_URL:
            yield UrlText(url, match.start(), match.start() + len(url))
            at = match.start() + len(url)
        else:
            at = match.end()


def _trimmed(run: str) -> str:
    """The link at the start of a run of characters, or nothing when it leads nowhere.

    It ends before a bracket without its partner, and before closing punctuation: `(see https://a.example/b).`
    """
    opened: list[int] = []
    for bracket in _BRACKET.finditer(run):
        if bracket[0] == "(":
            opened.append(bracket.start())
        elif opened:
            opened.pop()
        else:
            run = run[: bracket.start()]
            break
    if opened:
        run = run[: opened[0]]
    url = run.rstrip(_URL_TAIL)
    scheme, mark, rest = url.partition("://")
    if not mark or ":" in scheme:
        return url if len(url) > len("magnet:?") else ""
    found = _HOST.match(rest)
    if found is None or int(found[2] or 0) > 65_535:
        return ""
    return url if "." in found[1] or found[1].lower() == "localhost" else ""


def _mentions(text: str) -> Iterator[MentionText]:
    for match in _MENTION.finditer(text):
        username, domain, port = match[1], match[2], match[3]
        end = match.end()
        if domain and port:
            # Only a server in a test is called by its port; elsewhere ":30" is the time of the meeting.
            if domain.rpartition(".")[2].isdigit() or "." not in domain:
                domain = f"{domain}:{port}"
            else:
                end = match.end(2)
        yield MentionText(username, domain.lower() if domain else None, match.start(), end)


def _tags(text: str) -> Iterator[TagText]:
    for match in _TAG.finditer(text):
        name = match[1].rstrip(_SEPARATORS)
        # Digits alone are no tag ("#1"); a letter, or a separator between them, makes it one.
        if _LETTER.search(name) or _INNER_SEPARATOR.search(name, 1, max(len(name) - 1, 1)):
            yield TagText(name, match.start(), match.start(1) + len(name))


def _clusters(text: str) -> int:
    if text.isascii():
        return len(text) - text.count("\r\n")
    # Two flag letters make one flag. `regex` looks back over the whole row for each, so a long row of flags
    # would take minutes (regex 2026.11); a plain letter stands in for each pair.
    return len(_CLUSTER.findall(_FLAG_LETTERS.sub("x", text)))


def _accents() -> dict[int, str]:
    """Latin letters of U+00C0 to U+017F to their base letters, as Mastodon folds them."""
    table = {ord(a): b for a, b in zip("ðđħıĸłŋøŧŀ", "ddhiklnotl", strict=True)}
    for code in range(0xC0, 0x180):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table[code] = base
    return table


_WITHOUT_ACCENTS = _accents()
