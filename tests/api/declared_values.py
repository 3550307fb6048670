"""Values drawn from what routes declare: what fits, what is just beyond, and what is no such thing."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dassie.door.taking import Take

LONGEST = 2_000
"""Texts are drawn a little beyond their bound where that is not larger."""
TEXTS = ["hello", "", " ", "#cats", "@bob", "ana", "https://here.test/@ana", "en", "\x00", "🦣" * 3, "a\nb", "null"]
ODD: list[Any] = ["", "x", "-1", None, [], {}, True, 1.5, ["a", ["b"]], {"a": {"b": "c"}}]
TIMES = ["2030-01-01T00:00:00Z", "2020-01-01", "now", "2030-01-01T00:00:00+14:00", "0001-01-01T00:00:00+23:59"]


def values_of(takes: list[Take], ids: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the parameters with a value each; those that are needed nearly always."""
    parts = {take.name: value_of(take, ids) for take in takes if take.kind not in ("header", "file")}
    needed = {take.name: parts[take.name] for take in takes if take.required and take.name in parts}
    optional = {name: value for name, value in parts.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=optional)


def value_of(take: Take, ids: list[str]) -> st.SearchStrategy[Any]:
    """A value that mostly fits one parameter."""
    good = _good(take, ids)
    return st.one_of(good, good, good, st.sampled_from(ODD))


def _good(take: Take, ids: list[str]) -> st.SearchStrategy[Any]:
    id = st.sampled_from([*ids, *ids, "0", "99999", "9" * 19, "9" * 40])
    text = st.sampled_from(TEXTS) | st.text(max_size=30)
    match take.kind:
        case "text":
            return text | st.just("a" * (take.most + 1)) if take.most and take.most <= LONGEST else text
        case "word":
            return st.sampled_from([*take.words, *take.words, "nonsense"])
        case "flag":
            return st.sampled_from([True, False, "on", "0", "f", 1])
        case "integer" | "limit":
            return _number(take)
        case "id":
            return id
        case "time":
            return st.sampled_from(TIMES)
        case "ids":
            return st.lists(id, max_size=4) | st.just([str(n) for n in range((take.most or 80) + 1)])
        case "texts" | "words":
            one = st.sampled_from([*take.words, "nonsense"]) if take.words else text | id
            return st.lists(one, max_size=4)
        case "object":
            return values_of(list(take.inside), ids)
        case _:
            return st.lists(values_of(list(take.inside), ids), max_size=3)


def _number(take: Take) -> st.SearchStrategy[int]:
    least, most = take.least or 0, take.most if take.most is not None else 1 << 40
    return st.sampled_from([least - 1, least, least + 1, most - 1, most, most + 1, -(1 << 63), 1 << 70])
