"""Structured headers, digests, dates and URLs: the small parts that signatures are made of."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dassie.federation.signatures.digest import (
    check_content_digest,
    check_digest,
    content_digest_header,
    digest_header,
)
from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.fields import InnerList, Item, Token, inner_list_text, parse_dictionary
from dassie.federation.signatures.target import host_of, target_of, without_fragment
from dassie.federation.signatures.validity import epoch, http_date

keys = st.from_regex(r"\A[a-z*][a-z0-9_.*-]{0,8}\Z")
strings = st.text(st.characters(min_codepoint=32, max_codepoint=126))
tokens = st.from_regex(r"\A[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]{0,8}\Z").map(Token)
bare_items = strings | tokens | st.integers(-(10**15) + 1, 10**15 - 1) | st.binary(max_size=80) | st.booleans()
params = st.dictionaries(keys, bare_items, max_size=4)
inner_lists = st.builds(InnerList, st.lists(st.builds(Item, bare_items, params), max_size=4).map(tuple), params)


@given(inner_lists)
def test_list_is_read_as_it_was_written(members: InnerList) -> None:
    read = parse_dictionary(f"sig1={inner_list_text(members)}")["sig1"]
    assert read == members
    assert isinstance(read, InnerList)
    assert inner_list_text(read) == inner_list_text(members)


def test_spacing_of_the_sender_is_not_kept() -> None:
    (read,) = parse_dictionary('sig1=(  "a"   "b" );  created=1').values()
    assert isinstance(read, InnerList)
    assert inner_list_text(read) == '("a" "b");created=1'


def test_dictionary_keeps_order_and_types() -> None:
    read = parse_dictionary('a=1;x, b ,c=?0,\td=tok;q="\\"", e=:AQI=:, f=();y=-5')
    assert list(read) == ["a", "b", "c", "d", "e", "f"]
    assert read["a"] == Item(1, {"x": True})
    assert read["b"] == Item(True)
    assert read["d"] == Item(Token("tok"), {"q": '"'})
    assert read["e"] == Item(b"\x01\x02")
    assert read["f"] == InnerList((), {"y": -5})
    assert parse_dictionary("  ") == {}


@pytest.mark.parametrize(
    "text",
    [
        "a=1,", "a=1,,b=2", "a=1 b=2", "a=1, a=2", "A=1", "a=", "a=(", 'a=("x""y")', "a=(1", "a=1.5",
        "a=1;b=1;b=2", 'a="x', 'a="\\n"', 'a="ä"', "a=:!:", "a=:AAA:", "a=?2", "a=1234567890123456",
        "a=()x", "a=((1))",
        "=1",
        "ä",
        "a=(" + "1 " * 65 + ")", "a" + ";b" * 2, ",".join(f"k{i}" for i in range(17)), "a=1\nb=2",
        "a" + "".join(f";p{i}" for i in range(17)), "a=" + " " * 9_000,
    ],
)  # fmt: skip
def test_field_that_breaks_the_grammar_or_a_bound_is_refused(text: str) -> None:
    with pytest.raises(BadSignature) as refused:
        parse_dictionary(text)
    assert refused.value.kind == "malformed"


@given(st.text() | st.text('a=();:"\\, ?1*.-\t', max_size=40))
def test_any_text_is_read_or_refused_in_the_documented_way(text: str) -> None:
    for read in (parse_dictionary, http_date, epoch):
        with suppress(BadSignature):
            assert read(text) is not None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_digest_fits_its_own_body_only(body: bytes, other: bytes) -> None:
    check_digest(digest_header(body), body)
    check_content_digest(content_digest_header(body), body)
    if other != body:
        with pytest.raises(BadSignature, match="does not fit"):
            check_digest(digest_header(body), other)
        with pytest.raises(BadSignature, match="does not fit"):
            check_content_digest(content_digest_header(body), other)


def test_digests_look_as_their_rfcs_have_them() -> None:
    assert digest_header(b"") == "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    assert content_digest_header(b"") == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"


def test_digest_is_found_in_a_list_and_in_any_case() -> None:
    value = digest_header(b"x")
    check_digest(f"md5=abc, {value} , unixsum=1", b"x")
    check_digest(value.replace("SHA", "sha"), b"x")


@pytest.mark.parametrize("header", ["", "md5=abc", "SHA-256", "SHA-256=", "SHA-256=ä", "SHA-256=AAA", "x" * 2_000])
def test_digest_without_a_readable_sum_is_refused(header: str) -> None:
    for check in (check_digest, check_content_digest):
        with pytest.raises(BadSignature) as refused:
            check(header, b"")
        assert refused.value.kind in {"digest", "malformed"}


def test_two_sums_of_one_kind_are_refused() -> None:
    with pytest.raises(BadSignature):
        check_digest(f"{digest_header(b'x')},{digest_header(b'y')}", b"x")
    with pytest.raises(BadSignature):
        check_content_digest(f"{content_digest_header(b'x')},{content_digest_header(b'y')}", b"x")


def test_every_known_content_digest_must_fit() -> None:
    right, wrong = content_digest_header(b"x"), "sha-512=:AAAA:"
    check_content_digest(f"{right}, md5=:AAAA:", b"x")
    with pytest.raises(BadSignature, match="does not fit"):
        check_content_digest(f"{right}, {wrong}", b"x")
    with pytest.raises(BadSignature):
        check_content_digest("sha-256=1", b"x")


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 24 Nov 2026 12:00:00 GMT",
        "Mon, 24 Nov 2026 12:00:00 GMT",
        " tue, 24 nov 2026 12:00:00 UTC ",
        "24 Nov 2026 12:00:00 +0000",
    ],
)
def test_date_is_read_whatever_the_weekday_says(text: str) -> None:
    assert http_date(text) == 1_795_521_600


def test_parts_of_a_url_are_those_of_the_request_line() -> None:
    assert host_of("https://Here.Example:443/x") == "here.example"
    assert host_of("http://u:p@here.example:8080/x") == "here.example:8080"
    assert host_of("https://[2001:db8::1]/x") == "[2001:db8::1]"
    assert target_of("https://here.example") == "/"
    assert target_of("https://here.example/a%20b?c=d&e#f") == "/a%20b?c=d&e"
    assert without_fragment("https://here.example?a#b") == "https://here.example/?a"
    with pytest.raises(ValueError, match="no host"):
        host_of("/users/ana")
