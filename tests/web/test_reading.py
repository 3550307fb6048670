"""Timelines and posts as pages."""

from __future__ import annotations

from clicking import Browser, Page
from dassie.domain.ids import StatusId
from dassie.services import favouriting, following, posting, reblogging
from dassie.services.drafts import Draft
from dassie.store import thread_fetches
from dassie.store.views import AccountView, StatusRow
from dassie.web.posts import branches
from invented import AMA, BO, status
from people import stranger
from strangers import remote_status
from worlds import World


async def say(world: World, who: AccountView, text: str, **more: object) -> StatusRow:
    async with world.server.write() as tx:
        return await posting.post(tx, world.server, who, Draft(text=text, **more))  # type: ignore[arg-type]


async def follow(world: World, who: AccountView, whom: AccountView) -> None:
    async with world.server.write() as tx:
        await following.follow(tx, world.server, who, whom)


def ids_of(page: Page) -> list[str]:
    return [str(item.attributes["id"]) for item in page.tree.css("ol.posts > li[id^=s-]")]


async def test_home_shows_posts_of_those_one_follows_newest_first(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    await follow(world, ana, ben)
    posts = [await say(world, ben, f"stone {n}") for n in range(3)]
    await world.settle()
    browser = Browser(world.app)
    page = await browser.sign_in("ana")
    assert ids_of(page) == [f"s-{post.id}" for post in reversed(posts)]
    assert "stone 2" in page.words("ol.posts li")
    assert page.headers["cache-control"] == "private, no-cache"


async def test_an_empty_home_says_what_to_do(world: World) -> None:
    await world.account("ana")
    page = await Browser(world.app).sign_in("ana")
    assert "Find people" in page.words()


async def test_older_posts_come_by_link_and_as_a_fragment(world: World) -> None:
    ana = await world.account("ana")
    posts = [await say(world, ana, f"stone {n}") for n in range(25)]
    browser = Browser(world.app)
    page = await browser.open("/public")
    link = str(page.one("#more a").attributes["href"])
    assert link == f"/public?max_id={posts[5].id}"
    rest = await browser.open(link)
    assert ids_of(rest) == [f"s-{post.id}" for post in reversed(posts[:5])]
    assert not rest.tree.css("#more")
    fragment = await browser.fragment(link)
    assert "<html" not in fragment.text
    assert fragment.text.count("<article") == 5
    assert fragment.headers["cache-control"] == "no-store"


async def test_newer_posts_come_as_a_fragment(world: World) -> None:
    ana = await world.account("ana")
    posts = [await say(world, ana, f"stone {n}") for n in range(4)]
    fragment = await Browser(world.app).fragment(f"/public?min_id={posts[1].id}")
    assert ids_of(Page("", 200, {}, b"<ol class=posts>" + fragment.body)) == [f"s-{posts[3].id}", f"s-{posts[2].id}"]


async def test_guests_see_public_posts_without_action_buttons(world: World) -> None:
    ana = await world.account("ana")
    await say(world, ana, "for all")
    await say(world, ana, "for followers", visibility="private")
    page = await Browser(world.app).open("/public/local")
    assert "for all" in page.words()
    assert "for followers" not in page.text
    assert not page.tree.css("[formaction]")


async def test_a_tag_page_finds_its_posts_in_any_case(world: World) -> None:
    ana = await world.account("ana")
    await say(world, ana, "#Granite is warm")
    page = await Browser(world.app).open("/tags/granite")
    assert page.words("h1") == "#granite"
    assert "is warm" in page.words("ol.posts")
    assert "knows no public post" in (await Browser(world.app).open("/tags/basalt")).words()


async def test_saved_posts_are_listed(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    post = await say(world, ben, "a keeper")
    async with world.server.write() as tx:
        await favouriting.favourite(tx, world.server, ana, post)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    assert "a keeper" in (await browser.open("/favourites")).words("ol.posts")
    assert "Nobody else sees" in (await browser.open("/bookmarks")).words()


async def test_a_profile_shows_words_counts_and_posts(world: World) -> None:
    ana = await world.account("ana", display_name="Ana of the Hills")
    await say(world, ana, "first")
    page = await Browser(world.app).open("/@ana")
    assert page.words("h1") == "Ana of the Hills"
    assert "@ana@here.test" in page.words(".handle")
    assert "first" in page.words("ol.posts")
    assert page.one("link[type='application/activity+json']").attributes["href"] == ana.uri


async def test_a_handle_with_our_domain_or_other_letters_leads_to_the_one_address(world: World) -> None:
    await world.account("ana")
    for path in ("/@ana@here.test", "/@ANA"):
        page = await Browser(world.app).open(path)
        assert page.path == "/@ana"


async def test_a_profile_in_tabs(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    theirs = await say(world, ben, "question")
    await say(world, ana, "@ben answer", in_reply_to_id=theirs.id)
    browser = Browser(world.app)
    assert "answer" not in (await browser.open("/@ana")).text
    assert "answer" in (await browser.open("/@ana/with_replies")).words("ol.posts")
    assert "No pictures" in (await browser.open("/@ana/media")).words()


async def test_followers_are_listed_unless_the_person_hides_them(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben", hide_collections=True)
    await follow(world, ana, ben)
    browser = Browser(world.app)
    assert "@ben" in (await browser.open("/@ana/following")).words()
    hidden = await browser.open("/@ben/followers")
    assert "keeps this list to themselves" in hidden.words()
    assert "@ana" not in hidden.words()


async def test_a_thread_stands_around_its_post(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    first = await say(world, ana, "what is a koppie")
    second = await say(world, ben, "@ana a hill", in_reply_to_id=first.id)
    third = await say(world, ana, "@ben of stones?", in_reply_to_id=second.id)
    page = await Browser(world.app).open(f"/@ben/{second.id}")
    assert "what is a koppie" in page.words("ol.before")
    assert "a hill" in page.words(".opened")
    assert "of stones?" in page.words("ol.after")
    assert page.one(f"#s-{third.id}").attributes["class"] == "d1"


async def test_a_post_has_one_address(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    post = await say(world, ana, "here")
    async with world.server.write() as tx:
        boost = await reblogging.reblog(tx, world.server, ben, post)
    browser = Browser(world.app)
    for path in (f"/@ben/{post.id}", f"/@ben/{boost.id}"):
        assert (await browser.open(path)).path == f"/@ana/{post.id}"


async def test_private_posts_are_not_there_for_others(world: World) -> None:
    ana = await world.account("ana")
    await world.account("ben")
    post = await say(world, ana, "only us", visibility="private")
    browser = Browser(world.app)
    assert (await browser.open(f"/@ana/{post.id}")).code == 404
    await browser.sign_in("ben")
    assert (await browser.open(f"/@ana/{post.id}")).code == 404
    mine = Browser(world.app)
    await mine.sign_in("ana")
    assert (await mine.open(f"/@ana/{post.id}")).code == 200


async def test_hostile_markup_in_names_and_posts_stays_text(world: World) -> None:
    ana = await world.account("ana", display_name='<script src="//evil.example">')
    await say(world, ana, '<img src=x onerror="alert(1)"> </div></article>')
    page = await Browser(world.app).open("/@ana")
    assert "<img src=x" not in page.text
    assert not page.tree.css("[onerror]")
    assert all(str(s.attributes["src"]).startswith("/static/") for s in page.tree.css("script[src]"))


async def test_signed_in_people_go_home_from_the_front(world: World) -> None:
    ana = await world.account("ana", role="Owner")
    await say(world, ana, "hello from here")
    browser = Browser(world.app)
    assert "hello from here" in (await browser.open("/")).words()
    await browser.sign_in("ana")
    assert (await browser.open("/")).path == "/home"


def test_replies_stand_right_after_what_they_answer() -> None:
    def reply(id: int, to: int | None) -> object:
        return status(id, BO if id % 2 else AMA, in_reply_to_id=StatusId(to) if to else None)

    flat = [reply(2, 1), reply(3, 1), reply(4, 2), reply(5, 4), reply(6, 5), reply(7, 99)]
    shown = branches(StatusId(1), flat)  # type: ignore[arg-type]
    assert [(one.status.id, one.depth) for one in shown] == [(2, 1), (4, 2), (5, 3), (6, 3), (3, 1), (7, 1)]


async def test_a_page_says_that_more_answers_are_being_looked_for(world: World) -> None:
    author = await stranger(world, "eve", "far.test")
    row = await remote_status(world, author)
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    path = f"/@eve@far.test/{row.id}"
    assert "There may be more replies" in (await browser.open(path)).words()
    async with world.server.write() as tx:
        await thread_fetches.begin(tx, row.id, "word")
    assert "More replies are being looked for" in (await browser.open(path)).words()
    assert "There may be more replies" in (await Browser(world.app).open(path)).words()
    async with world.server.write() as tx:
        await thread_fetches.finish(tx, row.id, "word", 0)
    assert "There may be more replies" in (await browser.open(path)).words()
