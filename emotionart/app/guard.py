"""Refuses requests to the page's server that are too large or come from foreign hosts and origins."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# The browser may load nothing from elsewhere.
_POLICY = (
    b"default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    b"style-src 'self' 'unsafe-inline'; frame-ancestors 'self'"
)
_HEADERS = ((b"content-security-policy", _POLICY), (b"referrer-policy", b"no-referrer"))


class Guard:
    """ASGI middleware that refuses foreign and oversized requests.

    A page elsewhere on the web can send requests to a server on this machine, under its own origin or, by rebinding a
    name, under its own host; neither gets an answer.

    Args:
        application: ASGI application to guard.
        hosts: host names under which it may be requested.
        most_bytes: largest size of a request, in bytes.
        any_address: whether it may be requested under any IP address, too, which no name can be rebound to.
    """

    def __init__(
        self, application: Application, hosts: frozenset[str], most_bytes: int, any_address: bool = False
    ) -> None:
        self.application = application
        self.hosts = hosts
        self.most_bytes = most_bytes
        self.any_address = any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses a request or passes it on to the application."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan" or self._refusal(_headers(scope)) is None:
                await self.application(scope, receive, send)
            return
        refusal = self._refusal(_headers(scope))
        if refusal:
            status, reason = refusal
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": reason.encode()})
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        await self.application(scope, receive, guarded)

    def _refusal(self, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """HTTP status and reason if a request is refused, else None."""
        host = _name(f"//{headers.get('host', '')}")
        if host not in self.hosts and not (self.any_address and _is_address(host)):
            return 403, "This page is not served under that host name."
        if "origin" in headers and _name(headers["origin"]) != host:
            return 403, "Requests from other pages are refused."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.most_bytes:
            return 413, "This request is too large."
        return None


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _is_address(name: str | None) -> bool:
    try:
        return bool(ipaddress.ip_address(name or ""))
    except ValueError:
        return False


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
