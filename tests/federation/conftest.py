"""Fixtures for what other servers send and give."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import templates
from fediverse import Fediverse, new_fediverse


@pytest.fixture
async def fediverse(tmp_path: Path, database_url: str) -> AsyncIterator[Fediverse]:
    """A fresh server with its jobs running, and other servers made by the test."""
    if not database_url:
        await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_fediverse(tmp_path, database_url=database_url) as made:
        yield made
