"""How long to wait for a server's answer, learned from how long it took before (as RFC 6298 does for TCP)."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_SECONDS = 10.0
"""For a server that never answered us yet."""
LEAST_SECONDS = 5.0
MOST_SECONDS = 60.0
MEAN_WEIGHT = 1 / 8
DEVIATION_WEIGHT = 1 / 4
DEVIATIONS = 4
MOST_DOUBLINGS = 3
DOUBLINGS_AT_FIRST = 1
"""For a server that never answered us: nobody knows that it is slow rather than dead."""


@dataclass(slots=True)
class AnswerTimes:
    """Of one server: seconds from asking to the head of its answer."""

    mean: float | None = None
    deviation: float = 0.0
    late: int = 0
    """Timeouts in a row: each doubles our patience, or a server that became slow would never be heard again."""

    def took(self, seconds: float) -> None:
        """It answered."""
        self.late = 0
        if self.mean is None:
            self.mean, self.deviation = seconds, seconds / 2
            return
        self.deviation += DEVIATION_WEIGHT * (abs(seconds - self.mean) - self.deviation)
        self.mean += MEAN_WEIGHT * (seconds - self.mean)

    def timed_out(self) -> None:
        """It did not answer in the time it had."""
        self.late = min(self.late + 1, MOST_DOUBLINGS)

    @property
    def patience(self) -> float:
        """Seconds to wait next time."""
        usual = FIRST_SECONDS if self.mean is None else max(self.mean + DEVIATIONS * self.deviation, LEAST_SECONDS)
        late = self.late if self.mean is not None else min(self.late, DOUBLINGS_AT_FIRST)
        return min(usual * 2.0**late, MOST_SECONDS)
