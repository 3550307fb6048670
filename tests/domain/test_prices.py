"""The price list equals the one the interface was designed with (ui.md section 12)."""

from __future__ import annotations

import pytest

from dassie.domain.prices import PROPOSED, STEPS, price, price_list


@pytest.mark.parametrize(
    ("per_hour", "viewed", "thumbnails", "everything", "jobs", "jobs_everything"),
    [
        (50, 7e6, 34e6, 0.51e9, 1_440, 3_720),
        (200, 29e6, 137e6, 2.06e9, 5_760, 14_880),
        (400, 58e6, 275e6, 4.11e9, 11_520, 29_760),
        (4_000, 0.58e9, 2.75e9, 41.1e9, 115_200, 297_600),
    ],
)
def test_a_day_costs_what_the_list_says(
    per_hour: int, viewed: float, thumbnails: float, everything: float, jobs: int, jobs_everything: int
) -> None:
    found = price(per_hour)
    assert found.when_viewed == pytest.approx(viewed, rel=0.03)
    assert found.thumbnails == pytest.approx(thumbnails, rel=0.01)
    assert found.everything == pytest.approx(everything, rel=0.01)
    assert (found.jobs, found.jobs_everything) == (jobs, jobs_everything)


def test_measured_figures_replace_the_starting_ones_and_no_limit_counts_as_a_big_relay() -> None:
    assert price(100, post_bytes=4_000, jobs_each=1).when_viewed == 9_600_000
    assert price(100, post_bytes=4_000, jobs_each=1).jobs == 2_400
    assert price(None).when_viewed == price(4_000).when_viewed
    assert [one.per_hour for one in price_list()] == list(STEPS)
    assert PROPOSED in STEPS
