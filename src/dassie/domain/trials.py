"""What a relay on trial brought, and what taking part in it would cost."""

from __future__ import annotations

from msgspec import Struct

from dassie.domain.media_limits import MIB

GB = 1_000_000_000
POST_BYTES = 6_000
"""Of a stored post with its share of indexes, until a server has measured its own."""
THUMBNAIL_BYTES = 40_000
PROFILE_THUMBNAIL_BYTES = 12_000
PROFILE_BYTES = 220_000
CARD_SHARE, CARD_BYTES = 0.2, 25_000
FILE_BYTES = 740_000
JOBS_LAZY, JOBS_EAGER = 1.2, 3.1
TOP = 10


class Sample(Struct):
    """Counted while a relay is on trial. `looked_at` are the statuses whose content is known."""

    began_ms: int
    ended_ms: int = 0
    offered: int = 0
    bytes: int = 0
    looked_at: int = 0
    authors: int = 0
    with_media: int = 0
    files: int = 0
    measured_files: int = 0
    measured_bytes: int = 0
    wanted: int = 0
    """By somebody followed here, or with a tag followed here: what would have come into a home timeline."""
    languages: dict[str, int] = {}
    hosts: dict[str, int] = {}
    done: bool = False


class Forecast(Struct, frozen=True, kw_only=True):
    """What a relay would bring and cost at the pace of its sample, admitting everything."""

    minutes: float
    sampled: int
    looked_at: int
    posts_per_hour: float
    gb_per_day: dict[str, float]
    """By when files are fetched: `when_viewed` (as dassie does), `thumbnails`, `everything` (as others do)."""
    jobs_per_day: dict[str, int]
    days_until_full: dict[str, float | None]
    """None: never at this pace, or unknown room."""
    languages: list[tuple[str, float]]
    """(code, share), the most frequent first."""
    hosts: list[tuple[str, float]]
    share_wanted: float
    """Of the statuses looked at: what would have come into somebody's home timeline."""


def forecast(sample: Sample, *, room: int | None) -> Forecast:
    """The forecast of a sample; `room` is how many bytes of the budget are free.

    The starting values are those of the price list (docs/home/relays.md), replaced by what was measured.
    """
    seconds = max((sample.ended_ms - sample.began_ms) / 1000, 1.0)
    looked = max(sample.looked_at, 1)
    per_day = sample.offered / seconds * 86_400
    file_bytes = sample.measured_bytes / sample.measured_files if sample.measured_files else FILE_BYTES
    files, authors = sample.files / looked, min(sample.authors / looked, 1.0)
    each = {
        "when_viewed": POST_BYTES,
        "thumbnails": POST_BYTES + files * min(THUMBNAIL_BYTES, file_bytes) + authors * PROFILE_THUMBNAIL_BYTES,
        "everything": POST_BYTES + files * file_bytes + authors * PROFILE_BYTES + CARD_SHARE * CARD_BYTES,
    }
    bytes_per_day = {mode: per_day * size for mode, size in each.items()}
    jobs = {mode: JOBS_EAGER if mode == "everything" else JOBS_LAZY for mode in each}
    return Forecast(
        minutes=seconds / 60,
        sampled=sample.offered,
        looked_at=sample.looked_at,
        posts_per_hour=per_day / 24,
        gb_per_day={mode: size / GB for mode, size in bytes_per_day.items()},
        jobs_per_day={mode: round(per_day * count) for mode, count in jobs.items()},
        days_until_full={mode: _days(room, size) for mode, size in bytes_per_day.items()},
        languages=_shares(sample.languages, looked),
        hosts=_shares(sample.hosts, max(sum(sample.hosts.values()), 1)),
        share_wanted=sample.wanted / looked,
    )


def _days(room: int | None, per_day: float) -> float | None:
    return None if room is None or per_day < MIB / 1000 else max(room, 0) / per_day


def _shares(counts: dict[str, int], total: int) -> list[tuple[str, float]]:
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    return [(name, count / total) for name, count in best]
