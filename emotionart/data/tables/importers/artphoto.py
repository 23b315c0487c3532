"""ArtPhoto (Machajdik and Hanbury 2010): pictures whose names start with the emotion that they were made to evoke."""

from __future__ import annotations

import logging
from pathlib import Path

from emotionart.data.tables.cells import nearest_files
from emotionart.data.tables.importers.imported import Imported
from emotionart.data.tables.layouts.folder import LABELLED
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

log = logging.getLogger(__name__)


def read_artphoto(source: Path) -> Imported:
    """The pictures `<emotion>_<nnnn>.jpg` of a folder; a warning names the others, which are left out.

    Raises:
        UserError: if the folder is missing or holds no such picture.
    """
    import pandas as pd

    if not source.is_dir():
        raise UserError("There is no such folder.", where=str(source), suggestions=nearest_files(source))
    names = sorted(item.name for item in source.iterdir() if item.is_file() and not item.name.startswith("."))
    matches = [match for name in names if (match := LABELLED.fullmatch(name))]
    if not matches:
        raise UserError("No picture here is called '<emotion>_<number>.jpg'.", where=f"{source}: {some(names)}")
    others = sorted(set(names) - {match[0] for match in matches})
    if others:
        log.warning("%d files are not called '<emotion>_<number>.jpg' and are left out: %s", len(others), some(others))
    frame = pd.DataFrame(
        {"image": [match[0] for match in matches], "label": [match["emotion"].casefold() for match in matches]}
    )
    return Imported(frame, source, "mikels8")
