"""Sixty pictures that the tables of a module speak of."""

from pathlib import Path

import pytest

from tests.data.tables.cases import pictures


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art")
    pictures(folder)
    return folder
