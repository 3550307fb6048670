"""What pages say of themselves: every dialect, and pages that mean harm."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dassie.domain import charsets
from dassie.domain.cards import card_url, may_credit, moment
from dassie.domain.oembed import only_frame, read_oembed
from dassie.domain.page_details import MAX_PAGE, read_page

URL = "https://news.test/a/b?c=1"


def test_json_ld_comes_before_opengraph_and_that_before_the_title() -> None:
    page = read_page(
        """<html lang="fr"><head><title>Title</title><meta property="og:title" content="Open">
        <meta name=description content='Meta says'><link rel="canonical" href="/canonical">
        <script type="application/ld+json">// <![CDATA[
        [{"@type": "Organization"}, {"@type": ["NewsArticle"], "headline": "Head &amp; line", "inLanguage": ["de"],
        "author": [{"name": "Zoe", "url": "/zoe"}], "publisher": {"name": "The Paper"},
        "datePublished": "2026-01-02T03:04:05Z", "image": {"url": "/i.jpg"}}]
        // ]]></script></head></html>""",
        URL,
    )
    found = page.details
    assert (found.title, found.description, found.language) == ("Head & line", "Meta says", "de")
    assert (found.author_name, found.author_url, found.provider_name) == ("Zoe", "https://news.test/zoe", "The Paper")
    assert found.published_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (found.url, found.image_url) == ("https://news.test/canonical", "https://news.test/i.jpg")


def test_of_itself_a_page_speaks_only_for_its_own_host() -> None:
    page = read_page('<title>t</title><link rel=canonical href="https://bank.test/">', URL)
    assert page.details.url == URL


def test_a_twitter_player_is_a_video_and_only_over_tls() -> None:
    tags = '<title>t</title><meta name="twitter:player" content="{}"><meta name="twitter:player:width" content="400px">'
    found = read_page(tags.format("https://play.test/e?a=1&amp;b=2"), URL).details
    assert (found.type, found.width) == ("video", 400)
    assert found.html.startswith('<iframe src="https://play.test/e?a=1&amp;b=2" width="400"')
    assert read_page(tags.format("javascript:alert(1)"), URL).details.type == "link"
    assert read_page(tags.format("http://play.test/e"), URL).details.html == ""


def test_a_tag_in_a_script_or_a_comment_is_none() -> None:
    html = """<!-- <meta property="og:title" content="commented"> --><script>var a = '<meta property="og:title"
    content="script">'</script><style><title>style</title></style><title>Real</title>"""
    assert read_page(html, URL).details.title == "Real"


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 400_000,
        "<b a>x<p>" * 200_000,
        "<" * MAX_PAGE,
        "<script>" * 200_000,
        "<title>" + "a" * MAX_PAGE,
        "<meta property='og:title' content='" + "x" * MAX_PAGE,
        '<script type="application/ld+json">' + "[" * MAX_PAGE,
        '<script type="application/ld+json">' + " " * 190_000 + "</script>",
        '<meta property="fediverse:creator" content="' + "a." * 400_000 + '">',
        "<!--" * 300_000,
        "<meta content=a name=b>" * 60_000,
    ],
)
def test_a_hostile_page_takes_no_time(page: str) -> None:
    began = process_time()
    read_page(page, URL)
    charsets.decode(page.encode())
    assert process_time() - began < 5  # minutes, were anything looked through twice


@given(st.text(), st.binary())
def test_nothing_raises(text: str, body: bytes) -> None:
    read_page(text, URL)
    read_page(f'<script type="application/ld+json">{text}</script>', URL)
    charsets.decode(body, text)
    card_url(text, URL)
    only_frame(text, 0, 0)
    read_oembed(body, URL, read_page("", URL).details)


def test_character_sets_are_told_announced_or_guessed() -> None:
    czech = "Žluťoučký"
    assert charsets.decode(czech.encode("cp1250"), "text/html; charset=windows-1250") == czech
    assert charsets.decode(f'<meta charset="iso-8859-2">{czech}'.encode("iso-8859-2")).endswith(czech)
    assert charsets.decode(czech.encode(), "text/html; charset=iso-8859-1") == czech
    assert charsets.decode("Zoë".encode("latin-1")) == "Zoë"
    assert charsets.decode(b"\xef\xbb\xbfx") == "x"
    assert charsets.decode("日本".encode("shift_jis"), "text/html;charset=Shift_JIS") == "日本"


def test_only_addresses_of_the_web_have_cards() -> None:
    assert card_url("HTTPS://Bücher.example:443/a b#c") == "https://xn--bcher-kva.example/a%20b"
    assert card_url("/x", URL) == "https://news.test/x"
    for bad in ("ftp://x.test", "javascript:1", "https://a:b@c.test/", "https://", "null", "x" * 5000, "https://[::1"):
        assert card_url(bad) is None


def test_a_domain_is_credited_with_those_below_it() -> None:
    assert may_credit(["News.test"], "https://www.news.test/1")
    assert not may_credit(["news.test"], "https://badnews.test/1")
    assert not may_credit([""], "https://news.test")


def test_dates_are_read_or_not_at_all() -> None:
    assert moment("2026-03-04") == datetime(2026, 3, 4, tzinfo=UTC)
    assert moment("9999-12-31T23:59:59-12:00") is None
    assert moment("soon enough") is None


def test_of_an_oembed_document_only_plain_kinds_count() -> None:
    page = read_page("<title>t</title>", URL).details
    assert read_oembed(b'{"version":"1.0","type":"rich","html":"<iframe src=https://x.test>"}', URL, page) is None
    assert read_oembed(b'{"version":"2","type":"link"}', URL, page) is None
    photo = read_oembed(b'{"version":"1.0","type":"photo","url":"/p.jpg","width":9,"height":"x"}', URL, page)
    assert photo is not None
    assert (photo.type, photo.embed_url, photo.width, photo.height) == ("photo", "https://news.test/p.jpg", 9, 0)
