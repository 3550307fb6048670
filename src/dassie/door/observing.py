"""Figures of this process for Prometheus: requests by door and code, and how long they took."""

from __future__ import annotations

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
SECONDS = Histogram(
    "dassie_request_seconds",
    "Time until an answer was complete, by kind of path.",
    ["part"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
ANSWERS = Counter("dassie_answers", "Answers by kind of path and HTTP code.", ["part", "code"], registry=REGISTRY)
JOBS = Gauge("dassie_jobs", "Jobs in the queue.", ["kind", "state"], registry=REGISTRY)
OLDEST = Gauge("dassie_jobs_oldest_seconds", "Age of the oldest job that waits.", ["kind"], registry=REGISTRY)
FAILING = Gauge("dassie_failing_hosts", "Other servers that fail, by what failed last.", ["reason"], registry=REGISTRY)
STORED = Gauge(
    "dassie_storage_bytes", "What is stored, by kind; posts are part of the database.", ["kind"], registry=REGISTRY
)
STORED_FILES = Gauge(
    "dassie_storage_files", "How many files (or posts) are stored, by kind.", ["kind"], registry=REGISTRY
)
USED = Gauge("dassie_storage_used_bytes", "What counts against the budget.", registry=REGISTRY)
BUDGET = Gauge("dassie_storage_budget_bytes", "What may be used.", registry=REGISTRY)
DISK_FREE = Gauge("dassie_disk_free_bytes", "Free on the disk of the data folder.", registry=REGISTRY)
FLOOR = Gauge("dassie_disk_floor_bytes", "What is always left free there.", registry=REGISTRY)
ROOM = Gauge(
    "dassie_room_level", "3 plenty, 2 near the floor or the budget, 1 at the floor, 0 full.", registry=REGISTRY
)
EVENTS = Gauge("dassie_counted", "What was counted since yesterday, from the database.", ["name"], registry=REGISTRY)

PARTS = ("api", "oauth", "users", "inbox", "system", "media_proxy", "static", ".well-known", "nodeinfo")


def part_of(path: str) -> str:
    """The kind of a path, from a short list: labels must not grow with what strangers ask for."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    if path.endswith("/inbox"):
        return "inbox"
    return first if first in PARTS else "pages"


def observe(path: str, code: int, seconds: float) -> None:
    """Note one answer."""
    part = part_of(path)
    _seconds(part).observe(seconds)
    _answers(part, code).inc()


# Finding a figure by its labels takes longer than adding to it. Both are few.
@cache
def _seconds(part: str) -> Histogram:
    return SECONDS.labels(part)


@cache
def _answers(part: str, code: int) -> Counter:
    return ANSWERS.labels(part, str(code))


def text() -> bytes:
    """All figures in Prometheus' text format."""
    return generate_latest(REGISTRY)
