"""Builds what browsers load: scripts, style, icons and pictures, with names that carry their content's hash.

    python web/build.py           build where something changed since the last time
    python web/build.py --check   type-check the scripts as well
    python web/build.py --force   build in any case

The result lies in src/dassie/web/static/dist, listed in its assets.json. It needs node 20 or newer
(see node.py) and reaches nothing but the npm registry.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import node  # noqa: E402
import pictures  # noqa: E402

OUT = HERE.parent / "src" / "dassie" / "web" / "static" / "dist"
ISLANDS = ("core", "compose")
SHIPPED = ("htmx.org", "lucide-static")
CSS_LAYERS = ("tokens", "base", "layout", "parts", "post", "forms", "pages", "focus")
PICTURES = (
    ("avatar-missing.svg", "avatar-missing.png", 400, 400),
    ("header-missing.svg", "header-missing.png", 1500, 500),
    ("icon.svg", "favicon.png", 32, 32),
    ("icon-full.svg", "apple-touch-icon.png", 180, 180),
    ("icon.svg", "icon-192.png", 192, 192),
    ("icon.svg", "icon-512.png", 512, 512),
    ("icon-full.svg", "icon-maskable-512.png", 512, 512),
)


def main() -> None:
    """Build as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="type-check the scripts")
    parser.add_argument("--force", action="store_true", help="build even where nothing changed")
    options = parser.parse_args()
    try:
        built = build(force=options.force)
        if options.check:
            check()
    except (node.NoNode, subprocess.CalledProcessError) as error:
        sys.exit(f"web assets: {error}")
    print(f"web assets: {'built' if built else 'up to date'} in {OUT}")


def build(*, force: bool = False) -> bool:
    """Bring the output up to date; True where it had to be made anew."""
    inputs = fingerprint()
    if not force and is_current(inputs):
        return False
    _install()
    fresh = OUT.with_name("dist.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    names = {name: _put(fresh, name, content) for name, content in _hashed()}
    for source, target, width, height in PICTURES:
        drawing = (HERE / "art" / source).read_text("utf-8")
        (fresh / target).write_bytes(pictures.to_png(drawing, width, height))
    shutil.copy(HERE / "art" / "icon.svg", fresh / "icon.svg")
    (fresh / "licences.txt").write_text(licences(), "utf-8")
    (fresh / "assets.json").write_text(json.dumps({"inputs": inputs, "names": names}, indent=1), "utf-8")
    _replace(fresh)
    return True


def check() -> None:
    """Type-check the scripts; raises CalledProcessError where tsc complains."""
    _install()
    _run([*node.commands()[0], str(HERE / "node_modules" / "typescript" / "bin" / "tsc"), "-p", str(HERE)])


def fingerprint() -> str:
    """A hash of all that goes into the output."""
    digest = hashlib.sha256()
    for path in sorted(_inputs()):
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current(inputs: str) -> bool:
    """Whether the output was made from these inputs and is all there."""
    try:
        listed = json.loads((OUT / "assets.json").read_bytes())
    except (OSError, ValueError):
        return False
    files = [*listed["names"].values(), *(target for _, target, _, _ in PICTURES)]
    return listed["inputs"] == inputs and all((OUT / name).exists() for name in files)


def _inputs() -> Iterator[Path]:
    for pattern in ("*.py", "*.json", "icons.txt", "src/*.ts", "css/*.css", "art/*.svg"):
        yield from HERE.glob(pattern)


def _install() -> None:
    """`npm ci`, unless the folder already holds what the lock file asks for."""
    mark = HERE / "node_modules" / ".dassie-lock"
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if mark.exists() and mark.read_text("utf-8") == lock:
        return
    _run([*node.commands()[1], "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    mark.write_text(lock, "utf-8")


def _hashed() -> Iterator[tuple[str, bytes]]:
    for island in ISLANDS:
        yield f"{island}.js", _bundle([str(HERE / "src" / f"{island}.ts"), "--bundle", "--format=esm"])
    htmx = HERE / "node_modules" / "htmx.org" / "dist" / "htmx.js"
    yield "htmx.js", _bundle([str(htmx), "--minify"])
    css = "".join((HERE / "css" / f"{layer}.css").read_text("utf-8") for layer in CSS_LAYERS)
    yield "app.css", _bundle(["--loader=css", "--minify"], css.encode())
    yield "admin.css", _bundle(["--loader=css", "--minify"], (HERE / "css" / "admin.css").read_bytes())
    yield "i.svg", sprite().encode()


def _bundle(arguments: list[str], given: bytes | None = None) -> bytes:
    command = HERE / "node_modules" / "esbuild" / "bin" / "esbuild"
    wanted = ["--minify", "--target=es2022,chrome100,firefox102,safari15.4", "--legal-comments=none"]
    return _run([*node.commands()[0], str(command), *arguments, *wanted], given)


def sprite() -> str:
    """The icons of icons.txt as one SVG of symbols."""
    symbols = []
    for line in (HERE / "icons.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        ours, theirs = (part.strip() for part in line.split("="))
        drawing = (HERE / "node_modules" / "lucide-static" / "icons" / f"{theirs}.svg").read_text("utf-8")
        shapes = re.sub(r"\s+", " ", drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.index("</svg>")])
        symbols.append(f'<symbol id="{ours}" viewBox="0 0 24 24">{shapes.strip().replace(" />", "/>")}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'


def licences() -> str:
    """The licences of what others made and we pass on."""
    parts = []
    for package in SHIPPED:
        text = (HERE / "node_modules" / package / "LICENSE").read_text("utf-8")
        parts.append(f"{package}\n{'=' * len(package)}\n\n{text.strip()}\n")
    return "\n\n".join(parts)


def _put(folder: Path, name: str, content: bytes) -> str:
    stem, _, ending = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
    (folder / hashed).write_bytes(content)
    return hashed


def _replace(fresh: Path) -> None:
    """Put the new folder in the place of the old one; a running server never sees half of it for long."""
    old = OUT.with_name("dist.old")
    shutil.rmtree(old, ignore_errors=True)
    if OUT.exists():
        OUT.rename(old)
    fresh.rename(OUT)
    shutil.rmtree(old, ignore_errors=True)


def _run(command: list[str], given: bytes | None = None) -> bytes:
    environment = {**os.environ, "NO_UPDATE_NOTIFIER": "1"}
    done = subprocess.run(command, cwd=HERE, input=given, capture_output=True, env=environment, check=False)
    if done.returncode:
        sys.stderr.write((done.stdout + done.stderr).decode(errors="replace"))
        raise subprocess.CalledProcessError(done.returncode, command[:3])
    return done.stdout


if __name__ == "__main__":
    main()
