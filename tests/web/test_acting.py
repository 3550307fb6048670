"""Buttons on posts and profiles, with and without htmx."""

from __future__ import annotations

from clicking import Browser
from dassie.services.drafts import PollDraft
from dassie.store import follows, marks
from test_reading import follow, say
from worlds import World


async def test_a_favourite_without_scripts_comes_back_to_the_post(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    post = await say(world, ben, "warm stone")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/public")
    page = await browser.press(page, f"#a-{post.id} .fave")
    assert page.trail == [f"/public#s-{post.id}"]
    button = page.one(f"#a-{post.id} .fave")
    assert button.attributes["aria-pressed"] == "true"
    assert str(button.attributes["formaction"]).startswith(f"/statuses/{post.id}/unfavourite")
    async with world.server.read() as tx:
        assert await marks.favourites.has(tx, ana.id, post.id)


async def test_with_htmx_only_the_buttons_come_back(world: World) -> None:
    await world.account("ana")
    post = await say(world, await world.account("ben"), "warm stone")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/public")
    for name in ("fave", "boost", "mark"):
        answer = await browser.press(page, f"#a-{post.id} .{name}", htmx=True)
        assert answer.code == 200
        assert answer.headers["hx-retarget"] == f"#a-{post.id}"
        assert answer.headers["hx-reswap"] == "outerMorph"
        assert answer.headers["hx-push-url"] == "false"
        assert answer.one(f".{name}").attributes["aria-pressed"] == "true"
        assert "<article" not in answer.text


async def test_pressing_twice_does_it_once_and_the_other_way_undoes_it(world: World) -> None:
    await world.account("ana")
    post = await say(world, await world.account("ben"), "warm stone")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/public")
    await browser.press(page, f"#a-{post.id} .boost")
    after = await browser.press(page, f"#a-{post.id} .boost")
    assert after.one(f"#a-{post.id} .boost").text().strip() == "1"
    after = await browser.press(after, f"#a-{post.id} .boost")
    assert after.one(f"#a-{post.id} .boost").attributes["aria-pressed"] == "false"


async def test_what_one_may_not_do_is_a_sentence_in_the_toast(world: World) -> None:
    await world.account("ana")
    post = await say(world, await world.account("ben"), "warm stone")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/public")
    forged = page.text.replace(f"/statuses/{post.id}/favourite", f"/statuses/{post.id}/pin").encode()
    page.body = forged
    answer = await browser.press(page, f"#a-{post.id} .fave", htmx=True)
    assert answer.code == 422
    assert answer.headers["x-said"]
    assert answer.text == ""


async def test_following_from_a_profile_and_back(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.press(await browser.open("/@ben"), f"#f-{ben.id} button")
    assert page.path == "/@ben"
    assert "You follow them now" in page.words()
    async with world.server.read() as tx:
        assert await follows.following(tx, ana.id, ben.id)
    answer = await browser.press(page, f"#f-{ben.id} button", htmx=True)
    assert "Follow" in answer.words("button")
    assert answer.headers["hx-retarget"] == f"#f-{ben.id}"


async def test_somebody_who_approves_followers_is_asked(world: World) -> None:
    await world.account("ana")
    ben = await world.account("ben", locked=True)
    hers, his = Browser(world.app), Browser(world.app)
    await hers.sign_in("ana")
    page = await hers.press(await hers.open("/@ben"), f"#f-{ben.id} button")
    assert "Take back request" in page.words(f"#f-{ben.id}")
    await his.sign_in("ben")
    page = await his.open("/notifications")
    assert "People who ask to follow you" in page.words()
    page = await his.press(page, "button[formaction*='/authorize']")
    assert "They follow you now" in page.words()
    assert "Unfollow" in (await hers.open("/@ben")).words(f"#f-{ben.id}")


async def test_a_block_is_explained_before_it_is_made(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    await follow(world, ana, ben)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    asking = await browser.open(f"/accounts/{ben.id}/block")
    assert "Follows between you two end" in asking.words()
    page = await browser.submit(asking, "main form")
    assert "They are blocked" in page.words()
    assert "Unblock" in page.words(f"#f-{ben.id}")
    async with world.server.read() as tx:
        assert not await follows.following(tx, ana.id, ben.id)


async def test_muting_is_told_on_the_profile(world: World) -> None:
    await world.account("ana")
    await world.account("ben")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.press(await browser.open("/@ben"), "button[formaction$='/mute']")
    assert "Muted" in page.words(".handle")
    page = await browser.press(page, "button[formaction$='/unmute']")
    assert "Muted" not in page.words(".handle")


async def test_voting_shows_the_result_with_the_own_vote(world: World) -> None:
    await world.account("ana")
    poll = PollDraft(options=["granite", "sand"], expires_in=3600)
    post = await say(world, await world.account("ben"), "which?", poll=poll)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open(f"/@ben/{post.id}")
    page = await browser.submit(page, "form.poll", choices__=1)
    assert "Your vote is counted" in page.words()
    results = [item.text(separator=" ").split() for item in page.tree.css("li.result")]
    assert results[0][:2] == ["0", "%"]
    assert results[1][:2] == ["100", "%"]
    assert "Your" in results[1]
    again = await browser.post(f"/polls/{1}/votes", {"token": "x"})
    assert again.code == 403


async def test_guests_are_led_to_sign_in(world: World) -> None:
    page = await Browser(world.app).open("/publish?text=hello")
    assert page.path == "/auth/sign_in?next=%2Fpublish%3Ftext%3Dhello"
