"""docs/licences.md and the bill of materials say what `make start` installs, and nothing of it binds who uses it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from facilitator.models.catalogue import load_manifest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
ROWS = {
    name: (version, licence) for name, version, licence in re.findall(r"^\| (\S+) \| (\S+) \| (.+) \|$", PAGE, re.M)
}


def test_every_package_is_listed_as_it_is_installed() -> None:
    lock = (ROOT / "requirements" / "start.txt").read_text(encoding="utf-8")
    locked = re.findall(r"^([\w.-]+)==(\S+)( ;.*)?", lock, re.M)
    listed = {name.lower().replace("_", "-"): version for name, (version, _) in ROWS.items()}
    for name, version, marker in locked:
        if not marker or "linux" in marker or "!= 'win32'" in marker:
            assert listed.get(name) == version, f"{name}: write it again with tools/licences.py"


def test_the_bill_of_materials_has_them_too() -> None:
    bill = json.loads((ROOT / "docs" / "sbom.cdx.json").read_text(encoding="utf-8"))
    models = {model.name for model in load_manifest()}
    assert bill["bomFormat"] == "CycloneDX"
    assert {one["name"]: one["version"] for one in bill["components"]} == {
        name: version for name, (version, _) in ROWS.items() if name not in models and name not in ("package", "model")
    }


def test_every_model_has_its_licence() -> None:
    for model in load_manifest():
        assert ROWS[model.name] == (model.version, model.licence)


def test_nothing_forbids_or_infects() -> None:
    for name, (_, licence) in ROWS.items():
        assert not re.search(r"(?<!L)GPL|\bNC\b|[Nn]on-?[Cc]ommercial|\[|::", licence), f"{name}: {licence}"
