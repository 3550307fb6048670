"""Typed text: counting, finding, rendering."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dassie.domain.html import sanitise, to_text
from dassie.domain.languages import LANGUAGES, valid_language
from dassie.domain.text import (
    clean,
    count,
    find_emoji_shortcodes,
    find_mentions,
    find_tags,
    find_urls,
    normalise_tag,
    render,
)


def shown(text: str) -> str:
    """Rendered, with every mention known but those named nobody."""
    return render(text, mention=_mention, tag_url=lambda name: f"https://here.example/tags/{normalise_tag(name)}")


def _mention(username: str, domain: str | None) -> tuple[str, str] | None:
    if username == "nobody":
        return None
    return f"https://{domain or 'here.example'}/@{username}", username


def urls(text: str) -> list[str]:
    return [found.url for found in find_urls(text)]


def mentions(text: str) -> list[tuple[str, str | None]]:
    return [(found.username, found.domain) for found in find_mentions(text)]


def tags(text: str) -> list[str]:
    return [found.name for found in find_tags(text)]


def test_clean_keeps_what_was_typed_but_controls() -> None:
    assert clean("a\x00b\r\nc\rd\te\ud800\x1bf\x7f \u0065\u0301 👩\u200d💻") == "ab\nc\nd\tef e\u0301 👩\u200d💻"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("hello", 5),
        ("e\u0301", 1),
        ("👩‍👩‍👧‍👦🇩🇪🇫🇷", 3),
        ("🇩🇪🇫", 2),
        ("日本語", 3),
        ("a\nb", 3),
        ("https://example.com/" + "x" * 300, 23),
        ("http://a.example", 23),
        ("(https://a.example/)", 25),
        ("@ana@very-long-name.example hi", 7),
        ("@ana hi", 7),
        ("@ana@b.example, @bo@c.example!", 10),
        ("a@b.example", 11),
        ("#" + "x" * 10, 11),
        ("https://a.example/@ana@b.example", 23),
    ],
)
def test_counting_follows_mastodon(text: str, length: int) -> None:
    assert count(text) == length


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ana", [("ana", None)]),
        ("hi @ana@B.Example!", [("ana", "b.example")]),
        ("(@ana) @bo.", [("ana", None), ("bo", None)]),
        ("@ana.b-c_d@x.example.", [("ana.b-c_d", "x.example")]),
        ("ana@b.example", []),
        ("mail ana.b@c.example or https://a.example/@ana", []),
        ("/@ana =@bo x@co", []),
        ("@ana@münchen.example", [("ana", "münchen.example")]),
        ("@ana你好", [("ana", None)]),
        ("مرحبا @ana مرحبا", [("ana", None)]),
        ("🙂@ana", [("ana", None)]),
        ("@", []),
        ("@@ana", [("ana", None)]),
        ("@ana@localhost:3000 @bo@127.0.0.1:80", [("ana", "localhost:3000"), ("bo", "127.0.0.1:80")]),
        ("@ana@b.example:30 sharp", [("ana", "b.example")]),
        ("@ana@b.example/path", [("ana", "b.example")]),
        ("@ana @ana", [("ana", None), ("ana", None)]),
    ],
)
def test_mentions_are_found(text: str, found: list[tuple[str, str | None]]) -> None:
    assert mentions(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#cats", ["cats"]),
        ("#Cats, #dogs. (#birds)", ["Cats", "dogs", "birds"]),
        ("#1 #2026 #12_", []),
        ("#1a #a1 #1_2 #_a", ["1a", "a1", "1_2", "_a"]),
        ("a#b /#c =#d )#e", []),
        ("https://a.example/#cats https://a.example/?x=#b", []),
        ("＃日本語タグ です", ["日本語タグ"]),
        ("#日本・タグ #a·b· #x\u200cy", ["日本・タグ", "a·b", "x\u200cy"]),
        ("#हिन्दी #ไทยนี้ #עברית #العربية", ["हिन्दी", "ไทยนี้", "עברית", "العربية"]),
        ("#cats#dogs", ["cats"]),
        ("##x", ["x"]),
        ("#cats-and-dogs #c++", ["cats", "c"]),
        ("🙂#smile🙂", ["smile"]),
        ("#", []),
    ],
)
def test_hashtags_are_found(text: str, found: list[str]) -> None:
    assert tags(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.example", ["https://a.example"]),
        ("See https://a.example/b. Or http://c.example/d?", ["https://a.example/b", "http://c.example/d"]),
        ("(see https://a.example/b)", ["https://a.example/b"]),
        ("https://a.example/wiki/X_(y) (https://a.example/X_(y))", ["https://a.example/wiki/X_(y)", "https://a.example/X_(y)"]),
        ("https://a.example/(open", ["https://a.example/"]),
        ('<https://a.example/> "https://b.example/"', ["https://a.example/", "https://b.example/"]),
        ("見て「https://a.example/パス」です。https://b.example/、と", ["https://a.example/パス", "https://b.example/"]),
        ("https://例え.example/ путь https://пример.example/путь", ["https://例え.example/", "https://пример.example/путь"]),
        ("https://a.example/?a=1&b=[2]#c!", ["https://a.example/?a=1&b=[2]#c"]),
        ("https://a.example:8080/x https://a.example:99999/", ["https://a.example:8080/x"]),
        ("https://user:pass@evil.example/ https://a.example@evil.example", []),
        ("https:// http://a https://.example https://a..example", []),
        ("http://localhost:3000/x http://127.0.0.1/", ["http://localhost:3000/x", "http://127.0.0.1/"]),
        ("xhttps://a.example @https://a.example", []),
        ("HTTPS://A.EXAMPLE/", ["HTTPS://A.EXAMPLE/"]),
        ("a.example www.a.example javascript://a.example/%0aalert(1)", []),
        ("gemini://a.example/ magnet:?xt=urn:btih:abc xmpp:a@b.example",
         ["gemini://a.example/", "magnet:?xt=urn:btih:abc", "xmpp:a@b.example"]),
        ("https://a.example/@ana/1 https://a.example/~bo/", ["https://a.example/@ana/1", "https://a.example/~bo/"]),
        ("https://a.example/" + "x" * 5000, []),
        ("**https://a.example/**", ["https://a.example/"]),
    ],
)  # fmt: skip
def test_links_are_found(text: str, found: list[str]) -> None:
    assert urls(text) == found


@pytest.mark.parametrize("text", ["a https://a.example/x, @ana@b.example #c", "🙂 @ana 日本 #日本 https://b.example/"])
def test_positions_point_into_the_text(text: str) -> None:
    for url in find_urls(text):
        assert text[url.start : url.end] == url.url
    for mention in find_mentions(text):
        assert text[mention.start : mention.end].startswith(f"@{mention.username}")
    for tag in find_tags(text):
        assert text[tag.start : tag.end] == f"#{tag.name}"


def test_emoji_shortcodes_are_found_once() -> None:
    assert find_emoji_shortcodes(":cat: x:dog: :cat: (:bird_1:) :a: 12:30:45 ::cow:: :cat::dog:") == ["cat", "bird_1"]


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("#Cats", "cats"),
        ("＃ＣＡＴＳ", "cats"),
        ("ﾈｺ", "ネコ"),
        ("Café", "cafe"),
        ("Łódź", "lodz"),
        ("STRASSE", "strasse"),
        ("Straße", "straße"),
        ("ΣΑΣ", "σας"),
        ("a-b c!", "abc"),
        ("日本・タグ", "日本・タグ"),
        ("हिन्दी", "हिन्दी"),
        ("#", ""),
    ],
)
def test_tags_are_normalised_as_mastodon_does(name: str, normal: str) -> None:
    assert normalise_tag(name) == normal


def test_blank_lines_part_paragraphs_and_newlines_break() -> None:
    assert shown("a\nb\r\n \n\n\nc\n") == "<p>a<br />b</p><p>c</p>"
    assert shown(" \n ") == ""


def test_text_is_escaped() -> None:
    assert shown('<b> & "q"') == '<p>&lt;b&gt; &amp; "q"</p>'
    assert "<script" not in shown("https://a.example/<script>alert(1)</script> #<script> @<script>")


def test_a_long_link_is_three_spans() -> None:
    assert shown("https://www.example.com/a-path-that-is-longer-than-thirty?x=1&y=2") == (
        '<p><a href="https://www.example.com/a-path-that-is-longer-than-thirty?x=1&amp;y=2" target="_blank" '
        'rel="nofollow noopener" translate="no"><span class="invisible">https://www.</span>'
        '<span class="ellipsis">example.com/a-path-that-is-lon</span>'
        '<span class="invisible">ger-than-thirty?x=1&amp;y=2</span></a></p>'
    )


def test_a_short_link_is_shown_whole() -> None:
    assert shown("https://a.example/b") == (
        '<p><a href="https://a.example/b" target="_blank" rel="nofollow noopener" translate="no">'
        '<span class="invisible">https://</span><span class="">a.example/b</span>'
        '<span class="invisible"></span></a></p>'
    )


def test_a_mention_is_a_card_and_an_unknown_one_is_text() -> None:
    assert shown("@ana@b.example @nobody@c.example") == (
        '<p><span class="h-card" translate="no"><a href="https://b.example/@ana" class="u-url mention">'
        "@<span>ana</span></a></span> @nobody@c.example</p>"
    )


def test_a_hashtag_keeps_the_form_it_was_typed_in() -> None:
    assert shown("#Café!") == (
        '<p><a href="https://here.example/tags/cafe" class="mention hashtag" rel="tag">#<span>Café</span></a>!</p>'
    )


_WORDS = st.sampled_from([
    "@ana", "@ana@b.example", "#Tag", "#1", "https://a.example/x?y=1&z=2", "https://www.a.example/" + "long" * 20,
    "gemini://a.example/", "xmpp:a@b.example", "<b>", "&amp;", '"', "'", "\n", "\n\n", "\xa0", "日本", "🙂",
    "e\u0301", "(https://a.example/(b))", "עברית", "a.b@c.example", ":cat:", "</p>", "javascript:alert(1)",
    "#a·b", "\r\n", "\x00",
])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_WORDS | st.text(max_size=6), max_size=12).map(" ".join))
def test_our_own_html_passes_the_sanitiser_unchanged(text: str) -> None:
    """Only what marks links as foreign is added, to the mentions and tags that Mastodon leaves bare."""
    html = shown(text)
    expected = html.replace('class="u-url mention">', 'class="u-url mention" target="_blank" rel="nofollow noopener">')
    expected = expected.replace('rel="tag">', 'target="_blank" rel="tag nofollow noopener">')
    assert sanitise(html) == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(_WORDS, max_size=12).map(" ".join))
def test_rendering_loses_no_word(text: str) -> None:
    words = render(text, mention=lambda username, domain: None, tag_url=lambda name: "https://here.example/")
    assert to_text(words).split() == clean(text).split()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_counted_searched_and_shown(text: str) -> None:
    assert 0 <= count(text) <= max(len(text), len(find_urls(text)) * 23 + len(text))
    assert all(normalise_tag(tag) == normalise_tag(normalise_tag(tag)) for tag in tags(text))
    shown(text)
    find_emoji_shortcodes(text)


@pytest.mark.parametrize(
    "piece",
    [
        "https://a.b)", "https://", "https://a.a-", "(", "https://a.b/(", "@", "@a", "@a.", "@a@b.", "#", "#1·",
        ":aa:", ":a", "🇩🇪", "\u0301", "\n", " \n", "a", "x🇩", "👩\u200d", "https://a:", "@a@b.c ", "1", "_",
        "\u200c", "https://a.b/c ",
    ],
)  # fmt: skip
def test_hundred_thousand_hostile_characters_take_little_time(piece: str) -> None:
    text = "#" + piece * (100_000 // len(piece))
    before = time.process_time()
    clean(text), count(text), find_emoji_shortcodes(text), normalise_tag(text), shown(text)
    assert time.process_time() - before < 5  # some tenths of a second; a quadratic way takes minutes


@pytest.mark.parametrize(
    ("code", "stored"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("EN_us", "en"),
        ("zh-tw", "zh-TW"),
        ("zh_HK", "zh-HK"),
        ("zh-Hant", "zh"),
        ("tok", "tok"),
        ("pt-BR", "pt"),
        ("und", None),
        ("xx", None),
        ("", None),
        ("english", None),
        (None, None),
        (["en"], None),
        ("en" * 500, None),
    ],
)
def test_languages_are_base_codes_and_chinese_regions(code: object, stored: str | None) -> None:
    assert valid_language(code) == stored


def test_every_language_is_itself() -> None:
    assert len(LANGUAGES) == len(set(LANGUAGES))
    assert all(valid_language(code) == code for code in LANGUAGES)
