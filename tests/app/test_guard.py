import asyncio
from typing import Any

import pytest

from emotionart.app.guard import Guard


async def greet(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def ask(any_address: bool = False, **headers: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of the answer."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    guard = Guard(greet, frozenset({"127.0.0.1", "localhost"}), 1000, any_address)
    asyncio.run(guard({"type": "http", "headers": given}, None, send))  # type: ignore[arg-type]
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {"host": "127.0.0.1:7860"}),
        (200, {"host": "localhost", "origin": "http://localhost:7860", "content_length": "1000"}),
        (403, {}),
        (403, {"host": "paintings.example:7860"}),
        (403, {"host": "127.0.0.1.paintings.example"}),
        (403, {"host": "127.0.0.1", "origin": "http://paintings.example"}),
        (403, {"host": "127.0.0.1", "origin": "null"}),
        (413, {"host": "127.0.0.1", "content_length": "1001"}),
        (413, {"host": "127.0.0.1", "content_length": "-1"}),
    ],
)
def test_foreign_hosts_and_origins_and_large_requests_are_refused(status: int, headers: dict[str, str]) -> None:
    answered, sent, body = ask(**headers)
    assert answered == status
    assert (body == b"hello") == (status == 200)
    assert (b"default-src 'self'" in sent.get(b"content-security-policy", b"")) == (status == 200)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {"host": "192.168.0.5:7860", "origin": "http://192.168.0.5:7860"}),
        (200, {"host": "[fe80::1]:7860"}),
        (403, {"host": "192.168.0.5", "origin": "http://203.0.113.9"}),
        (403, {"host": "paintings.example"}),
        (403, {}),
    ],
)
def test_a_page_on_all_addresses_is_requested_under_each_but_not_by_other_pages(
    status: int, headers: dict[str, str]
) -> None:
    assert ask(any_address=True, **headers)[0] == status
    if "origin" not in headers:
        assert ask(**headers)[0] == 403
