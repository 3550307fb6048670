"""Entity tags in conditional requests."""

from __future__ import annotations

import pytest

from dassie.domain.etags import etag_of, has_it


@pytest.mark.parametrize(
    "given", ['"abc"', 'W/"abc"', '"x", "abc"', '"x,y",W/"abc" , "z"', "*", " * ", "abc", '"a"   ,\t"abc"']
)
def test_a_list_that_names_the_tag_means_it_is_there(given: str) -> None:
    assert has_it(given, '"abc"')
    assert has_it(given, 'W/"abc"')


@pytest.mark.parametrize("given", ["", '"abcd"', '"ab", "c"', '"x,abc,y"', '"*"', "W/", "x*", '"xabc"', ","])
def test_any_other_means_it_is_not(given: str) -> None:
    assert not has_it(given, '"abc"')


def test_only_so_much_of_a_header_is_read() -> None:
    assert not has_it('"x",' * 10_000 + '"abc"', '"abc"')


def test_a_tag_follows_the_content() -> None:
    assert etag_of(b"a") == etag_of(b"a") != etag_of(b"b")
    assert etag_of(b"a").startswith('"')
