"""EmoSet-118K (Yang et al. 2023): a list of pictures per part, and a file of attributes per picture."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from emotionart.data.tables.importers.imported import Imported
from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.progress import progress_bar

log = logging.getLogger(__name__)

_PARTS = ("train", "val", "test")
_TAGS = ("scene", "object", "facial_expression", "human_action")
_MEASURED = ("brightness", "colorfulness")


def read_emoset(source: Path) -> Imported:
    """The pictures of EmoSet-118K with their emotion, part, and attributes as tags.

    Args:
        source: folder with `train.json`, `val.json` and `test.json`: lists of [emotion, picture, annotation], the last
            two as paths within the folder.

    Raises:
        UserError: if there are no lists, they name no picture, or one has another format.
    """
    import pandas as pd

    lists = {part: source / f"{part}.json" for part in _PARTS if (source / f"{part}.json").is_file()}
    if not lists:
        raise UserError("None of train.json, val.json and test.json is here.", where=str(source))
    entries = [(part, *entry) for part, path in lists.items() for entry in _entries(path)]
    if not entries:
        raise UserError("The lists name no picture.", where=str(source))
    rows: list[dict[str, str]] = []
    bare: list[str] = []
    for part, emotion, image, annotation in progress_bar(entries, "annotations", len(entries)):
        attributes = _attributes(source / annotation)
        if attributes is None:
            bare.append(annotation)
        rows.append({"image": image, "label": emotion, "split": part, **(attributes or {})})
    if bare:
        log.warning("%d annotations cannot be read; their pictures have no tags: %s", len(bare), some(bare))
    return Imported(pd.DataFrame(rows).fillna(""), source, "mikels8")


def _entries(path: Path) -> list[tuple[str, str, str]]:
    try:
        entries: Any = json.loads(path.read_text("utf-8"))
        return [(str(emotion), str(image), str(annotation)) for emotion, image, annotation in entries]
    except (ValueError, TypeError):
        raise UserError("This is not a list of [emotion, picture, annotation].", where=str(path)) from None


def _attributes(path: Path) -> dict[str, str] | None:
    """Tags and measured attributes of a picture; None for a missing or damaged file."""
    try:
        content = json.loads(path.read_text("utf-8"))
        named = [content[name] for name in _TAGS if content.get(name)]
        measured = {name: str(content[name]) for name in _MEASURED if name in content}
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    tags = [tag for value in named for tag in (value if isinstance(value, list) else [value])]
    return {"tags": ";".join(dict.fromkeys(map(str, tags))), **measured}
