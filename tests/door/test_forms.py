"""All spellings of parameters that apps use say the same, and none of them is without bounds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from dassie.config import load
from dassie.domain.errors import BadRequest, Invalid, TooLarge
from dassie.door import forms
from dassie.door.forms import Params, read_params
from dassie.door.request import Request

CONFIG = load({"domain": "here.test"}, environ={})
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


async def params(query: str = "", body: bytes = b"", kind: str = "", method: str = "POST") -> Params:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())] if kind else []
    scope = {"method": method, "path": "/", "query_string": query.encode(), "headers": headers, "client": None}
    return await read_params(Request(scope | {"type": "http"}, receive, send, CONFIG))


def parts(**fields: str) -> bytes:
    lines = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    return "".join([*lines, "--x--\r\n"]).encode()


async def everywhere(form: list[tuple[str, str]], json: Any) -> list[Params]:
    """The same said in a query, a form, a body in parts and in JSON."""
    text = urlencode(form)
    in_parts = b"".join(parts(**{name: value})[:-7] for name, value in form) + b"--x--\r\n"
    return [
        await params(text),
        await params(body=text.encode(), kind=FORM),
        await params(body=in_parts, kind="multipart/form-data; boundary=x"),
        await params(body=msgspec.json.encode(json), kind=f"{JSON}; charset=utf-8"),
    ]


async def test_a_text_and_a_number_are_the_same_in_every_body() -> None:
    for found in await everywhere(
        [("q", "ä b&c"), ("limit", "5"), ("at", "2026-01-02T03:04:05Z")],
        {"q": "ä b&c", "limit": 5, "at": "2026-01-02T03:04:05+00:00"},
    ):
        assert (found.text("q"), found.limit(20, 40), found.integer("limit")) == ("ä b&c", 5, 5)
        at = found.time("at")
        assert at is not None
        assert at.isoformat() == "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize(
    "form",
    [
        [("ids[]", "1"), ("ids[]", "2")],
        [("ids[0]", "1"), ("ids[1]", "2")],
        [("ids[1]", "2"), ("ids[0]", "1")],
        [("ids[][]", "1"), ("ids[][]", "2")],
    ],
)
async def test_lists_have_many_spellings(form: list[tuple[str, str]]) -> None:
    for json in ({"ids": ["1", "2"]}, {"ids": [1, 2]}, {"ids[]": [1, 2]}, {"ids": {"0": 1, "1": 2}}):
        for found in await everywhere(form, json):
            assert found.ids("ids") == [1, 2]
            assert found.texts("ids") == ["1", "2"]


async def test_one_value_is_a_list_of_one_and_none_is_empty() -> None:
    for found in await everywhere([("ids", "1")], {"ids": 1}):
        assert found.ids("ids") == [1]
    for found in await everywhere([("ids", "")], {"ids": None}):
        assert found.ids("ids") == []
    assert (await params("ids[]=1&ids[]=x&ids[]=1&ids[]=")).ids("ids") == [1]
    assert (await params("other=1")).items("ids") == []


async def test_objects_and_lists_of_them_have_many_spellings() -> None:
    said = {"poll": {"options": ["a", "b"], "multiple": True}}
    form = [("poll[options][]", "a"), ("poll[options][]", "b"), ("poll[multiple]", "true")]
    for found in await everywhere(form, said):
        poll = found.child("poll")
        assert poll is not None
        assert (poll.texts("options"), poll.flag("multiple")) == (["a", "b"], True)
    spellings = [
        [("f[][name]", "a"), ("f[][value]", "1"), ("f[][name]", "b"), ("f[][value]", "2")],
        [("f[0][name]", "a"), ("f[0][value]", "1"), ("f[1][name]", "b"), ("f[1][value]", "2")],
        [("f[10][name]", "b"), ("f[10][value]", "2"), ("f[9][name]", "a"), ("f[9][value]", "1")],
    ]
    listed = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    for form in spellings:
        for json in ({"f": listed}, {"f": {"0": listed[0], "1": listed[1]}}):
            for found in await everywhere(form, json):
                assert [(one.text("name"), one.text("value")) for one in found.children("f")] == [
                    ("a", "1"),
                    ("b", "2"),
                ]


async def test_booleans_are_those_of_rails() -> None:
    for word in ("1", "true", "t", "on", "T", "TRUE", "yes", "y", "2", "no"):
        assert (await params(f"a={word}")).flag("a") is True, word
    for word in ("0", "f", "F", "false", "FALSE", "off", "OFF"):
        assert (await params(f"a={word}")).flag("a") is False, word
    for nothing in ("", "a=", "b=1"):
        assert (await params(nothing)).flag("a") is None
    for value, said in ((True, True), (False, False), (1, True), (0, False), (None, None), ("off", False)):
        assert (await params(body=msgspec.json.encode({"a": value}), kind=JSON)).flag("a") is said, value


async def test_limits_are_held_and_ids_are_checked() -> None:
    for asked, given in (("", 20), ("limit=", 20), ("limit=0", 0), ("limit=-5", 5), ("limit=100", 40), ("limit=7", 7)):
        assert (await params(asked)).limit(20, 40) == given, asked
    assert (await params("max_id=")).id("max_id") is None
    for wrong in ("max_id=x", "max_id=1.5", "max_id=99999999999999999999999"):
        with pytest.raises(Invalid):
            (await params(wrong)).id("max_id")
    with pytest.raises(Invalid):
        (await params("limit=many")).limit(20, 40)
    with pytest.raises(Invalid, match="can't be blank"):
        (await params("q=+")).text("q", required=True)
    with pytest.raises(Invalid, match="not a date"):
        (await params("at=tomorrow")).time("at")


async def test_a_body_wins_over_the_query_and_some_have_none() -> None:
    assert (await params("a=1&b=1", b"a=2", FORM)).text("a") == "2"
    assert (await params("a=1&b=1", b'{"a": "2"}', JSON)).text("b") == "1"
    assert (await params("a=1", b"", JSON)).text("a") == "1"
    assert (await params("a=1", b"a=2", FORM, "HEAD")).text("a") == "1"
    assert (await params("", b"id[]=7", FORM, "GET")).ids("id") == [7]  # Mastodon.py does
    assert (await params("a=1", b"<a/>", "text/xml")).text("a") == "1"


async def test_what_cannot_be_read_is_refused_and_nothing_is_without_end() -> None:
    for wrong in (b"{", b"[]", b'"a"', b"\xff", b"[" * 100_000):
        with pytest.raises(BadRequest):
            await params(body=wrong, kind=JSON)
    with pytest.raises(BadRequest):
        await params("&".join(f"a{n}=1" for n in range(forms.MAX_FIELDS + 1)))
    with pytest.raises(TooLarge):
        await params(body=b"a=" + b"x" * forms.MAX_TEXT_BODY, kind=FORM)
    for kind in ("multipart/form-data", "multipart/form-data; boundary=y"):
        with pytest.raises(BadRequest):
            await params(body=parts(a="1"), kind=kind)
    with pytest.raises(BadRequest, match="not taken"):
        file = b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n1\r\n--x--\r\n'
        await params(body=file, kind="multipart/form-data; boundary=x")
    with pytest.raises(TooLarge):
        await params(body=parts(a="x" * (forms.MAX_FIELD_BYTES + 1)), kind="multipart/form-data; boundary=x")
    deep = await params("a" + "[b]" * 1000 + "=1&a[]=2&[=3&]=4&=5&a[=6")
    assert "a" in deep
    assert (await params("a=%00b%ED%A0%80c")).text("a") == "b\ufffd\ufffd\ufffdc"
