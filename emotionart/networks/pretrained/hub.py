"""Access to published weights: reachability of a server, and files of the Hugging Face hub."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

from huggingface_hub import hf_hub_download, try_to_load_from_cache
from huggingface_hub.errors import EntryNotFoundError

from emotionart.errors import first_line

TIMEOUT = 10
"""Seconds after which a server counts as unreachable."""


class WeightsUnavailableError(Exception):
    """Raised if published weights are unavailable: there is no connection, or there are no such weights."""


def require_reachable(url: str) -> None:
    """Checks once that a server can be reached, before a library retries for minutes.

    Raises:
        WeightsUnavailableError: if it cannot be reached.
    """
    host = urlparse(url).hostname or ""
    try:
        socket.create_connection((host, 443), timeout=TIMEOUT).close()
    except OSError as error:
        raise WeightsUnavailableError(f"{host} cannot be reached ({error})") from error


@contextmanager
def connection_timeout() -> Iterator[None]:
    """Context in which a connection fails after `TIMEOUT` seconds."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def is_on_hub(name: str) -> bool:
    """Whether a network's name stands for a repository of the hub: hf_hub:OWNER/NAME."""
    return name.startswith(("hf_hub:", "hf-hub:"))


def hub_file(repository: str, *names: str) -> Path:
    """The first of several files that a repository has, from the local cache or else downloaded into it.

    Args:
        repository: OWNER/NAME, or OWNER/NAME@REVISION.
        names: names of the files, best first.

    Raises:
        WeightsUnavailableError: if the hub cannot be reached, or has no such repository or file.
    """
    repository, _, revision = repository.partition("@")
    pinned = revision or None
    try:
        for name in names:
            stored = try_to_load_from_cache(repository, name, revision=pinned)
            if isinstance(stored, str):
                return Path(stored)
        require_reachable("https://huggingface.co")
        for name in names:
            try:
                return Path(hf_hub_download(repository, name, revision=pinned))
            except EntryNotFoundError:
                continue
    except (OSError, ValueError) as error:  # ValueError: no name of a repository
        raise WeightsUnavailableError(first_line(error)) from error
    raise WeightsUnavailableError(f"{repository} on huggingface.co has no {' or '.join(names)}")
