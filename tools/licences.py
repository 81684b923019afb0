"""What the program is made of, and under which licences: docs/sbom.cdx.json (CycloneDX) and docs/licences.md.

    python3 tools/licences.py

An environment is made of requirements/start.txt, and looked at by cyclonedx-bom, which is fetched into another one, so
that it does not find itself. Both are gone afterwards.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SBOM, PAGE = ROOT / "docs" / "sbom.cdx.json", ROOT / "docs" / "licences.md"
LISTER = "cyclonedx-bom>=7,<8"
HEAD = """\
# What it is made of

Written by `tools/licences.py` from the packages that `make start` installs on Linux, and from the list of models; for
programs the same is in [sbom.cdx.json](sbom.cdx.json) (CycloneDX). Nothing that is needed is under the GPL or for
non-commercial use only. The extra `phone` (PyAV) is, in parts: its wheels carry FFmpeg, with parts under the GPL, so it
is installed beside the program and only used where it is there.

| package | version | licence |
|---|---|---|
"""
MODELS = """
Models, each fetched only when it is asked for, by its own checksum (`facilitator models list` says what each is for):

| model | version | licence |
|---|---|---|
"""
VOICES = """
The voices of the demonstration were made with Kokoro-82M (Apache-2.0), by `tools/make_demo.py`.
"""
UNSTATED = {"sqlite-fts4": "Apache-2.0"}
"""What stands beside a package and not in its description."""
NAMES = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "public domain",
}
"""As SPDX writes what some packages write otherwise."""
SEED = "setuptools"
"""Comes with every new environment, and is not ours."""


def made(folder: Path, *words: str) -> Path:
    """The Python of a new environment with what `words` tell pip to install."""
    venv.create(folder, with_pip=True, clear=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words], check=True)
    return python


def bill_of_materials() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="licences-") as name:
        folder = Path(name)
        listed = made(folder / "listed", "--require-hashes", "--requirement", str(ROOT / "requirements" / "start.txt"))
        lister = made(folder / "lister", LISTER)
        command = [str(lister), "-m", "cyclonedx_py", "environment", "--output-reproducible"]
        command += ["--pyproject", str(ROOT / "pyproject.toml"), "--output-format", "JSON", str(listed)]
        bill: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    bill["components"] = [one for one in bill["components"] if one["name"] != SEED]
    ours = {one["bom-ref"] for one in [*bill["components"], bill["metadata"]["component"]]}
    bill["dependencies"] = [
        {key: [ref for ref in value if ref in ours] if key == "dependsOn" else value for key, value in one.items()}
        for one in bill["dependencies"]
        if one["ref"] in ours
    ]
    return bill


def licence(component: dict[str, Any]) -> str:
    """As SPDX writes it."""
    stated = [
        one.get("expression") or one["license"].get("id") or one["license"]["name"]
        for one in component.get("licenses", [])
    ]
    bare = (one.removeprefix("License :: ").removeprefix("OSI Approved :: ") for one in stated)
    names = dict.fromkeys(NAMES.get(one, one) for one in bare)
    return " AND ".join(names) or UNSTATED[component["name"]]


def page(bill: dict[str, Any]) -> str:
    parts = sorted(bill["components"], key=lambda one: str(one["name"]).lower())
    rows = [f"| {one['name']} | {one['version']} | {licence(one)} |" for one in parts]
    listed = tomllib.loads((ROOT / "models" / "manifest.toml").read_text(encoding="utf-8"))["model"]
    models = [f"| {one['name']} | {one['version']} | {one['licence']} |" for one in listed]
    return HEAD + "\n".join(rows) + "\n" + MODELS + "\n".join(models) + "\n" + VOICES


if __name__ == "__main__":
    found = bill_of_materials()
    SBOM.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    PAGE.write_text(page(found), encoding="utf-8", newline="\n")
    print(f"Wrote {SBOM} and {PAGE}.")
