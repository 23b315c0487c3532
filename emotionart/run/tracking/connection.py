"""How W&B is reached: the key, the mode, and the names that a run bears there."""

from __future__ import annotations

import base64
import json
import logging
import netrc
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.error import HTTPError
from urllib.parse import urlparse
from urllib.request import Request, urlopen

from emotionart.errors import Failure, UserError

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)

Mode = Literal["auto", "online", "offline", "disabled"]

_FINISH_SECONDS = 30

_CLOUD, _EARLIER = "forge.coreweave.com", "api.wandb.ai"
"""W&B's own server, and its earlier name, under which users have saved their keys."""

_VARIABLES = {
    "project": "WANDB_PROJECT",
    "entity": "WANDB_ENTITY",
    "group": "WANDB_RUN_GROUP",
    "job_type": "WANDB_JOB_TYPE",
    "name": "WANDB_NAME",
    "notes": "WANDB_NOTES",
    "tags": "WANDB_TAGS",
    "dir": "WANDB_DIR",
}
"""Variables that W&B reads itself where it is given no such argument."""


def _address() -> str:
    """Of the server: `WANDB_BASE_URL`, else what `wandb login --host` has left, else W&B's own.

    Raises:
        UserError: for variables of W&B's that it does not take.
    """
    import wandb

    try:
        settings = wandb.setup(wandb.Settings(silent=True)).settings
    except (wandb.errors.UsageError, ValueError) as error:  # variables that it does not take
        raise _refusal(error) from None
    return (os.environ.get("WANDB_BASE_URL") or settings.base_url).rstrip("/")


def _refusal(error: Exception) -> UserError:
    return UserError(f"W&B refuses: {' '.join(str(error).strip().splitlines()[:3])}", where="logger")


def _key() -> str | None:
    """The key that W&B would find: in the environment, or in the user's netrc file."""
    if os.environ.get("WANDB_API_KEY"):
        return os.environ["WANDB_API_KEY"]
    host = urlparse(_address()).netloc
    try:
        logins = netrc.netrc(os.environ.get("NETRC"))
    except (OSError, netrc.NetrcParseError):
        return None
    login = logins.authenticators(host) or (logins.authenticators(_EARLIER) if host.endswith(_CLOUD) else None)
    return login[2] if login else None


def _ask_for_entity() -> str:
    """Whom the server takes the key's owner for, within ten seconds.

    Raises:
        UserError: for a key that it refuses; W&B itself calls that a failed connection, without a reason.
        Failure: where no server of W&B answers.
    """
    login = base64.b64encode(f"api:{_key()}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    question = Request(f"{_address()}/graphql", b'{"query": "query Viewer { viewer { id entity } }"}', headers)
    refused = UserError("W&B refuses the API key.", where=_address(), fix="wandb login --relogin")
    try:
        with urlopen(question, timeout=10) as answer:
            viewer = json.load(answer)["data"]["viewer"]
            if viewer is None:
                raise refused
            return str(viewer["entity"] or "")
    except HTTPError as error:
        if error.code in (401, 403):
            raise refused from None
        reason = str(error)
    except OSError as error:
        reason = str(getattr(error, "reason", error))
    except (ValueError, LookupError, TypeError):  # a portal's page, or somebody else's server
        reason = "what answers is not W&B, but maybe a network that wants a log-in"
    raise Failure(f"W&B cannot be reached: {reason}.", where=_address(), fix="a connection, or another WANDB_BASE_URL")


def default_entity() -> str:
    """The entity in which runs are kept where none is named: the default of the key's owner.

    Raises:
        UserError: for no key, or one that the server refuses.
        Failure: where no server of W&B answers.
    """
    if _key() is None:
        raise UserError("There is no API key for W&B.", where=_address(), fix="wandb login")
    return _ask_for_entity()


def _why_unreached(error: Exception) -> str:
    """Why W&B could not start a run: what the server says of the key, or what W&B itself says, which knows less."""
    try:
        _ask_for_entity()
    except UserError as known:
        return f"{known.what.rstrip('.')} (to mend it: {known.fix})"
    return f"W&B cannot be reached ({str(error).partition(chr(10))[0]})"


def resolve_mode(mode: Mode) -> Literal["online", "offline", "disabled"]:
    """The mode of a run: `WANDB_MODE` wins where it is set; `auto` is online with a key, else offline."""
    if mode == "disabled":
        return mode
    wish = os.environ.get("WANDB_MODE")
    if wish in ("online", "offline", "disabled"):
        return wish  # type: ignore[return-value]
    if mode != "auto":
        return mode
    return "online" if _key() else "offline"


def _names(settings: Mapping[str, Any], folder: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    """What a run is called; W&B's own variables win, then the settings, then what the run says of itself."""
    chosen = {"name": folder.name, **about, "dir": folder}
    chosen |= {key: value for key, value in settings.items() if key in _VARIABLES and value is not None}
    names = {key: value for key, value in chosen.items() if not os.environ.get(_VARIABLES[key])}
    if "tags" in names:
        names["tags"] = list(names["tags"])
    return names


def start_run(
    mode: str,
    settings: Mapping[str, Any],
    folder: Path,
    *,
    id: str | None,
    config: Mapping[str, Any] | None,
    about: Mapping[str, Any],
) -> wandb.Run:
    """Starts a run of W&B, offline where the server cannot be reached.

    Args:
        mode: as `resolve_mode` gives it.
        settings: the group `logger` of a configuration.
        folder: of the run, in which its data are kept.
        id: of a run of W&B that goes on; None for a new one.
        config: of a new run.
        about: the run's own group, job_type and name, for which `settings` name none.

    Raises:
        UserError: for names that W&B does not take.
    """
    import wandb

    id = id or (None if os.environ.get("WANDB_RUN_ID") else settings.get("id"))

    def start(mode: str) -> wandb.Run:
        return wandb.init(
            mode=mode,  # type: ignore[arg-type]
            id=id,
            config=dict(config) if config is not None else None,
            resume="allow" if id else None,
            reinit="create_new",
            settings=wandb.Settings(
                silent=True,
                console="off",
                init_timeout=30,
                finish_timeout=_FINISH_SECONDS,
                finish_timeout_raises=True,
            ),
            **_names(settings, folder, about),
        )

    try:
        return start(mode)
    except (wandb.errors.UsageError, ValueError) as error:  # names that it does not take
        raise _refusal(error) from None
    except wandb.errors.Error as error:  # not only CommError: a portal that answers with a page is none
        log.warning("%s; the run goes on offline.", _why_unreached(error))
    return start("offline")
