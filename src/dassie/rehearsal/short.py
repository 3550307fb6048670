"""The short version for an owner: two small floods in a folder that is gone afterwards."""

from __future__ import annotations

import tempfile
from pathlib import Path

from dassie.rehearsal.outcome import Outcome
from dassie.rehearsal.plan import Plan
from dassie.rehearsal.replay import Day, Say, replay

POSTS_PER_SECOND = 1000
"""More than this are not offered by one relay anywhere."""
ALL_IN_PER_SECOND = 300


async def rehearse(seconds: float, say: Say) -> tuple[Outcome, Outcome]:
    """With the quotas of a fresh server, then with everything let in; each takes about half of the time."""
    half = seconds / 2
    idle, flood = half / 4, half * 3 / 4
    with tempfile.TemporaryDirectory(prefix="dassie-rehearsal-") as name:
        folder = Path(name)
        outcomes = []
        for admit_all, most in ((False, POSTS_PER_SECOND), (True, ALL_IN_PER_SECOND)):
            posts = max(int(flood * most), 50)
            friends = 12 if seconds >= 20 else 4
            plan = Plan(
                seed=2 if admit_all else 1,
                hosts=100,
                authors=max(posts // 5, 10),
                posts=posts,
                friends=friends,
                own_posts=max(int(flood * 2), friends),
            )
            part = folder / ("all" if admit_all else "gate")
            (part / "posts").mkdir(parents=True)
            day = Day(
                plan=plan,
                rate=most if admit_all else 0.0,
                lines=4,
                idle_seconds=idle,
                flood_seconds=flood,
                drain_seconds=max(half / 2, 5.0),
                admit_all=admit_all,
            )
            outcomes.append(await replay(day, part, part / "posts", say))
    return outcomes[0], outcomes[1]
