"""Checks of how pictures are read, split and stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emotionart.data.pictures.views import parse_views
from emotionart.errors import UserError
from emotionart.files import why_no_folder


def check_folds_and_cache(config: Mapping[str, Any]) -> list[UserError]:
    """Errors in the folds of a split, and in the cache folder."""
    return [*_check_folds(config), *_check_cache(config)]


def check_pictures(config: Mapping[str, Any]) -> list[UserError]:
    """Errors in the views of pictures, and in how they are made square."""
    return [*_check_views(config), *_check_fit(config)]


def _check_views(config: Mapping[str, Any]) -> list[UserError]:
    try:
        parse_views(config["augment"]["views"])
    except UserError as error:
        return [error]
    return []


def _check_folds(config: Mapping[str, Any]) -> list[UserError]:
    data = config["data"]
    return [
        *_check_fold("data.fold", data.get("folds"), data.get("fold"), "python sweep.py sweep=cross_validation folds="),
        *_check_fold(
            "data.validation_fold",
            data.get("validation_folds"),
            data.get("validation_fold"),
            "emotionart tune search.folds=",
        ),
    ]


def _check_fold(key: str, folds: int | None, fold: int | None, all_of_them: str) -> list[UserError]:
    if (folds is None) == (fold is None) and (folds is None or fold is None or fold < folds):
        return []
    if folds is None:
        return [UserError("A fold is one of several.", where=f"{key}={fold}", fix=f"{key}s=5 {key}={fold}")]
    return [
        UserError(
            f"Of {folds} folds one is held out, 0 to {folds - 1}.",
            where=f"{key}={'null' if fold is None else fold}",
            fix=f"{key}=0   or {all_of_them}{folds}",
        )
    ]


def _check_fit(config: Mapping[str, Any]) -> list[UserError]:
    """An error for a user's own model that would square new pictures differently from those of training."""
    node, fit = config["model"]["representation"], config["data"]["fit"]
    if fit == "squash" or not node["_target_"].endswith(".Pixels") or node.get("fit") == fit:
        return []
    what = "The model needs to know how pictures are made square, because it does the same to new ones."
    return [UserError(what, where="model.representation.fit", fix=f"+model.representation.fit={fit}")]


def _check_cache(config: Mapping[str, Any]) -> list[UserError]:
    reason = why_no_folder(Path(config["cache"]))
    if reason is None:
        return []
    return [UserError(f"Nothing can be kept in this folder: {reason}.", where=f"cache={config['cache']}")]
