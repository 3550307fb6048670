"""Nobody is shown what they may not see: invented worlds, walked through by everybody who lives there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import templates
from dassie.services.trending import reckon_trends
from seen_scenes import HERE, Scene, scenes
from seen_stage import Stage
from seen_streams import ears
from seen_walk import walk
from worlds import PG_URL, World, new_world


class Theatre:
    """One server of each database for all scenes of this file."""

    def __init__(self, folder: Path, database: str) -> None:
        self.examples = 8 if database == "sqlite" else 5  # together below a minute
        self.runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.world: World = self.runner.run(self._open(folder, database))

    async def _open(self, folder: Path, database: str) -> World:
        url = ""
        if database == "sqlite":
            await templates.sqlite_copy(folder / "dassie.db")
        else:
            url = await self._stack.enter_async_context(templates.postgres_copy(PG_URL))
        return await self._stack.enter_async_context(new_world(folder, database_url=url, run_jobs=False))

    def close(self) -> None:
        self.runner.run(self._stack.aclose())
        self.runner.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def theatre(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    if request.param == "postgresql" and not PG_URL:
        pytest.skip("PG_URL is not set: no PostgreSQL to test on")
    made = Theatre(tmp_path_factory.mktemp("visibility"), request.param)
    yield made
    made.close()


async def play(world: World, scene: Scene) -> list[str]:
    """What is wrong after a scene was played, for anybody."""
    stage = Stage(world, scene)
    await stage.set()
    wrong = await listen(stage)
    await stage.end()
    await reckon_trends(world.server)
    viewers = [None, *(name for name in HERE if name not in scene.suspended)]
    return wrong + [trouble for viewer in viewers for trouble in await walk(stage, viewer)]


async def listen(stage: Stage) -> list[str]:
    """Write the posts of a scene while everybody listens; what they heard wrongly."""
    whole = stage.scene
    open_ears = [] if whole.late else await ears(stage)
    await stage.write()
    for ear in open_ears:
        await asyncio.wait_for(ear.caught_up(), 20)
        await ear.close()
    stage.scene = whole.undeleted()
    wrong = [trouble for ear in open_ears for trouble in (*ear.wrong(), *ear.missed())]
    stage.scene = whole
    return wrong


def test_nobody_is_shown_what_they_may_not_see(theatre: Theatre) -> None:
    @settings(
        max_examples=theatre.examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(scene=scenes())
    def played(scene: Scene) -> None:
        assert theatre.runner.run(play(theatre.world, scene)) == []

    played()
