"""URLs as they are checked, sent and compared."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dassie.adapters.http_urls import redirected, target
from dassie.domain.errors import RemoteFailed


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("https://a.test", "https://a.test/"),
        ("HTTPS://A.test:443/x", "https://a.test/x"),
        ("https://a.test:8443/x?y=1#key", "https://a.test:8443/x?y=1"),
        ("https://a.test/%7Ea/../b//c?d=%2f+e", "https://a.test/%7Ea/../b//c?d=%2f+e"),
        ("https://exämple.org/ü?q=ö", "https://xn--exmple-cua.org/%C3%BC?q=%C3%B6"),
        ("https://[2606:4700:0::1111]/", "https://[2606:4700::1111]/"),
        ("http://a.test:80/", "http://a.test/"),
        ("https://a.test?q", "https://a.test/?q"),
        ("https://a.test/@ana", "https://a.test/@ana"),
    ],
)
def test_a_url_is_sent_as_it_was_written(text: str, wire: str) -> None:
    assert str(target(text).wire) == wire
    assert target(text).text == text.partition("#")[0]


@pytest.mark.parametrize(
    "text",
    ["", "a.test", "ftp://a.test/", "file:///etc/passwd", "https://", "https:///x", "https://u:p@a.test/",
     "https://u@a.test/", "https://a.test\\@b.test/", "https://a.test/ x", "https://a.test/\r\nHost: b",
     "https://a.test:0/", "https://a.test:70000/", "https://a.test:x/", "https://a.test./", "https://a..test/",
     "https://a.test%2eb/", "https://[::1/", "https://[fe80::1%25eth0]/", "https://[x]/", "https://a.test/\ud800",
     "https://" + "a" * 64 + ".test/", "https://a.test/" + "x" * 5000, "//a.test/", "https:a.test",
     "https://a[b].test/", "https://<a>.test/"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(RemoteFailed) as failed:
        target(text)
    assert failed.value.kind == "malformed"


@pytest.mark.parametrize(
    "host", ["2130706433", "127.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "1.2.3.4.5", "999.1.1.1", "a.1"]
)
def test_a_number_that_only_some_read_as_an_address_is_refused(host: str) -> None:
    with pytest.raises(RemoteFailed) as failed:
        target(f"https://{host}/")
    assert failed.value.kind == "blocked_address"


def test_digits_of_other_scripts_become_the_address_they_mean() -> None:
    assert target("https://１２７.0.0.1/").host == "127.0.0.1"
    assert target("https://127。0。0。1/").host == "127.0.0.1"


@pytest.mark.parametrize(
    ("location", "to"),
    [
        ("/b", "https://a.test/b"),
        ("c?d", "https://a.test/x/c?d"),
        ("https://b.test/", "https://b.test/"),
        ("//b.test/z", "https://b.test/z"),
        ("?only", "https://a.test/x/y?only"),
    ],
)
def test_a_redirect_is_read_from_where_it_was_given(location: str, to: str) -> None:
    assert redirected(target("https://a.test/x/y"), location).text == to


@pytest.mark.parametrize("location", ["javascript:alert(1)", "https://u:p@b.test/", "//[/", "gopher://b.test/"])
def test_a_redirect_to_nowhere_is_refused(location: str) -> None:
    with pytest.raises(RemoteFailed):
        redirected(target("https://a.test/"), location)


@given(st.text() | st.text(alphabet=":/?#[]@.%\\ae0127x ", min_size=1).map("https://".__add__))
@example("https://[")
@example("http://\u2100.test/")
def test_any_text_is_a_target_or_a_remote_failure(text: str) -> None:
    try:
        found = target(text)
    except RemoteFailed:
        return
    assert found.wire.raw_host == found.host
    assert found.wire.port == found.port
    assert str(found.wire).isascii()
    assert not found.wire.user
