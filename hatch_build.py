"""Hatchling calls this while it builds a wheel: the wheel then carries the pages' assets."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).resolve().parent / "web"


class AssetsHook(BuildHookInterface[Any]):
    """Runs web/build.py. `DASSIE_SKIP_ASSETS=1` leaves it out, for those who build the assets themselves."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node from PyPI, for those who have none on PATH."""
        node = _load("node")
        return [] if _skipped() or node.on_path() else [node.NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the assets up to date before the files are collected."""
        if self.target_name == "wheel" and not _skipped():
            _load("build").build()


def _load(name: str) -> Any:
    if str(WEB) not in sys.path:
        sys.path.insert(0, str(WEB))
    return importlib.import_module(name)


def _skipped() -> bool:
    return os.environ.get("DASSIE_SKIP_ASSETS") == "1"
