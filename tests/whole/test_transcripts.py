"""The transcripts in docs are what the program says today, and what no table should have to hear is in none of them."""

from __future__ import annotations

import re

import pytest

from facilitator.core.events import Consented, FloorReleased, Say, Spoke
from tests.support.transcripts import FOLDER, SCENES, Scene, played, transcript


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_it_is_what_the_program_says(scene: Scene) -> None:
    """Written anew by `python -m tests.support.transcripts`."""
    assert (FOLDER / f"{scene.name}.md").read_text(encoding="utf-8") == transcript(scene)


def test_there_is_none_beside_them() -> None:
    assert {file.stem for file in FOLDER.glob("*.md")} == {scene.name for scene in SCENES}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_nobody_who_refused_is_counted(scene: Scene) -> None:
    table = played(scene)
    last = {record.person: record.heard for record in table.log if isinstance(record, Consented)}
    refused = {person for person, heard in last.items() if not heard}
    assert not any(refused & set(tile.people) for tile in table.discussion.timeline)
    since: set[str] = set()
    for record in table.log:
        if isinstance(record, Consented):
            (since.discard if record.heard else since.add)(record.person)
        elif isinstance(record, Spoke):
            assert not since & set(record.people)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_what_is_said_shames_nobody(scene: Scene) -> None:
    said = [record.text for record in played(scene).log if isinstance(record, Say)]
    assert not [text for text in said if re.search(r"\b(zero|null)\b", text)]
    assert not [text for text in said if text[:1].islower()], "a sentence begins with a capital"


def test_no_floor_is_lost_to_silence() -> None:
    (scene,) = [one for one in SCENES if one.name == "couple-weeps"]
    released = [record for record in played(scene).log if isinstance(record, FloorReleased)]
    assert [record.reason for record in released] == ["time", "time"]
