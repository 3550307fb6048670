"""Our own samples, written in the manner of each software, read from bytes to structs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dassie.federation.vocab.activities import read_activity
from dassie.federation.vocab.actors import read_actor
from dassie.federation.vocab.documents import decode
from dassie.federation.vocab.notes import NoteDoc, read_note

_SAMPLES = Path(__file__).parents[2] / "samples" / "vocab"


def _sample(name: str) -> dict[str, Any]:
    return decode((_SAMPLES / f"{name}.json").read_bytes())


def _created(name: str) -> NoteDoc:
    activity = read_activity(_sample(name))
    assert activity.object is not None
    return read_note(activity.object, activity_audience=activity.audience)


def test_mastodon_note_is_read_with_everything_on_it() -> None:
    note = _created("mastodon_create_note")
    assert note.visibility("https://burrow.example/users/mole/followers") == "public"
    assert note.spoiler_text == "spring cleaning"
    assert note.sensitive
    assert note.language == "en"
    assert note.in_reply_to == "https://river.example/users/rat/statuses/9"
    assert note.mention_hrefs == ("https://river.example/users/rat",)
    assert note.silent_recipients == ("https://burrow.example/users/mole/followers",)
    assert [tag.name for tag in note.hashtags] == ["Spring"]
    assert [(emoji.shortcode, emoji.icon_url) for emoji in note.emojis] == [
        ("paw", "https://burrow.example/emoji/paw.png")
    ]
    assert (note.likes_count, note.shares_count) == (3, 1)
    assert note.replies_uri == "https://burrow.example/users/mole/statuses/1/replies"
    assert note.replies == ("https://burrow.example/users/mole/statuses/2",)
    assert note.policy is not None
    assert note.policy.can_quote is not None
    assert note.policy.can_reply is None


def test_mastodon_picture_keeps_alt_text_focus_and_size() -> None:
    (picture,) = _created("mastodon_create_note").attachments
    assert picture.kind == "image"
    assert picture.description == "A whitewash brush"
    assert picture.focus == (-0.4, 0.25)
    assert (picture.width, picture.height) == (1200, 800)
    assert picture.blurhash == "LEHV6nWB2yk8pyo0adR*.7kCMdnj"


def test_mastodon_signature_is_seen_and_lost_with_a_rearranging_context() -> None:
    doc = _sample("mastodon_create_note")
    assert read_activity(doc).has_ld_signature
    assert not read_activity({**doc, "@context": [doc["@context"], {"more": "@graph"}]}).has_ld_signature
    assert not read_activity({**doc, "@context": [None, doc["@context"]]}).has_ld_signature


def test_mastodon_actor_is_read_with_both_keys() -> None:
    actor = read_actor(_sample("mastodon_actor"))
    assert (actor.username, actor.webfinger) == ("mole", "mole@burrow.example")
    assert [key.key_id.partition("#")[2] for key in actor.keys] == ["main-key", "ed25519-key"]
    assert actor.keys[0].pem.startswith("-----BEGIN")
    assert actor.keys[1].multibase == "z6MkinventedKey"
    assert actor.shared_inbox == "https://burrow.example/inbox"
    assert actor.also_known_as == ("https://old.example/users/mole",)
    assert actor.attribution_domains == ("burrow.example",)
    assert actor.icon is not None
    assert actor.icon.alt == "A mole in spectacles"
    assert actor.image is not None
    assert [(field.name, field.value_html[:2]) for field in actor.fields] == [("Home", "<a")]
    assert actor.locked
    assert actor.discoverable is True
    assert not actor.indexable


def test_misskey_quote_is_legacy_and_post_unlisted() -> None:
    note = _created("misskey_create_quote")
    assert note.quote_uri == "https://river.example/notes/5"
    assert note.quote is not None
    assert note.quote.is_legacy
    assert note.visibility("https://willow.example/users/9a/followers") == "unlisted"
    assert note.attachments[0].description == ""
    assert note.spoiler_text == ""


def test_misskey_like_is_a_reaction_with_its_emoji() -> None:
    activity = read_activity(_sample("misskey_like_reaction"))
    assert activity.reaction == ":boat:"
    assert [emoji.shortcode for emoji in activity.emojis] == ["boat"]
    assert activity.object_id == "https://burrow.example/users/mole/statuses/1"


def test_pleroma_poll_takes_its_end_from_closed() -> None:
    note = read_note(_sample("pleroma_question"))
    assert note.poll is not None
    assert [(option.title, option.votes) for option in note.poll.options] == [("Motor-car", 12), ("Caravan", 2)]
    assert note.poll.multiple
    assert note.poll.voters_count == 13
    assert note.poll.ends_at == datetime(2026, 5, 1, 0, 0, 0, 500_000, tzinfo=UTC)
    assert note.visibility("https://toadhall.example/users/toad/followers") == "private"
    assert note.language is None
    assert note.attachments[0].url == "https://toadhall.example/media/car.png"


def test_lemmy_page_comes_wrapped_and_with_its_title() -> None:
    activity = read_activity(_sample("lemmy_announce_create_page"))
    assert (activity.type, activity.inner and activity.inner.type) == ("Announce", "Create")
    assert activity.inner is not None
    assert activity.inner.object is not None
    note = read_note(activity.inner.object)
    assert note.converted
    assert note.content_html.startswith("<h2>Flood &amp; forecast</h2><p>Bring boats.</p>")
    assert note.content_html.endswith(
        '<p><a href="https://commons.example/post/4">https://commons.example/post/4</a></p>'
    )
    assert note.links == ("https://weather.example/flood",)
    assert note.attachments == ()
    assert note.preview_image_url == "https://commons.example/pictrs/flood.png"
    assert note.group == "https://commons.example/c/riverbank"
    assert note.language == "en"
    assert note.updated is None


def test_peertube_markdown_is_escaped_into_paragraphs() -> None:
    note = read_note(_sample("peertube_video"))
    assert note.url == "https://tube.example/w/1"
    assert note.authors == ("https://tube.example/accounts/rat", "https://tube.example/video-channels/river")
    assert "<p>How to *row*.<br>Slowly.</p><p>Then &lt;b&gt;fast&lt;/b&gt;.</p>" in note.content_html
    assert note.preview_image_url == "https://tube.example/thumb.jpg"
    assert note.updated == datetime(2026, 1, 3, tzinfo=UTC)


def test_gotosocial_sends_several_votes_at_once() -> None:
    activity = read_activity(_sample("gotosocial_create_votes"))
    votes = [read_note(found.doc).vote for found in activity.objects if found.doc]
    assert votes == ["Motor-car", "Caravan"]
    assert len(activity.object_ids) == 2


def test_ghost_article_with_compact_public_and_prefixed_type() -> None:
    note = _created("ghost_create_article")
    assert note.type == "Article"
    assert note.visibility(None) == "public"
    assert note.audience.cc == ("https://journal.example/.ghost/activitypub/followers/index",)
    assert note.content_html.startswith("<h2>Wild Wood &lt;notes&gt;</h2><p>Snow fell.</p>")
    assert note.spoiler_text == ""
    assert note.updated is None


def test_undo_gives_the_inner_follow() -> None:
    activity = read_activity(_sample("mastodon_undo_follow"))
    assert activity.inner is not None
    assert (activity.inner.type, activity.inner.object_id) == ("Follow", "https://river.example/users/rat")
    assert activity.inner.inner is None


def test_names_spelt_out_are_read_like_short_ones() -> None:
    note = read_note(_sample("jsonld_full_names"))
    assert note.uri == "https://long.example/n/1"
    assert note.author == "https://long.example/u/1"
    assert note.content_html == "<p>spelt out</p>"
    assert note.visibility(None) == "public"
    assert [emoji.shortcode for emoji in note.emojis] == ["ox"]


def test_every_sample_is_used_by_a_test() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    names = [path.stem for path in _SAMPLES.glob("*.json")]
    assert names
    assert [name for name in names if f'"{name}"' not in here] == []
    assert all(json.loads((_SAMPLES / f"{name}.json").read_text(encoding="utf-8")) for name in names)
