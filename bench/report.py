"""How a figure is printed."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine() -> str:
    """One line about where this was measured."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}, load average {load}"


def line(name: str, **figures: object) -> None:
    """Print one result."""
    print(f"{name:<34}" + "  ".join(f"{key} {value}" for key, value in figures.items()), flush=True)
