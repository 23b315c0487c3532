"""Uploads a run to the Hugging Face Hub: card, weights, configuration and result, but never a picture."""

from __future__ import annotations

from huggingface_hub import CommitOperationAdd, HfApi, get_token
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

from emotionart.errors import Failure, UserError, first_line
from emotionart.run.folder import RunFolder
from emotionart.run.sharing.card import CARD
from emotionart.run.stored import read_result


def push(folder: RunFolder, name: str) -> str:
    """Uploads a run to a new private repository and returns its URL.

    The files are listed one by one: figures, explanations and samples show pictures, to which others may hold rights.

    Args:
        folder: folder of a run with a result.
        name: name of the repository, USER/NAME.

    Raises:
        UserError: for a run without result or card, an invalid name, or a missing token.
        Failure: if the Hub cannot be reached or refuses the upload.
    """
    files = _files(folder)
    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise UserError(
            f"This is not a name on the Hub: {error}", where=f"hf:{name}", fix="--to hf:USER/NAME"
        ) from None
    if get_token() is None:
        raise UserError("There is no token for the Hugging Face Hub.", where=f"hf:{name}", fix="hf auth login")
    hub = HfApi()
    try:
        address = str(hub.create_repo(name, private=True))
        hub.create_commit(
            name,
            [CommitOperationAdd(there, folder.path / here) for there, here in files.items()],
            commit_message=f"A run of emotionart: {folder.path.name}",
        )
    except Exception as error:  # from whichever HTTP library the Hub's client uses
        raise Failure(
            f"The Hugging Face Hub did not take the run: {first_line(error).rstrip('.')}.",
            where=f"hf:{name}",
            fix="a connection, a token with write access and a free name; then repeat the command",
        ) from None
    return address


def _files(folder: RunFolder) -> dict[str, str]:
    """The files to upload: names on the Hub, and names in the run folder."""
    if not folder.result.exists():
        raise UserError(
            "There is no run with a result in this folder.", where=str(folder.path), fix="the folder of a finished run"
        )
    weights = read_result(folder.result)["checkpoint"]["file"]
    files = {"README.md": CARD, weights: weights, "config.yaml": folder.config.name, "result.json": folder.result.name}
    for name in files.values():
        if not (folder.path / name).exists():
            fix = folder.figures_command if name == CARD else "a complete copy of the run"
            raise UserError("This file of the run is missing.", where=str(folder.path / name), fix=fix)
    return files
