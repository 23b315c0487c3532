"""The keys that a search varies."""

import pytest

from emotionart.errors import UserError
from emotionart.sweeps.space import read_space


def test_a_space_without_keys_is_refused() -> None:
    with pytest.raises(UserError, match="There is nothing to search for"):
        read_space({"optimizer": {}, "model": {}}, [])
