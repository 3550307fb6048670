"""What counts as a link back to a profile."""

from __future__ import annotations

import pytest

from dassie.domain.link_backs import address_in, links_back

MINE = ["https://here.test/users/ana", "https://here.test/@ana"]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<p><a class="x" rel="Me noopener" href="https://HERE.test/@ana/">me</a>', True),
        ("<html><head><link href=https://here.test/users/ana rel=me></head>", True),
        ('<a rel="me" href="https://here.test/@anatole">', False),
        ('<a rel="meme" href="https://here.test/@ana">', False),
        ('<a href="https://here.test/@ana">', False),
        ('<script>"<a rel=me href=https://here.test/@ana>"</script>', False),
        ('<!-- <a rel="me" href="https://here.test/@ana"> -->', False),
        ('<textarea><a rel="me" href="https://here.test/@ana"></textarea>', False),
        ("<a rel=me", False),
        ("", False),
    ],
)
def test_a_link_back_is_a_real_link_of_kind_me(page: str, found: bool) -> None:
    assert links_back(page, MINE) is found


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ('<a href="https://a.test/x"><span class="invisible">https://</span>a.test/x</a>', "https://a.test/x"),
        ('<a href="https://a.test/x">mine</a>', None),
        ('<a href="https://a.test/x">https://a.test/x</a> and more', None),
        ('<a href="https://a.test/x" class="u-url mention">https://a.test/x</a>', None),
        ("plain", None),
    ],
)
def test_only_a_field_that_is_an_address_can_be_checked(value: str, address: str | None) -> None:
    assert address_in(value) == address
