"""Class folders of pictures as a table, which can then be edited."""

from __future__ import annotations

from pathlib import Path

from emotionart.data.tables.importers.imported import Imported
from emotionart.data.tables.layouts.folder import read_folder


def read_class_folders(source: Path) -> Imported:
    """The pictures of a folder, with the name of each one's class folder as its label, and the part of a given split.

    Raises:
        UserError: if the folder is missing or holds no picture.
    """
    import pandas as pd

    table = read_folder(source)
    root = source.resolve()
    labels = [table.labels[int(votes.argmax())] if votes.any() else "" for votes in table.votes]
    images = [Path(path).relative_to(root).as_posix() for path in table.image]
    frame = pd.DataFrame({"image": images, "label": labels})
    if table.split is not None:
        frame = frame.assign(split=table.split.part)[table.split.part != ""].reset_index(drop=True)
    return Imported(frame, source, "as_is")
