"""The pages of docs/reference/api: each group of endpoints, the entities, and what is not as Mastodon has it."""

from __future__ import annotations

from typing import Any

from dassie.api import differences
from dassie.api.openapi import METHODS, about, document, group_of
from dassie.api.routing import API, ROUTES
from dassie.door.routing import Route
from dassie.door.taking import Take

Described = dict[str, Any]
INTRODUCTION = """# The client API

It is Mastodon's: what its documentation says holds here, but for the [differences](differences.md); how far that is
checked says [the contract](contract.md). A running server describes it for programs at `/api/openapi.json`
(OpenAPI 3.1). Shapes of answers are under [entities](entities.md).

Parameters may come in the address, as a form, as a form in parts or as JSON, also mixed. Lists are `name[]` or an
array, objects `name[part]` or an object. Answers carry `X-RateLimit-…`; lists say in `Link` how they go on.
"""
KINDS = {
    "text": "text",
    "word": "one of",
    "flag": "yes or no",
    "integer": "whole number",
    "limit": "how many",
    "id": "id",
    "time": "time",
    "texts": "texts",
    "ids": "ids",
    "words": "some of",
    "file": "file",
    "object": "object",
    "objects": "list of objects",
    "header": "header",
}


def api_pages() -> dict[str, str]:
    """The text of every page by file name."""
    whole = document("https://social.example")
    routes = sorted((route for route in ROUTES if route.door is API), key=lambda route: route.path)
    groups = sorted({group_of(route) for route in routes})
    pages = {f"api/{group}.md": _group(group, routes, whole) for group in groups}
    pages["api/entities.md"] = _entities(whole["components"]["schemas"])
    pages["api/differences.md"] = _differences()
    pages["api/README.md"] = _index(groups)
    return pages


def _index(groups: list[str]) -> str:
    lines = [f"| [{group}]({group}.md) | {_cell(about(group))} |" for group in groups]
    table = "\n".join(["| Group | What |", "| --- | --- |", *lines])
    return f"{INTRODUCTION}\n{table}\n"


def _group(group: str, routes: list[Route], whole: Described) -> str:
    parts = [f"# {group}\n\n{about(group)}\n"]
    for route in routes:
        if group_of(route) == group:
            methods = [method for method in METHODS if method in route.methods]
            parts.append(_endpoint(route, methods, whole["paths"][route.path][methods[0].lower()]))
    return "\n".join(parts)


def _endpoint(route: Route, methods: list[str], operation: Described) -> str:
    name = f"{methods[0]} {route.path}"
    lines = [f"## {', '.join(methods)} `{route.path}`", "", operation["summary"]]
    if "description" in operation:
        lines += ["", operation["description"]]
    lines += ["", f"Token: {_token(operation)}. Answer: {_answer(operation)}."]
    if operation.get("deprecated"):
        lines[-1] += " Deprecated."
    lines += [f"{code}: {text}." for code, text in sorted(route.rules["codes"].items())]
    takes = list(route.rules["takes"].values())
    if takes:
        lines += ["", "| Parameter | Kind | What |", "| --- | --- | --- |", *_rows(takes)]
    passed_over = differences.NOT_TAKEN.get(name, {})
    lines += [f"\nOtherwise than Mastodon: `{one}` is passed over. {why}" for one, why in passed_over.items()]
    lines += [f"\nOtherwise than Mastodon: {why}" for one, why in differences.MORE.items() if one == name]
    return "\n".join(lines) + "\n"


def _token(operation: Described) -> str:
    scopes = [f"`{scope}`" for way in operation["security"] for scope in way.get("token", ())]
    named = f", scope {' or '.join(scopes)}" if scopes else ""
    whose = {"none": "none", "app": "any", "user": "a person's", "optional": "optional"}[operation["x-token"]]
    return whose + named


def _answer(operation: Described) -> str:
    ((kind, content),) = operation["responses"]["200"]["content"].items()
    return said(content["schema"]) if kind == "application/json" else f"`{kind}`"


