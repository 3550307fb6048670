"""Finding keywords in texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dassie.domain.filters import MOST_PLACES, SEARCHED, Searched, first_match, keyword


def found(text: str, *keywords: str, whole: bool = True) -> str | None:
    return first_match([keyword(one, whole) for one in keywords], Searched(text))


@pytest.mark.parametrize(
    ("text", "word", "match"),
    [
        ("I like Cats.", "cats", "Cats"),
        ("concatenate", "cat", None),
        ("cat_nap", "cat", None),
        ("a cat-nap", "cat", "cat"),
        ("über ÜBER", "Über", "über"),
        ("Straßenbahn fährt", "fährt", "fährt"),
        ("STRASSE", "straße", "STRASSE"),
        ("Straße", "STRASSE", "Straße"),
        ("кошка и Кот", "кот", "Кот"),
        ("котёнок", "кот", None),
        ("#spoiler!", "#spoiler", "#spoiler"),
        ("x#spoiler", "#spoiler", "#spoiler"),
        ("#spoilers", "#spoiler", None),
        ("C++ is", "c++", "C++"),
        ("C++11", "c++", "C++"),
        ("look here: :)", ":)", ":)"),
        ("two  words, two words", "two words", "two words"),
        ("cafe\u0301 society", "café", "café"),
        ("cafe\u0301s", "cafe", None),
        ("日本 猫 です", "猫", "猫"),
        ("日本猫です", "猫", None),
    ],
)
def test_a_whole_word_is_found_where_words_begin_and_end(text: str, word: str, match: str | None) -> None:
    assert found(text, word) == match


@pytest.mark.parametrize(
    ("text", "word", "match"),
    [
        ("conCATenate", "cat", "CAT"),
        ("日本猫です", "猫", "猫"),
        ("Straße", "s", "S"),
        ("aße", "s", None),
        ("ab", "", None),
    ],
)
def test_a_part_is_found_anywhere_but_within_a_sign(text: str, word: str, match: str | None) -> None:
    assert found(text, word, whole=False) == match


def test_the_first_in_the_text_is_told_whatever_the_order_of_keywords() -> None:
    assert found("pears and apples", "apples", "pears") == "pears"
    assert found("pearside", "pear", "pears", whole=False) == "pear"
    assert found("pearside", "pears", "pear", whole=False) == "pears"


@given(st.text(max_size=60), st.text(min_size=1, max_size=4), st.booleans())
def test_what_is_found_stands_in_the_text(text: str, word: str, whole: bool) -> None:
    match = found(text, word, whole=whole)
    assert match is None or (match in Searched(text).text and match.casefold() == keyword(word, whole).folded)


def test_of_a_long_text_the_beginning_is_looked_at() -> None:
    assert found("a" * SEARCHED + " cat", "cat") is None
    assert found("a" * (SEARCHED - 4) + " cat", "cat") == "cat"


def test_a_phrase_within_longer_words_is_given_up_in_time() -> None:
    assert found("xa ax " * MOST_PLACES + "a a", "a a") is None
    assert found("xa ax " * 20 + "a a", "a a") == "a a"
