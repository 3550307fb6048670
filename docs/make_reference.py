"""Writes docs/reference from the code: routes, activities, jobs, settings and the API. `--check` only compares."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
FOLDER = ROOT / "docs" / "reference"
KEPT = {"api/contract.md": ""}
"""Written by the contract test, which has the table."""
HEAD = "<!-- Written by `make docs`. Change the code, not this page. -->\n\n"


def main() -> int:
    """Write the pages, or say which are stale."""
    written = pages()
    left = [f"api/{page.name}" for page in (FOLDER / "api").glob("*.md") if f"api/{page.name}" not in written | KEPT]
    stale = [name for name, text in written.items() if not _same(FOLDER / name, text)] + left
    if "--check" in sys.argv:
        for name in stale:
            print(f"docs/reference/{name} is stale: run `make docs` and commit it.")
        return 1 if stale else 0
    (FOLDER / "api").mkdir(parents=True, exist_ok=True)
    for name in left:
        (FOLDER / name).unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text)
    return 0


def pages() -> dict[str, str]:
    """The text of every page by file name."""
    from dassie import app

    app.load_modules()
    from api_pages import api_pages

    return {
        "routes.md": HEAD + _routes(),
        "activities.md": HEAD + _activities(),
        "jobs.md": HEAD + _jobs(),
        "settings.md": HEAD + _settings(),
        **{name: HEAD + text for name, text in api_pages().items()},
    }


def _routes() -> str:
    from dassie.app import route_table

    rows = []
    for route in sorted(route_table().routes, key=lambda r: (r.path, sorted(r.methods))):
        methods = ", ".join(sorted(route.methods - {"HEAD"}))
        rows.append((methods, f"`{route.path}`", route.rules.get("scope") or "", _first_line(route.handler)))
    return "# Routes\n\n" + _table(("Method", "Path", "Scope", "What"), rows)


def _activities() -> str:
    from dassie.federation.inbound.registry import INBOUND

    rows = [(f"`{name}`", _first_line(handler)) for name, handler in sorted(INBOUND.items())]
    return "# Activities we act on\n\n" + _table(("Type", "What we do"), rows)


def _jobs() -> str:
    from dassie.jobs.registry import KINDS, RECURRING

    rows = [
        (name, kind.job.lane.name.lower(), str(kind.job.attempts), _first_line(kind.job))
        for name, kind in sorted(KINDS.items())
    ]
    recurring = [(name, str(task.every), _first_line(task.task)) for name, task in sorted(RECURRING.items())]
    return (
        "# Background work\n\n"
        + _table(("Kind", "Lane", "Tries", "What"), rows)
        + "\n## Recurring\n\n"
        + _table(("Name", "Every", "What"), recurring)
    )


def _settings() -> str:
    from dassie.config import Config

    described = _field_docs(Config)
    rows = []
    for field in fields(Config):
        default = "" if field.name == "data" else getattr(Config(data=Path("data")), field.name)
        if isinstance(default, tuple):
            default = ",".join(map(str, default))
        option = "--" + field.name.replace("_", "-")
        rows.append((f"`{option}`", f"`DASSIE_{field.name.upper()}`", f"`{default}`", described.get(field.name, "")))
    return "# Settings\n\n" + _table(("Option", "Environment", "Default", "What"), rows)


def _field_docs(cls: type) -> dict[str, str]:
    """The strings that stand below the fields of a class."""
    body = ast.parse(inspect.getsource(cls)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and after.value.value
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and isinstance(text, str):
            found[before.target.id] = " ".join(text.split())
    return found


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    sys.exit(main())
