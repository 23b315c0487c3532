"""Whether finished runs were made with other code or data than the present ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omegaconf import OmegaConf

from emotionart.errors import UserError
from emotionart.run.data import build_artworks, build_generated
from emotionart.run.folder import RunFolder
from emotionart.run.log import suppress_messages
from emotionart.run.provenance import code_digest
from emotionart.run.stored import read_provenance, read_result


def made_by_other_code(folder: RunFolder) -> bool:
    """Whether a run was made with another version of this package's source."""
    return folder.provenance.exists() and read_provenance(folder.provenance)["code"] != code_digest()


class DataVersions:
    """Detects data that have changed since a run; reads each data set once."""

    def __init__(self) -> None:
        self._digests: dict[str, str | None] = {}

    def made_of_other_data(self, folder: RunFolder, config: Mapping[str, Any]) -> bool:
        """Whether the data of a finished run have changed since.

        Args:
            folder: run folder.
            config: the run's resolved configuration.
        """
        size = read_result(folder.result)["representation"].get("size", 64)
        key = repr((config["data"], config["labels"], config["model"].get("condition", ...), size))
        if key not in self._digests:
            self._digests[key] = _digest(config, size)
        made_of: str | None = read_provenance(folder.provenance)["data"]
        return made_of != self._digests[key]


def _digest(config: Mapping[str, Any], size: int) -> str | None:
    """The digest of the present data; None if they cannot be read."""
    with suppress_messages("emotionart"):
        try:
            build = build_generated if "generator" in config else build_artworks
            return build(OmegaConf.create(dict(config)), size).digest()
        except UserError:
            return None
