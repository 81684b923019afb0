"""Can the program be installed where people are? Resolves it for every system and Python that it names.

    make platforms
    .venv/bin/python tools/platforms.py [--extra archive]

For each a set of versions must be there of which every package has a wheel (but for one that is published as source and
holds nothing to compile): nothing is downloaded but descriptions. Leaves with 1 where one has none, and says why; where
the index did not answer, that is said, and proves nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = {
    "Linux x86-64": "x86_64-manylinux_2_28",
    "Linux ARM": "aarch64-manylinux_2_28",
    "Windows x64": "x86_64-pc-windows-msvc",
    "Windows on ARM": "aarch64-pc-windows-msvc",
    "macOS Intel": "x86_64-apple-darwin",
    "macOS ARM": "aarch64-apple-darwin",
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
TRIES, AT_ONCE = 3, 6
"""An index that does not answer at once proves nothing; it is what takes the time."""
NONE = "No solution found"
SOURCE_ONLY = "srt"
"""Pure Python that vosk needs."""


def resolve(platform: str, python: str, extras: list[str]) -> str:
    """What is in the way; empty where nothing is."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--only-binary", ":all:", "--no-binary"]
    command += [SOURCE_ONLY, "--python-platform", platform, "--python-version", python, "pyproject.toml"]
    command += [word for extra in extras for word in ("--extra", extra)]
    for _ in range(TRIES):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return ""
        if NONE in done.stderr:
            break
    return done.stderr.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extra", action="append", default=[], help="with this extra, too")
    parser.add_argument("--python", action="append", choices=PYTHONS, help="only this one")
    asked = parser.parse_args()
    extras: list[str] = asked.extra
    pythons: list[str] = asked.python or list(PYTHONS)
    pairs = [(name, python) for name in PLATFORMS for python in pythons]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        problems = list(pool.map(lambda pair: resolve(PLATFORMS[pair[0]], pair[1], extras), pairs))
    print(f"| {'':14} | {' | '.join(pythons)} |\n|---|{'---|' * len(pythons)}")
    for name in PLATFORMS:
        of_it = [problem for (at, _), problem in zip(pairs, problems, strict=True) if at == name]
        row = ["no" if NONE in problem else "?" if problem else "yes" for problem in of_it]
        print(f"| {name:14} | {' | '.join(f'{cell:4}' for cell in row)} |")
    for (name, python), problem in zip(pairs, problems, strict=True):
        if problem:
            print(f"\n{name}, Python {python}:\n{problem}", file=sys.stderr)
    return 1 if any(NONE in problem for problem in problems) else 0


if __name__ == "__main__":
    sys.exit(main())
