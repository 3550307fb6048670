"""What routes take, as OpenAPI says it: parameters of an address, and bodies in the three forms that are equal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dassie.door.taking import Take

Schema = dict[str, Any]
ID = "^-?[0-9]{1,19}$"


def queried(takes: Iterable[Take]) -> list[Schema]:
    """Parameters in the address."""
    return [_parameter(name, take) for name, take in _flat(takes)]


def headers(takes: Iterable[Take]) -> list[Schema]:
    """Parameters in headers."""
    return [_parameter(take.name, take) | {"in": "header"} for take in takes if take.kind == "header"]


def named(name: str, kind: str) -> Schema:
    """A name of the path; `kind` is how the handler annotates it."""
    schema: Schema = {"type": "string", "pattern": ID} if kind.endswith("Id") or kind == "int" else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def body(takes: list[Take]) -> Schema:
    """A body as JSON and as a form; a form with files is one in parts."""
    flat = dict(_flat(takes))
    forms = {name: form_schema(take) for name, take in flat.items()}
    form: Schema = {"type": "object", "properties": forms}
    if needed := [name for name, take in flat.items() if take.required and "[" not in name.removesuffix("[]")]:
        form["required"] = needed
    if any(take.kind == "file" for take in flat.values()):
        content = {"multipart/form-data": {"schema": form}}
    else:
        content = {"application/x-www-form-urlencoded": {"schema": form}}
    content["application/json"] = {"schema": together([take for take in takes if take.kind != "file"])}
    required = any(take.required for take in takes)
    return {"content": content, "required": required}


def together(takes: Iterable[Take]) -> Schema:
    """An object of these."""
    takes = list(takes)
    schema: Schema = {"type": "object", "properties": {take.name: schema_of(take) for take in takes}}
    needed = [take.name for take in takes if take.required]
    return schema | {"required": needed} if needed else schema


def schema_of(take: Take) -> Schema:
    """One parameter in JSON."""
    schema = _plain(take)
    return schema | {"description": take.says} if take.says else schema


def form_schema(take: Take) -> Schema:
    """One parameter in a form, where all is text; a part of an object has its own name there."""
    return {"type": "string", "format": "binary"} if take.kind == "file" else schema_of(take)


def _plain(take: Take) -> Schema:
    text: Schema = {"type": "string"}
    match take.kind:
        case "text" | "header":
            return text if take.most is None else text | {"maxLength": take.most}
        case "word":
            return text | {"enum": list(take.words)}
        case "flag":
            return {"type": "boolean"}
        case "integer":
            bounds = {"minimum": take.least, "maximum": take.most}
            return {"type": "integer"} | {name: value for name, value in bounds.items() if value is not None}
        case "limit":
            return {"type": "integer", "default": take.default, "description": f"At most {take.most}."}
        case "id":
            return text | {"pattern": ID}
        case "time":
            return text | {"format": "date-time"}
        case "texts" | "words" | "ids":
            item = text | {"enum": list(take.words)} if take.words else text
            many: Schema = {"type": "array", "items": item | {"pattern": ID} if take.kind == "ids" else item}
            return many if take.most is None else many | {"maxItems": take.most}
        case "object":
            return together(take.inside)
        case "objects":
            return {"type": "array", "items": together(take.inside)}
        case "file":
            return text | {"format": "binary"}


def _flat(takes: Iterable[Take], outer: str = "") -> Iterable[tuple[str, Take]]:
    """Every parameter under its name in a form: `poll[options][]`."""
    for take in takes:
        name = f"{outer}[{take.name}]" if outer else take.name
        match take.kind:
            case "texts" | "words" | "ids":
                yield f"{name}[]", take
            case "object" if take.inside:
                yield from _flat(take.inside, name)
            case "objects":
                yield from _flat(take.inside, f"{name}[]")
            case _:
                yield name, take


def _parameter(name: str, take: Take) -> Schema:
    schema = _plain(take)
    says = take.says or schema.pop("description", "")
    found: Schema = {"name": name, "in": "query", "schema": schema}
    if take.required:
        found["required"] = True
    return found | {"description": says} if says else found
