"""The language of the search field."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dassie.domain import time_zones
from dassie.domain.search_query import MAX_TERMS, Author, parse
from dassie.domain.search_words import MAX_WORD, MAX_WORDS, words_of


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_words_are_terms_that_all_must_hold() -> None:
    query = parse("red  +fox\n-hen")
    assert query.must.phrases == [("red",), ("fox",)]
    assert query.must_not.phrases == [("hen",)]


@pytest.mark.parametrize("text", ['"red fox"', "“red fox”", "„red fox“", '"red fox', "+“red fox”"])
def test_quotation_marks_of_all_kinds_make_a_phrase(text: str) -> None:
    assert parse(text).must.phrases == [("red", "fox")]


def test_a_phrase_can_be_unwanted() -> None:
    assert parse('-"red fox" hen').must_not.phrases == [("red", "fox")]


def test_a_word_with_punctuation_is_a_phrase() -> None:
    assert parse("low-light it's 3.5").must.phrases == [("low", "light"), ("it", "s"), ("3", "5")]


def test_tags_are_normalised() -> None:
    query = parse("#Café -#Dogs ＃猫 #")
    assert query.must.tags == ["cafe", "猫"]
    assert query.must_not.tags == ["dogs"]
    assert query.must.phrases == []


def test_has_and_is_share_their_list() -> None:
    query = parse("has:image is:Poll has:sensitive -is:reply is:quote")
    assert query.must.properties == ["image", "poll", "sensitive", "quote"]
    assert query.must_not.properties == ["reply"]


def test_languages_are_known_ones() -> None:
    query = parse("language:EN -language:zh_tw language:tlh")
    assert query.must.languages == ["en"]
    assert query.must_not.languages == ["zh-TW"]
    assert query.must.phrases == [("language", "tlh")]


def test_authors_by_handle() -> None:
    query = parse('from:me from:@Ana from:bo@Else.Where:3000 -from:"@cy@c.example" from:@')
    assert query.must.authors == [Author(""), Author("ana"), Author("bo", "else.where:3000")]
    assert query.must.authors[0].me
    assert query.must_not.authors == [Author("cy", "c.example")]
    assert query.must.phrases == [("from",)]


def test_places() -> None:
    query = parse("in:library -in:public in:all")
    assert query.must.places == ["library"]
    assert query.must_not.places == ["public"]
    assert query.must.phrases == []


@pytest.mark.parametrize(
    ("text", "not_before", "before"),
    [
        ("before:2024-05-02", None, "2024-05-02"),
        ("after:2024-05-02", "2024-05-03", None),
        ("during:2024-02-29", "2024-02-29", "2024-03-01"),
        ("during:2024-12", "2024-12-01", "2025-01-01"),
        ("during:2024", "2024-01-01", "2025-01-01"),
        ("-before:2024-05-02", "2024-05-02", None),
        ("-after:2024-05-02", None, "2024-05-03"),
        ("after:2024-01-01 after:2024-03-01 before:2024-09-01 before:2024-08-01", "2024-03-02", "2024-08-01"),
    ],
)
def test_dates_limit_the_time(text: str, not_before: str | None, before: str | None) -> None:
    query = parse(text)
    assert query.not_before == (day(not_before) if not_before else None)
    assert query.before == (day(before) if before else None)
    assert query.must.empty


def test_a_day_can_be_left_out() -> None:
    query = parse("-during:2024-05-02")
    assert query.outside == [(day("2024-05-02"), day("2024-05-03"))]
    assert (query.not_before, query.before) == (None, None)


@pytest.mark.parametrize(
    "text", ["before:lunch", "before:2024-02-30", "during:9999-12-31x", "has:fleas", "who:me", "a:b"]
)
def test_what_is_no_operator_is_plain_text(text: str) -> None:
    query = parse(text)
    assert query.must.phrases == [tuple(words_of(text))]
    assert query.must.properties == []


def test_the_last_day_there_is_does_no_harm() -> None:
    assert parse("after:9999-12-31").must.phrases == [("after", "9999", "12", "31")]
    assert parse("during:0000-01-01").must.phrases == [("during", "0000", "01", "01")]


@pytest.mark.parametrize("text", ["", "  ", '""', "-", "+", "…", "in:all", "#"])
def test_nothing_asked_for_is_empty(text: str) -> None:
    assert parse(text).empty


def test_a_long_query_is_cut() -> None:
    assert len(parse("word " * 10_000).must.phrases) == MAX_TERMS


@given(st.text(max_size=300) | st.from_regex(r"([+-]?[a-z]{2,8}:?[\"“]?[@#0-9a-z-]*[\"”]?\s?){1,20}"))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_query_within_bounds(text: str) -> None:
    query = parse(text)
    for side in (query.must, query.must_not):
        assert len(side.phrases) + len(side.tags) + len(side.properties) + len(side.languages) <= MAX_TERMS
        assert len(side.authors) <= MAX_TERMS
        for phrase in side.phrases:
            assert phrase
            assert all(word and len(word) <= MAX_WORD and "'" not in word and '"' not in word for word in phrase)


@given(st.text(max_size=400))
@settings(max_examples=300, deadline=None)
def test_cutting_words_again_changes_nothing(text: str) -> None:
    words = words_of(text)
    assert len(words) <= MAX_WORDS
    assert words_of(" ".join(words)) == words


@pytest.mark.parametrize("piece", ["a", '"', "-", "from:", "é", "猫", "\u0301", "a-", ":", "@a", "2024-"])
def test_long_inputs_take_linear_time(piece: str) -> None:
    start = time.perf_counter()
    parse(piece * 50_000)
    words_of(piece * 100_000)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("zone", "text", "not_before", "before"),
    [
        ("Asia/Tokyo", "during:2024-05-02", "2024-05-01T15:00+00:00", "2024-05-02T15:00+00:00"),
        ("America/New_York", "before:2024-05-02", None, "2024-05-02T04:00+00:00"),
        ("America/New_York", "after:2024-05-02", "2024-05-03T04:00+00:00", None),
        ("America/New_York", "before:2024-05-02T10:30", None, "2024-05-02T14:30+00:00"),
        ("America/New_York", "after:2024-05-02T10:30:00Z", "2024-05-02T10:30:00.001+00:00", None),
        ("Europe/Berlin", "during:2024-03-31", "2024-03-30T23:00+00:00", "2024-03-31T22:00+00:00"),  # 23 hours
        ("Europe/Berlin", "during:2024", "2023-12-31T23:00+00:00", "2024-12-31T23:00+00:00"),
        ("Nowhere/AtAll", "before:2024-05-02", None, "2024-05-02T00:00+00:00"),
    ],
)
def test_days_begin_as_they_do_where_one_lives(
    zone: str, text: str, not_before: str | None, before: str | None
) -> None:
    query = parse(text, time_zones.zone(zone))
    assert query.not_before == (datetime.fromisoformat(not_before) if not_before else None)
    assert query.before == (datetime.fromisoformat(before) if before else None)


def test_time_zones_are_known_by_place() -> None:
    assert time_zones.known("Europe/Berlin") == "Europe/Berlin"
    assert time_zones.known("Etc/GMT+3") == time_zones.known("nonsense") == time_zones.known(None) == ""
    assert time_zones.zone("../../etc/passwd") is UTC
