"""Long texts that an admin types: headings, lists, paragraphs and links, made into HTML."""

from __future__ import annotations

from collections.abc import Callable

from dassie.domain.html import escape_text
from dassie.domain.text import clean, render


def render_long(typed: str, tag_url: Callable[[str], str]) -> str:
    """HTML of a text: a line that begins with `# ` is a heading, lines with `- ` are a list, the rest paragraphs."""
    out: list[str] = []
    for line in clean(typed).split("\n"):
        kind, text = _kind(line)
        shown = (
            render(text, mention=lambda name, domain: None, tag_url=tag_url).removeprefix("<p>").removesuffix("</p>")
        )
        if kind == "h2":
            out.append(f"<h2>{escape_text(text)}</h2>")
        elif kind == "li" and out and out[-1].endswith("</ul>"):
            out[-1] = out[-1].removesuffix("</ul>") + f"<li>{shown}</li></ul>"
        elif kind == "li":
            out.append(f"<ul><li>{shown}</li></ul>")
        elif not text:
            out.append("")
        elif out and out[-1].endswith("</p>"):
            out[-1] = out[-1].removesuffix("</p>") + f"<br />{shown}</p>"
        else:
            out.append(f"<p>{shown}</p>")
    return "".join(out)


def _kind(line: str) -> tuple[str, str]:
    text = line.strip()
    if text.startswith("# "):
        return "h2", text[2:].strip()
    if text.startswith(("- ", "* ")):
        return "li", text[2:].strip()
    return "p", text
