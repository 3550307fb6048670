"""The admin pages of storage with invented figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from dassie.domain.storage import KINDS, Limits, StorageSettings
from dassie.services.making_room import Gone
from dassie.services.measuring_storage import Disk, KindReport, Report
from dassie.store.usage import HostUsage
from dassie.web import admin_storage
from invented import NOW

GB = 1_000_000_000
LIMITS = Limits(20 * GB, 5 * GB)


def report(used: int = 15 * GB, free: int = 80 * GB) -> Report:
    """A server in the middle of its life."""
    sizes = [1_200_000_000, 8 * GB, 2 * GB, 700_000_000, 400_000_000, 9_000_000, 0, 2_600_000_000, 3_100_000_000]
    kinds = [
        KindReport(kind, None if kind == "database" else size // 90_000, size, size / used, NOW, size // 900)
        for kind, size in zip([*KINDS, "database"], sizes, strict=True)
    ]
    hosts = [HostUsage(f"{name}.example", 900, 2 * GB, 12_345, 40_000_000) for name in ("big", "a-very-long-name" * 3)]
    full_on = NOW + timedelta(days=300)
    disk = Disk(250 * GB, free)
    return Report(NOW, LIMITS, LIMITS, StorageSettings(), disk, used, 90_000_000, kinds, hosts, 16_000_000, full_on)


def shown(found: Report, *, waits: bool = False, errors: dict[str, str] | None = None) -> dict[str, Any]:
    """What the page is given."""
    figures = {kind.kind: kind.bytes for kind in found.kinds}
    return {
        "report": found,
        "labels": admin_storage.labels(),
        "waits": waits,
        "soon": True,
        "at_risk": False,
        "why": "5.4 GB are free on the disk, which is near the 5 GB that are to stay free.",
        "chart": admin_storage.chart([(f"2026-05-{day:02}", figures) for day in range(1, 31)]),
        "typed": {"budget": "", "floor": ""},
        "errors": errors or {},
        "freed": "2 GB",
    }


def going() -> dict[str, Any]:
    """What would go."""
    kinds = {"original": (1_200, 2 * GB), "post": (40_000, 60_000_000)}
    return admin_storage._gone(Gone(kinds, {"big.example": 2 * GB, "b.example": 60_000_000}, NOW))


def pages() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(name, template, path, values)"""
    yield "admin-storage", "admin/storage", "/admin/storage", shown(report())
    wrong = shown(report(), waits=True, errors={"budget": "'much' is no size: it takes a size such as 20 GB."})
    yield "admin-storage-near", "admin/storage", "/admin/storage", wrong
    limits = {"held": LIMITS, "typed": {"budget": "10 GB", "floor": ""}}
    yield "admin-storage-preview", "admin/storage_preview", "/admin/storage/preview", {**going(), **limits}
    nothing = admin_storage._gone(Gone({}, {}))
    yield "admin-storage-preview-none", "admin/storage_preview", "/admin/storage/preview", {**nothing, **limits}
    yield "admin-storage-free", "admin/storage_free", "/admin/storage/free", {**going(), "size": 2 * GB}
