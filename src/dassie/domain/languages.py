"""The languages a post can say it is written in."""

from __future__ import annotations

from dassie.domain.words import words

ISO_639_1 = words(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee "
    "el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io "
    "is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn "
    "mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se "
    "sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo "
    "wa wo xh yi yo za zh zu"
)
ISO_639_3 = words("ast chr ckb cnr csb gsw jbo kab ldn lfn moh nds pdc sco sma smj szl tok vai xal zba zgh")
"""Languages without a code of two letters that people post in."""
REGIONAL = frozenset({"zh-CN", "zh-HK", "zh-TW", "zh-YUE"})
"""Only where the written languages differ enough to be told apart."""

LANGUAGES = tuple(sorted(ISO_639_1 | ISO_639_3 | REGIONAL))
"""All codes in order, for the composer; Babel names them in any language, `language_names.py` in their own."""

_BY_LOWER = {code.lower(): code for code in LANGUAGES}


def valid_language(code: object) -> str | None:
    """The code as we store it, or None for what is not a language: `en-GB` is `en`, `zh_tw` is `zh-TW`.

    Takes whatever another server put there. A region is kept only for Chinese; `und` and `mul` say nothing.
    """
    if not isinstance(code, str) or not 2 <= len(code) <= 35:
        return None
    parts = code.strip().lower().replace("_", "-").split("-")
    return _BY_LOWER.get("-".join(parts)) or _BY_LOWER.get(parts[0])
