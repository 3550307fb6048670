"""Which answer is wanted, and which route gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dassie.config import load
from dassie.door.negotiation import wants_activity, wants_page
from dassie.door.request import Request
from dassie.door.routing import Route, RouteTable, choose, methods_of

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


def asking(accept: str) -> Request:
    scope: dict[str, Any] = {"path": "/", "headers": [(b"accept", accept.encode())]}
    return Request(scope, None, None, load({"data": Path("unused")}, environ={}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("accept", "activity", "page"),
    [
        ("application/activity+json", True, False),
        (LD, True, False),
        (f"application/activity+json, {LD}, text/html;q=0.1", True, False),
        ("Application/Activity+JSON", True, False),
        ("text/html, application/activity+json;q=0.2", False, True),
        (BROWSER, False, True),
        ("*/*", False, False),
        ("application/json", False, False),
        ("", False, False),
        ("application/activity+json;q=0", False, False),
        ("application/activity+json;q=oops, text/html;q=0.9", True, False),
        (",;;=,q=", False, False),
    ],
)
def test_accept_tells_document_from_page(accept: str, activity: bool, page: bool) -> None:
    assert wants_activity(asking(accept)) is activity
    assert wants_page(asking(accept)) is page


class NoDoor:
    async def answer(self, server: Any, route: Route, request: Request) -> None:
        raise AssertionError("nobody asks it")


async def handler() -> None:
    raise AssertionError("nobody calls it")


def table(*routes: tuple[str, str]) -> RouteTable:
    made = RouteTable()
    for path, accept in routes:
        rules = {"accept": accept} if accept else {}
        made.add(Route(frozenset({"GET", "HEAD"}), path, handler, NoDoor(), rules))
    return made


def test_a_path_has_a_page_and_a_document() -> None:
    found = table(("/@{username}", ""), ("/@{username}", "activity")).match("/@ana")
    assert found is not None
    routes, params = found
    page, document = choose(routes, "GET", activity=False), choose(routes, "GET", activity=True)
    assert page is not None
    assert page.rules == {}
    assert document is not None
    assert document.rules == {"accept": "activity"}
    assert params == {"username": "ana"}
    assert methods_of(routes) == {"GET", "HEAD"}
    assert choose(routes, "POST", activity=True) is None


def test_where_there_is_only_one_everybody_gets_it() -> None:
    found = table(("/@{username}", "activity"), ("/about", "")).match("/@ana")
    assert found is not None
    assert choose(found[0], "GET", activity=False) is not None
    about = table(("/about", "")).match("/about")
    assert about is not None
    assert choose(about[0], "GET", activity=True) is not None


def test_two_documents_at_one_path_are_a_mistake() -> None:
    with pytest.raises(RuntimeError):
        table(("/@{username}", "activity"), ("/@{username}", "activity"))
