"""What people of the fleet write: words of several languages, drawn by chance."""

from __future__ import annotations

import random

LANGUAGES: dict[str, tuple[str, ...]] = {
    "en": ("stone", "morning", "bread", "quiet", "river", "window", "letter", "garden", "slowly", "warm", "again"),
    "de": ("Stein", "Morgen", "Brot", "leise", "Fluss", "Fenster", "Brief", "Garten", "langsam", "warm", "wieder"),
    "fr": ("pierre", "matin", "pain", "rivière", "fenêtre", "lettre", "jardin", "lentement", "chaud", "encore"),
    "es": ("piedra", "mañana", "pan", "río", "ventana", "carta", "jardín", "despacio", "cálido", "otra", "vez"),
    "pl": ("kamień", "poranek", "chleb", "cicho", "rzeka", "okno", "list", "ogród", "powoli", "ciepło", "znowu"),
    "ru": ("камень", "утро", "хлеб", "тихо", "река", "окно", "письмо", "сад", "медленно", "тепло", "снова"),
    "ja": ("石の上", "朝の光", "焼きたてのパン", "静かな川", "窓辺", "手紙", "小さな庭", "ゆっくり", "また明日"),
}
SHARES = {"en": 52, "de": 14, "fr": 9, "es": 8, "ja": 9, "pl": 4, "ru": 4}
TAGS = ("photography", "cats", "music", "linux", "books", "garten", "cycling", "knitting", "news", "art", "railways")


def language(chance: random.Random) -> str:
    return chance.choices(tuple(SHARES), tuple(SHARES.values()))[0]


def sentence(chance: random.Random, code: str, most: int = 50) -> str:
    """Some words of this language, more often few than many."""
    return " ".join(chance.choices(LANGUAGES[code], k=3 + int(most * chance.random() ** 2)))
