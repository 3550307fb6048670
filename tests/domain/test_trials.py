"""The forecast of a relay, from its sample."""

from __future__ import annotations

import pytest

from dassie.cli.relay_trial import lines
from dassie.domain.trials import Sample, forecast

HOUR_MS = 3_600_000


def sample(**changes: object) -> Sample:
    made = Sample(began_ms=0, ended_ms=HOUR_MS, offered=4_000, looked_at=1_000, authors=250, files=490, with_media=350)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_big_relay_costs_what_the_price_list_says() -> None:
    """4,000 posts an hour, with the starting values of the price list: 0.58, 2.75 and 41.1 GB a day."""
    found = forecast(sample(), room=None)
    assert found.posts_per_hour == pytest.approx(4_000)
    assert found.gb_per_day["when_viewed"] == pytest.approx(0.58, abs=0.01)
    assert found.gb_per_day["thumbnails"] == pytest.approx(2.75, abs=0.01)
    assert found.gb_per_day["everything"] == pytest.approx(41.1, abs=0.1)
    assert found.jobs_per_day == {"when_viewed": 115_200, "thumbnails": 115_200, "everything": 297_600}
    assert set(found.days_until_full.values()) == {None}


def test_measured_files_replace_the_starting_value() -> None:
    found = forecast(sample(measured_files=2, measured_bytes=200_000), room=None)
    assert found.gb_per_day["everything"] < forecast(sample(), room=None).gb_per_day["everything"] / 2


def test_days_until_full_follow_from_the_room_left() -> None:
    found = forecast(sample(), room=5_760_000_000)
    assert found.days_until_full["when_viewed"] == pytest.approx(10, abs=0.1)
    assert forecast(sample(), room=-5).days_until_full["everything"] == 0


def test_shares_come_the_greatest_first() -> None:
    found = forecast(sample(languages={"de": 250, "en": 700, "": 50}, hosts={"a.test": 1, "b.test": 3}), room=None)
    assert found.languages == [("en", 0.7), ("de", 0.25), ("", 0.05)]
    assert found.hosts == [("b.test", 0.75), ("a.test", 0.25)]


def test_forecast_is_told_in_sentences() -> None:
    told = "\n".join(lines(forecast(sample(wanted=20, languages={"en": 1_000}), room=1_000_000_000)))
    assert "4000 posts an hour" in told
    assert "full within a day" in told
    assert "en 100%" in told
    assert "2.0% would have come" in told