def said(schema: Described) -> str:
    """A schema in words, with links to entities."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](entities.md#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(said(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join("null" if one is None else f"`{one}`" for one in schema["enum"])
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return f"{said(schema | {'type': kind[0]})} or null"
    if kind == "array":
        return f"list of {said(schema['items'])}"
    if kind == "object":
        inside = schema.get("additionalProperties")
        return f"object of {said(inside)}" if inside else "object"
    return _plain(kind, schema)


def _plain(kind: str, schema: Described) -> str:
    formats = {"date-time": "time", "date": "day", "uri": "address"}
    if "pattern" in schema:
        return "id" if "-?" in schema["pattern"] else "number as text"
    if schema.get("description") == "HTML":
        return "HTML"
    words = {"string": "text", "integer": "whole number", "boolean": "yes or no", "number": "number", "null": "null"}
    return formats.get(schema.get("format", ""), words.get(kind, kind))


def _rows(takes: list[Take], outer: str = "") -> list[str]:
    rows = []
    for take in takes:
        name = f"{outer}[{take.name}]" if outer else take.name
        needed = " (needed)" if take.required else ""
        rows.append(f"| `{name}`{needed} | {_kind(take)} | {_cell(take.says)} |")
        rows += _rows(list(take.inside), name if take.kind == "object" else f"{name}[]")
    return rows


def _kind(take: Take) -> str:
    kind = KINDS[take.kind]
    if take.words:
        return f"{kind} {', '.join(f'`{word}`' for word in take.words)}"
    if take.kind == "limit":
        return f"{kind}: {take.default}, at most {take.most}"
    if take.kind == "integer" and take.least is not None and take.most is not None:
        return f"{kind} from {take.least} to {take.most}"
    unit = {"text": " characters"}.get(take.kind, "")
    return f"{kind}, at most {take.most}{unit}" if take.most is not None else kind


def _entities(schemas: Described) -> str:
    parts = ["# Entities\n\nWhat answers are made of. A part in *italics* need not be there.\n"]
    for name, schema in schemas.items():
        needed = set(schema.get("required", ()))
        parts.append(f"## {name}\n")
        if "description" in schema:
            parts.append(schema["description"] + "\n")
        rows = [
            f"| {f'`{part}`' if part in needed else f'*`{part}`*'} | {said(kind).replace('entities.md', '')} |"
            for part, kind in schema["properties"].items()
        ]
        if rows:
            parts.append("\n".join(["| Part | Kind |", "| --- | --- |", *rows]) + "\n")
    return "\n".join(parts)


def _differences() -> str:
    parts = ["# What is not as Mastodon has it\n\nThe list is kept in `src/dassie/api/differences.py`.\n"]
    unserved = [f"| `{name}` | {why} |" for name, why in sorted(differences.NOT_SERVED.items())]
    parts.append(
        _section("Endpoints that are not here", unserved, "None: all that Mastodon documents for apps is here.")
    )
    passed = [
        f"| `{name}`: `{one}` | {why} |"
        for name, all in sorted(differences.NOT_TAKEN.items())
        for one, why in all.items()
    ]
    parts.append(_section("Parameters that are passed over", passed, "None."))
    parts.append(
        _section(
            "Answers with more", [f"| `{one}` | {why} |" for one, why in sorted(differences.MORE.items())], "None."
        )
    )
    conduct = [f"| {what} | {why} |" for what, why in differences.CONDUCT.items()]
    parts.append(_section("Conduct", conduct, "None."))
    parts.append(f"## Our own\n\nUnder `{differences.OUR_OWN}`. {differences.OWN_REASON}\n")
    return "\n".join(parts)


def _section(title: str, rows: list[str], empty: str) -> str:
    table = "\n".join(["| What | Why |", "| --- | --- |", *rows]) if rows else empty
    return f"## {title}\n\n{table}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
