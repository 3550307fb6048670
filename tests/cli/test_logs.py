"""Nothing that lets somebody in ends up in a log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dassie.cli import logs
from dassie.config import load


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_lines_are_json_with_the_request_and_without_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(load({"data": tmp_path, "log_format": "json"}, environ={}))
    with structlog.contextvars.bound_contextvars(request="r1"):
        structlog.get_logger("t").warning(
            "asked",
            path="/api/v1/streaming?access_token=hunter2&stream=user",
            header="Bearer hunter2",
            password="hunter2",
            client_secret="hunter2",
            domain="a.test",
        )
    written = capsys.readouterr().err
    assert "hunter2" not in written
    line = json.loads(written)
    assert (line["event"], line["request"], line["domain"], line["level"]) == ("asked", "r1", "a.test", "warning")
    assert line["path"] == "/api/v1/streaming?access_token=***&stream=user"


def test_tracebacks_do_not_print_the_values_of_variables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(load({"data": tmp_path}, environ={}))
    key = "hunter2"
    try:
        raise ValueError(f"failed after {len(key)} steps")
    except ValueError:
        structlog.get_logger("t").exception("broken")
    written = capsys.readouterr().err
    assert "ValueError: failed after 7 steps" in written
    assert "'hunter2'" not in written


def test_libraries_log_through_the_same_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(load({"data": tmp_path, "log_format": "json"}, environ={}))
    logging.getLogger("library").warning("careful %s", "now")
    logging.getLogger("library").info("too much")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["careful now"]
