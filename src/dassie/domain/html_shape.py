"""Brings foreign HTML into the few shapes a post can have, before it is sanitised.

Headings become bold paragraphs, pictures links, formulas their TeX, and boxes (`div`, table rows) line
breaks. The result is well nested and shallow, so that a parser which repairs bad nesting cannot be made to
multiply it: unclosed `<b>`s are repeated in every later paragraph, which turns 200 kB into gigabytes.
This is shape only; what is safe is decided afterwards, on the result (`html.sanitise`).
"""

from __future__ import annotations

import re
from html import escape, unescape

from dassie.domain.words import words

MANY_TAGS = 400
"""With more tags than this, HTML is always reshaped; below, the worst nesting costs some milliseconds."""
MAX_DEPTH = 48
MAX_TAGS = 20_000

# One comment, declaration or tag. Every alternative succeeds once it has begun, eating up to the end of the
# text if need be, as browsers do. Nothing is scanned twice, so the time is linear in the length.
TOKEN = re.compile(
    r"<!--(?:-?>|.*?--!?>|.*)|<[!?][^>]*+>?"
    r"|</?+([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)>?",
    re.DOTALL,
)

TAG_NAME = re.compile(r"</?[a-zA-Z][^\s/>]*")
"""The beginnings of tags, such as `<p` and `</p`."""
_ATTRIBUTE = re.compile(r"([a-zA-Z][a-zA-Z-]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"']++)))?+")
_BLOCKS = frozenset({"p", "pre", "blockquote", "ul", "ol", "li"})
_INLINE = words("span a abbr del s code b strong u sub sup i em ruby rt rp")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BOXES = words("div tr hr dd dt section article figure figcaption header footer aside main nav details summary")
_TELLS = frozenset(f"<{name}" for name in (*_HEADINGS, *_BOXES, "img", "math", "td", "th"))
_CELLS = frozenset({"td", "th"})
_RAW = words("script style iframe noembed noframes noscript plaintext svg template textarea title xmp")
_KEPT_ATTRIBUTES = words("href rel class translate title cite start reversed value lang")
_SHORTCODE = re.compile(r":[A-Za-z0-9_]+:\Z")


def needs_reshape(tags: list[str]) -> bool:
    """True where these tags (found by `TAG_NAME`) hold one the sanitiser alone would lose, or are very many."""
    return len(tags) > MANY_TAGS or not _TELLS.isdisjoint({tag.lower() for tag in set(tags)})


def attributes(text: str) -> dict[str, str]:
    """The attributes in the inside of a tag, decoded; of a repeated one the first counts, as in browsers."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def reshape(html: str) -> str:
    """The same content, well nested, in allowed shapes. Linear in the length; never raises."""
    writer = _Writer()
    at = 0
    for count, token in enumerate(TOKEN.finditer(html)):
        if count >= MAX_TAGS:
            break
        writer.text(html[at : token.start()])
        at = token.end()
        if name := token[1]:
            if token[0].startswith("</"):
                writer.close(name.lower())
            else:
                writer.open(name.lower(), token[2])
    else:
        writer.text(html[at:])
    return writer.result()


class _Writer:
    """Writes tags so that each is closed where it must be."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[str] = []
        self._raw: str | None = None
        self._formula: _Formula | None = None
        self._at_edge = True  # nothing to break from: the start, or right after a block's tag
        self._break_due = False

    def text(self, text: str) -> None:
        if self._formula is not None:
            self._formula.text(text)
        elif self._raw is None and text:
            if not text.isspace():
                self._inline_begins()
            self._out.append(text.replace("<", "&lt;"))

    def open(self, name: str, rest: str) -> None:
        if self._formula is not None:
            self._formula.open(name, rest)
        elif self._raw is not None:
            return
        elif name in _RAW:
            self._raw = name
        elif name == "math":
            self._formula = _Formula(rest)
        elif name in _HEADINGS:
            self._heading(rest)
        elif name in _BLOCKS:
            self._block(name, rest)
        elif name in _INLINE:
            self._inline_begins()
            self._start(name, rest)
        else:
            self._void(name, rest)

    def close(self, name: str) -> None:
        if self._formula is not None:
            if name == "math":
                formula, self._formula = self._formula.result(), None
                self.text(escape(formula, quote=False))
            else:
                self._formula.close(name)
        elif self._raw is not None:
            self._raw = None if name == self._raw else self._raw
        elif name in _BOXES:
            self._break_due = True
        elif name in _HEADINGS:
            self._close_to("heading")
        elif name in self._open:
            self._close_to(name)

    def result(self) -> str:
        if self._formula is not None:
            self._out.append(escape(self._formula.result(), quote=False))
        while self._open:
            self._end()
        return "".join(self._out)

    def _block(self, name: str, rest: str) -> None:
        if "heading" in self._open or "pre" in self._open:
            self._break_due = True
            return
        self._close_to("p")
        if name == "li" and self._innermost("li", "ul", "ol") == "li":
            self._close_to("li")
        self._edge()
        self._start(name, rest)

    def _heading(self, rest: str) -> None:
        if "heading" in self._open or "pre" in self._open:
            self._break_due = True
            return
        self._close_to("p")
        if len(self._open) < MAX_DEPTH:
            self._edge()
            self._out.append("<p><strong>")
            self._open.append("heading")

    def _void(self, name: str, rest: str) -> None:
        if name == "br":
            self._edge()
            self._out.append("<br>")
        elif name == "img":
            self._picture(attributes(rest))
        elif name in _BOXES:
            self._break_due = True
        elif name in _CELLS:
            self._out.append(" ")

    def _picture(self, given: dict[str, str]) -> None:
        """A link to the picture, called by its description; an emoji drawn as a picture is its text."""
        alt, source = given.get("alt", "").strip(), given.get("src", "").strip()
        self._inline_begins()
        if not source.lower().startswith(("http://", "https://")) or "a" in self._open or _is_emoji(alt):
            self._out.append(escape(alt))
            return
        name = alt or re.sub(r"^https?://(?:www\.)?", "", source, flags=re.IGNORECASE)[:30]
        self._out.append(f'<a href="{escape(source)}">{escape(name)}</a>')

    def _inline_begins(self) -> None:
        if self._break_due and not self._at_edge:
            self._out.append("<br>")
        self._break_due = self._at_edge = False

    def _edge(self) -> None:
        self._at_edge, self._break_due = True, False

    def _start(self, name: str, rest: str) -> None:
        if len(self._open) >= MAX_DEPTH:
            return
        if name == "a":
            self._close_to("a")
        kept = [f' {key}="{escape(value)}"' for key, value in attributes(rest).items() if key in _KEPT_ATTRIBUTES]
        self._out.append(f"<{name}{''.join(kept)}>")
        self._open.append(name)

    def _close_to(self, name: str) -> None:
        """Close the innermost `name` and all that is open inside it; nothing when there is none."""
        if name in self._open:
            while self._end() != name:
                pass

    def _end(self) -> str:
        name = self._open.pop()
        self._out.append("</strong></p>" if name == "heading" else f"</{name}>")
        if name in _BLOCKS or name == "heading":
            self._edge()
        return name

    def _innermost(self, *names: str) -> str | None:
        return next((name for name in reversed(self._open) if name in names), None)


class _Formula:
    """Collects the text that stands for a MathML formula: its TeX, or what else can be read (FEP-dc88)."""

    def __init__(self, rest: str) -> None:
        given = attributes(rest)
        self._mark = "$$" if given.get("display", "").lower() == "block" else "$"
        self._spoken = given.get("alttext", "")
        self._found: dict[str, list[str]] = {}
        self._into: str | None = ""

    def open(self, name: str, rest: str) -> None:
        if name == "annotation":
            self._into = attributes(rest).get("encoding", "").lower()
        elif name == "annotation-xml":
            self._into = None

    def close(self, name: str) -> None:
        if name.startswith("annotation"):
            self._into = ""

    def text(self, text: str) -> None:
        if self._into is not None:
            self._found.setdefault(self._into, []).append(text)

    def result(self) -> str:
        if tex := self._read("application/x-tex"):
            return f"{self._mark}{tex}{self._mark}"
        return self._read("text/plain") or self._spoken or self._read("")

    def _read(self, encoding: str) -> str:
        return " ".join(unescape("".join(self._found.get(encoding, ()))).split())


def _is_emoji(alt: str) -> bool:
    """True for a shortcode or a few signs without a letter, which WordPress and others send as pictures."""
    return bool(_SHORTCODE.match(alt)) or (0 < len(alt) <= 10 and not alt.isascii() and not any(map(str.isalpha, alt)))
