"""The search index on both databases: words, phrases, accents, scripts without spaces."""

from __future__ import annotations

import pytest

from dassie.domain.ids import MAX_ID
from dassie.domain.search_words import words_of
from dassie.store import search
from dassie.store.tx import Database


async def found(db: Database, *phrases: str, below: int = MAX_ID, most: int = 10) -> list[int]:
    async with db.read() as tx:
        sought = [words_of(phrase) for phrase in phrases]
        return await search.with_words(tx, sought, above=0, below=below, most=most)


async def index(db: Database, **texts: str) -> None:
    """`s1="…"` indexes status 1."""
    async with db.write() as tx:
        for name, text in texts.items():
            await search.index_status(tx, int(name[1:]), text)
        while await search.index_pending(tx, 10):
            pass


async def test_all_words_must_be_there_in_any_order(db: Database) -> None:
    await index(db, s1="The red fox jumps", s2="A red car", s3="fox, red!")
    assert await found(db, "red", "fox") == [3, 1]


async def test_a_phrase_must_stand_together(db: Database) -> None:
    await index(db, s1="red fox", s2="fox red", s3="red and fox")
    assert await found(db, "red fox") == [1]


async def test_newest_come_first_and_pages_follow_on(db: Database) -> None:
    await index(db, **{f"s{n}": "word" for n in range(1, 8)})
    assert await found(db, "word", most=3) == [7, 6, 5]
    assert await found(db, "word", most=3, below=5) == [4, 3, 2]


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("Crème brûlée", "creme BRULEE"),
        ("creme brulee", "Crème"),
        ("Ærøskøbing Straße", "aeroskobing strasse"),
        ("ＦＵＬＬ width", "full"),
        ("Ёлка зелёная", "елка зеленая"),
        ("Ίδρυμα", "ιδρυμα"),
        ("مُحَمَّد", "محمد"),
        ("İstanbul", "istanbul"),
    ],
)
async def test_accents_case_and_width_do_not_matter(db: Database, text: str, sought: str) -> None:
    await index(db, s1=text, s2="something else")
    assert await found(db, sought) == [1]


@pytest.mark.parametrize(
    ("text", "sought", "other"),
    [
        ("我喜欢北京烤鸭。", "北京", "京北"),
        ("東京タワーが見える", "タワー", "ワタ"),
        ("がっこうへいく", "がっこう", "かっこう"),
        ("오늘 날씨가 좋다", "날씨", "씨날"),
        ("ฉันรักแมวมาก", "แมว", "วมแ"),
        ("看Netflix的人", "netflix", "flix"),
    ],
)
async def test_scripts_without_spaces_are_found_by_any_part(db: Database, text: str, sought: str, other: str) -> None:
    await index(db, s1=text)
    assert await found(db, sought) == [1]
    assert await found(db, other) == []


async def test_indic_vowels_make_a_difference(db: Database) -> None:
    await index(db, s1="हिन्दी भाषा")
    assert await found(db, "हिन्दी") == [1]
    assert await found(db, "हन्दी") == []


async def test_indexing_again_replaces_and_forgetting_removes(db: Database) -> None:
    await index(db, s1="before", s2="before")
    await index(db, s1="after")
    assert await found(db, "before") == [2]
    assert await found(db, "after") == [1]
    async with db.write() as tx:
        await search.forget_status(tx, 1)
        await search.forget_status(tx, 99)
    assert await found(db, "after") == []


async def test_an_edit_to_nothing_is_found_no_more(db: Database) -> None:
    await index(db, s1="words")
    await index(db, s1=" … ")
    assert await found(db, "words") == []


async def test_signs_of_query_languages_mean_nothing(db: Database) -> None:
    await index(db, s1="it's a 'quoted' \"thing\" & more | less :* <-> NEAR(a b) AND NOT column:x \\ end", s2="other")
    assert await found(db, "it's") == [1]
    assert await found(db, "NEAR(a b)", "column:x") == [1]
    assert await found(db, "AND NOT") == [1]
    assert await found(db, "\\ end") == [1]


async def test_huge_and_strange_texts_are_indexed_within_bounds(db: Database) -> None:
    await index(db, s1="a" * 500_000, s2="same " * 50_000, s3=" ".join(map(str, range(30_000))), s4="\ud800\x00 ok")
    assert await found(db, "same") == [2]
    assert await found(db, "a" * 70) == [1]
    assert await found(db, "9999") == [3]
    assert await found(db, "29999") == []
    assert await found(db, "ok") == [4]
