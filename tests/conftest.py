"""Fixtures for all tests."""

import pytest
from virtual_audio import own_sound, sound, virtual_audio

__all__ = ["own_sound", "sound", "virtual_audio"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sound in real time stutters where other programs keep the computer busy: such a test may try again."""
    for item in items:
        if item.get_closest_marker("sound"):
            item.add_marker(pytest.mark.flaky(reruns=2))
