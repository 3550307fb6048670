"""Templates with invented content: promises that hold for every page (ui.md sections 1, 2, 8, 9)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from time import perf_counter

import msgspec
import pytest
from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser, LexborNode

from dassie.store.views import EmojiView
from dassie.web import assets, filters
from dassie.web.rendering import render
from invented import AMA, BO, NOW, URLS, every_kind, link_card, page, picture, status
from shown_pages import all_pages


@lru_cache(maxsize=1)
def pages() -> dict[str, str]:
    return dict(all_pages())


NAMES = sorted(pages())


def kilobytes(text: str | bytes) -> float:
    data = text.encode() if isinstance(text, str) else text
    return len(gzip.compress(data, 9)) / 1000


@pytest.mark.parametrize("name", NAMES)
def test_no_inline_script_or_style(name: str) -> None:
    tree = LexborHTMLParser(pages()[name])
    for element in tree.css("*"):
        attributes = element.attributes
        assert "style" not in attributes, element.html
        assert not [key for key in attributes if key.startswith(("on", "hx-on"))], element.html
        assert not str(attributes.get("href") or "").startswith("javascript:")
        if element.tag == "script" and not attributes.get("src"):
            assert attributes.get("type") == "application/json"
    assert not tree.css("style")


@pytest.mark.parametrize("name", NAMES)
def test_one_heading_landmarks_and_a_title(name: str) -> None:
    tree = LexborHTMLParser(pages()[name])
    assert len(tree.css("h1")) == 1
    assert len(tree.css("main")) == 1
    assert tree.css("a.skip[href='#main']")
    title = tree.css_first("title")
    assert title is not None
    assert "Rocks" in title.text()
    html = tree.css_first("html")
    assert html is not None
    assert html.attributes.get("lang") == "en"


@pytest.mark.parametrize("name", NAMES)
def test_every_field_has_a_label_and_every_control_a_name(name: str) -> None:
    tree = LexborHTMLParser(pages()[name])
    labelled = {label.attributes.get("for") for label in tree.css("label[for]")}
    for field in tree.css("input, select, textarea"):
        if field.attributes.get("type") in ("hidden", "submit"):
            continue
        inside = any(parent.tag == "label" for parent in _above(field))
        assert inside or field.attributes.get("id") in labelled or field.attributes.get("aria-label"), field.html
    for control in tree.css("a, button, summary"):
        pictures = [image.attributes.get("alt") for image in control.css("img")]
        named = control.text().strip() or control.attributes.get("aria-label") or any(pictures)
        if control.attributes.get("aria-hidden"):
            assert control.attributes.get("tabindex") == "-1"  # repeats the link beside it
            continue
        waits_for_news = control.parent is not None and "data-news" in control.parent.attributes
        assert named or waits_for_news, control.html


def _above(node: LexborNode) -> Iterator[LexborNode]:
    while node.parent is not None:
        node = node.parent
        yield node


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique_and_references_lead_somewhere(name: str) -> None:
    tree = LexborHTMLParser(pages()[name])
    ids = [element.attributes["id"] for element in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    for element in tree.css("[form], [aria-describedby], [aria-labelledby], label[for]"):
        for attribute in ("form", "aria-describedby", "aria-labelledby", "for"):
            for wanted in str(element.attributes.get(attribute) or "").split():
                assert wanted in ids, element.html


@pytest.mark.parametrize("name", NAMES)
def test_every_form_that_changes_things_carries_a_token(name: str) -> None:
    tree = LexborHTMLParser(pages()[name])
    for form in tree.css("form"):
        if form.attributes.get("method") == "post":
            assert form.css("input[name=token]"), form.html


@pytest.mark.parametrize("name", NAMES)
def test_pictures_have_alternatives_and_reserve_their_place(name: str) -> None:
    for image in LexborHTMLParser(pages()[name]).css("img"):
        assert "alt" in image.attributes, image.html
        assert {"width", "height"} <= set(image.attributes) or image.parent.attributes.get("class") == "upload"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_comes_from_third_parties(name: str) -> None:
    tree = LexborHTMLParser(pages()[name])
    for element in tree.css("[src], link[href], [poster]"):
        for attribute in ("src", "poster"):
            address = element.attributes.get(attribute)
            assert not address or address.startswith(("/", "https://rocks.example/")), element.html
        if element.tag == "link":
            assert str(element.attributes["href"]).startswith(("/", "https://rocks.example/"))


def test_a_post_is_small_beside_its_own_text() -> None:
    sizes = []
    for one in every_kind():
        tree = LexborHTMLParser(render("fragments/posts.html", page(), statuses=[one], older=None))
        sizes.append(len(tree.css("li *")) - len(tree.css(".text *, .media *, .poll *, .link-card *")))
    assert max(sizes) <= 46, sizes
    assert sum(sizes) / len(sizes) <= 42, sizes


def test_twenty_posts_stay_within_the_budget() -> None:
    kinds = every_kind()
    twenty = [
        msgspec.structs.replace(one, row=msgspec.structs.replace(one.row, id=n))
        for n, one in enumerate((kinds * 2)[:20])
    ]
    html = render("pages/home.html", page(), statuses=twenty, older="/home?max_id=1")
    assert html.count("<article") == 20
    assert kilobytes(html) <= 30
    assert len(LexborHTMLParser(html).css("*")) <= 1500


def test_twenty_posts_render_quickly() -> None:
    kinds = (every_kind() * 2)[:20]
    render("fragments/posts.html", page(), statuses=kinds, older=None)
    times = []
    for _ in range(5):
        start = perf_counter()
        render("fragments/posts.html", page(), statuses=kinds, older=None)
        times.append(perf_counter() - start)
    assert min(times) < 0.1  # 15 ms is the aim on a quiet machine; this one may be busy


def test_assets_stay_within_the_budget() -> None:
    names = assets.names()
    if not names:
        pytest.skip("the assets are not built: run `python web/build.py`")
    size = {name: kilobytes((assets.DIST / built).read_bytes()) for name, built in names.items()}
    assert size["app.css"] <= 14
    assert size["admin.css"] <= 4
    assert size["i.svg"] <= 6
    assert size["core.js"] <= 9
    assert size["compose.js"] <= 14
    assert size["core.js"] + size["htmx.js"] <= 24


def test_signed_out_readers_get_no_action_form() -> None:
    html = pages()["public-guest"]
    assert 'id="act"' not in html
    assert "formaction" not in html
    assert "/auth/sign_in" in html


def test_a_pressed_button_offers_the_way_back() -> None:
    html = render("fragments/posts.html", page(), statuses=[every_kind()[0]], older=None)
    assert 'formaction="/statuses/1/unfavourite?at=1"' in html
    assert 'formaction="/statuses/1/reblog?at=1"' in html


def test_a_boost_acts_on_the_boosted_post_and_names_the_booster() -> None:
    html = render("fragments/posts.html", page(), statuses=[every_kind()[2]], older=None)
    assert 'formaction="/statuses/20/favourite?at=21"' in html
    assert "Ama boosted" in html


def test_private_posts_of_others_cannot_be_boosted() -> None:
    private = status(11, BO, "<p>x</p>", visibility="private")
    html = render("fragments/posts.html", page(), statuses=[private], older=None)
    button = LexborHTMLParser(html).css_first("button.boost")
    assert button is not None
    assert "disabled" in button.attributes


def test_a_warning_hides_the_text_until_it_is_opened() -> None:
    html = render("fragments/posts.html", page(), statuses=[every_kind()[3]], older=None)
    tree = LexborHTMLParser(html)
    hidden = tree.css_first("details.cw .text")
    assert hidden is not None
    assert "butler" in hidden.text()
    details = tree.css_first("details.cw")
    assert details is not None
    assert "open" not in details.attributes


def test_an_unpleasant_name_stays_text() -> None:
    nasty = msgspec.structs.replace(AMA, display_name='<img src=x onerror="alert(1)">')
    html = render("fragments/posts.html", page(), statuses=[status(1, nasty)], older=None)
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_custom_emoji_become_pictures_through_the_proxy_in_text_only() -> None:
    wave = [EmojiView("wave", "https://hills.example/wave.png")]
    named = filters.emojify("hi :wave: & :other:", wave, URLS)
    assert 'alt=":wave:"' in named
    assert "https://rocks.example/media_proxy/emoji/" in named
    assert "&amp; :other:" in named
    link = filters.emojify(Markup('<a href="https://x.example/:wave:">:wave:</a>'), wave, URLS)
    assert 'href="https://x.example/:wave:"' in link
    assert link.count("<img") == 1


def test_mentions_and_hashtags_lead_to_our_own_pages() -> None:
    html = filters.content(every_kind()[1], URLS)
    assert 'href="/@ama"' in html
    assert 'href="/tags/Granite"' in html
    assert html.endswith("</p>")
    assert '<p class="chips">' in html


def test_times_are_told_in_the_shortest_form() -> None:
    assert filters.ago(NOW - timedelta(seconds=5), NOW) == "5s"
    assert filters.ago(NOW - timedelta(minutes=5), NOW) == "5m"
    assert filters.ago(NOW - timedelta(hours=5), NOW) == "5h"
    assert filters.ago(NOW - timedelta(days=5), NOW) == "5d"
    assert filters.ago(NOW - timedelta(days=50), NOW) == "5 Oct"
    assert filters.ago(NOW + timedelta(days=5), NOW) == "0s"


def test_the_focal_point_becomes_two_classes() -> None:
    assert filters.focal(picture(focus_x=-1.0, focus_y=1.0)) == "fx0 fy0"
    assert filters.focal(picture(focus_x=1.0, focus_y=-1.0)) == "fx20 fy20"
    assert filters.focal(picture(focus_x=0.0, focus_y=0.0)) == ""
    assert filters.focal(picture(focus_x=None, focus_y=None)) == ""


def test_long_posts_are_folded_with_a_link_to_the_whole() -> None:
    html = render("fragments/posts.html", page(), statuses=[every_kind()[10]], older=None)
    assert "Show more" in html
    assert 'class="text fold"' in html


def test_dark_colours_can_be_asked_for() -> None:
    me = page().me
    assert me is not None
    dark = msgspec.structs.replace(me, settings=msgspec.structs.replace(me.settings, color_scheme="dark"))
    assert 'data-scheme="dark"' in render("pages/about.html", page(me=dark))


def test_styles_use_logical_properties_only() -> None:
    physical = re.compile(
        r"(?<![\w-])(margin|padding|border)-(left|right|top|bottom)\b|(?<![\w.-])(left|right|top|bottom)\s*:|"
        r"(?<![\w-])(float|text-align)\s*:\s*(left|right)"
    )
    for path in (assets.DIST.parents[4] / "web" / "css").glob("*.css"):
        found = physical.search(path.read_text("utf-8"))
        assert found is None, f"{path.name}: {found and found[0]}"


def test_a_link_card_says_whence_it_is_and_who_wrote_it_and_never_plays_by_itself() -> None:
    film = link_card(18, type="video", html='<iframe src="https://video.example/e"></iframe>', author=AMA)
    html = render("fragments/posts.html", page(), statuses=[status(18, BO, "<p>see</p>", card=film)], older=None)
    tree = LexborHTMLParser(html)
    card = tree.css_first("div.link-card")
    assert card is not None
    assert "news.example" in card.text()
    assert not tree.css("iframe")
    assert card.css_first("a[href='/@ama']") is not None
    picture_of = card.css_first("img")
    assert picture_of is not None
    assert picture_of.attributes["alt"] == "A stone"
    assert str(picture_of.attributes["src"]).startswith("https://rocks.example/media_proxy/card/")
    assert {"rel": "nofollow noopener noreferrer", "href": film.url}.items() <= card.css("a")[0].attributes.items()


def test_a_sensitive_post_hides_the_picture_of_its_link() -> None:
    one = status(18, BO, "<p>see</p>", card=link_card(18), sensitive=True)
    tree = LexborHTMLParser(render("fragments/posts.html", page(), statuses=[one], older=None))
    assert tree.css("div.link-card")
    assert not tree.css("div.link-card img")
