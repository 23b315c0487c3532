"""The connection to W&B: API key, mode, and the names of a run."""

from __future__ import annotations

import base64
import json
import logging
import netrc
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.error import HTTPError
from urllib.parse import urlparse
from urllib.request import Request, urlopen

from emotionart.errors import Failure, UserError, suggest

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)

Mode = Literal["auto", "online", "offline", "disabled"]

_Resolved = Literal["online", "offline", "disabled"]

_MODES: dict[str, _Resolved] = {
    "online": "online",
    "offline": "offline",
    "disabled": "disabled",
    "run": "online",
    "dryrun": "offline",
}
"""The values of `WANDB_MODE`, with W&B's earlier names of two."""

_FINISH_SECONDS = 30

_CLOUD, _EARLIER = "forge.coreweave.com", "api.wandb.ai"
"""W&B's own server, and its former name, under which keys may be saved."""

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
"""Environment variables that W&B reads if the argument is not given."""


def _address() -> str:
    """The URL of the server: `WANDB_BASE_URL`, else that of `wandb login --host`, else W&B's own.

    Raises:
        UserError: for invalid environment variables of W&B.
    """
    import wandb

    try:
        settings = wandb.setup(wandb.Settings(silent=True)).settings
    except (wandb.errors.UsageError, ValueError) as error:  # invalid environment variables
        raise _refusal(error) from None
    return (os.environ.get("WANDB_BASE_URL") or settings.base_url).rstrip("/")


def _place() -> str:
    """The URL of the server as a message shows it: W&B's own has a name that few know."""
    address = _address()
    return f"{address} (W&B's cloud)" if address.endswith((_CLOUD, _EARLIER)) else address


def _refusal(error: Exception) -> UserError:
    return UserError(f"W&B refuses: {' '.join(str(error).strip().splitlines()[:3])}", where="logger")


def _key() -> str | None:
    """The API key that W&B would use, from the environment or the user's netrc file."""
    if os.environ.get("WANDB_API_KEY"):
        return os.environ["WANDB_API_KEY"]
    host = urlparse(_address()).netloc
    try:
        logins = netrc.netrc(os.environ.get("NETRC"))
    except (OSError, netrc.NetrcParseError):
        return None
    login = logins.authenticators(host) or (logins.authenticators(_EARLIER) if host.endswith(_CLOUD) else None)
    return login[2] if login else None


def _query_entity() -> str:
    """Asks the server for the default entity of the API key's owner, with a timeout of ten seconds.

    Raises:
        UserError: for a key that is refused, which W&B itself reports as a failed connection.
        Failure: if no W&B server responds.
    """
    login = base64.b64encode(f"api:{_key()}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    request = Request(f"{_address()}/graphql", b'{"query": "query Viewer { viewer { id entity } }"}', headers)
    refused = UserError("W&B refuses the API key.", where=_place(), fix="wandb login --relogin")
    try:
        with urlopen(request, timeout=10) as response:
            viewer = json.load(response)["data"]["viewer"]
            if viewer is None:
                raise refused
            return str(viewer["entity"] or "")
    except HTTPError as error:
        if error.code in (401, 403):
            raise refused from None
        reason = str(error)
    except OSError as error:
        reason = str(getattr(error, "reason", error))
    except (ValueError, LookupError, TypeError):  # a portal's page, or another server
        reason = "what answers is not W&B, but maybe a network that wants a log-in"
    raise Failure(f"W&B cannot be reached: {reason}.", where=_place(), fix="a connection, or another WANDB_BASE_URL")


def default_entity() -> str:
    """The entity of runs if none is named: the default of the API key's owner.

    Raises:
        UserError: for a key that is missing or refused by the server.
        Failure: if no W&B server responds.
    """
    if _key() is None:
        raise UserError("There is no API key for W&B.", where=_place(), fix="wandb login")
    return _query_entity()


def _why_unreached(error: Exception) -> str:
    """Why W&B could not start a run: a refused API key, else W&B's own, less specific error."""
    try:
        _query_entity()
    except UserError as known:
        return f"{known.what.rstrip('.')} (to mend it: {known.fix})"
    return f"W&B cannot be reached ({str(error).partition(chr(10))[0]})"


def resolve_mode(mode: Mode) -> _Resolved:
    """The mode of a run: `WANDB_MODE` takes precedence; `auto` is online with an API key, else offline.

    Raises:
        UserError: for another value of `WANDB_MODE`.
    """
    if mode == "disabled":
        return mode
    if requested := os.environ.get("WANDB_MODE"):
        if requested not in _MODES:
            names = get_args(_Resolved)
            raise UserError(
                f"{requested!r} is no mode of W&B for these runs.",
                where="environment variable WANDB_MODE",
                suggestions=suggest(requested, names),
                fix=f"WANDB_MODE={'|'.join(names)}",
            )
        return _MODES[requested]
    if mode != "auto":
        return mode
    return "online" if _key() else "offline"


def _names(settings: Mapping[str, Any], folder: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    """The names of a run in W&B: W&B's environment variables take precedence, then the settings, then `about`."""
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
    """Starts a W&B run, offline if the server cannot be reached.

    Args:
        mode: see `resolve_mode`.
        settings: the group `logger` of a configuration.
        folder: run folder, in which W&B keeps its data.
        id: id of a W&B run to resume; None for a new one.
        config: configuration of a new run.
        about: the run's group, job_type and name, used if `settings` have none.

    Raises:
        UserError: for names that W&B refuses.
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
    except (wandb.errors.UsageError, ValueError) as error:  # refused names
        raise _refusal(error) from None
    except wandb.errors.Error as error:  # not only CommError: a portal's page raises another one
        log.warning("%s; the run goes on offline.", _why_unreached(error))
    return start("offline")
