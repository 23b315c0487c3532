"""A server on this machine that answers as W&B's does, or fails as it can."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import wandb

ENTITY, PROJECT = "u", "emotionart"
_RUN = {
    "id": "b", "name": "abc", "displayName": "abc", "config": "{}", "historyLineCount": 0,
    "project": {"id": "p", "name": PROJECT, "entity": {"id": "e", "name": ENTITY}},
}  # fmt: skip
_LAST_PAGE = {"endCursor": None, "hasNextPage": False}
_THEN = "2026-01-01T00:00:00Z"


class Server(ThreadingHTTPServer):
    """What W&B needs of its server to start a run and to save a view; or nothing but a status.

    Attributes:
        hanging: whether it accepts questions and never answers.
        status: with which it answers.
        runs: ids of those that it holds, in the project.
        views: what it was given to keep, as the variables of the mutations.
        refusal: why it keeps no view; None where it does.
    """

    daemon_threads = True

    def __init__(self, status: int = 200, answer: str | None = None) -> None:
        server = self
        self.hanging = False
        self.status = status
        self.runs: set[str] = set()
        self.views: list[dict[str, Any]] = []
        self.refusal: str | None = None

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                question = self._question()
                self._reply(json.dumps(server.answer(question)) if answer is None else answer)

            def do_PUT(self) -> None:
                self._question()  # a file
                self._reply("")

            def _question(self) -> str:
                while server.hanging:
                    time.sleep(0.1)
                return self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")

            def _reply(self, body: str) -> None:
                self.send_response(server.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *parts: Any) -> None: ...

        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def variables(self) -> dict[str, str]:
        """The environment in which W&B turns to it."""
        return {"WANDB_BASE_URL": f"http://127.0.0.1:{self.server_port}", "WANDB_API_KEY": "0" * 40}

    def answer(self, question: str) -> dict[str, Any]:
        """What W&B would say; nothing, to what it is not known to be asked here."""
        name = re.search(r"(?:query|mutation)\s+(\w+)", question)
        if name is None:
            return {"data": {}}
        given = json.loads(question).get("variables") or {}
        known = given.get("entityName", given.get("entity")) in (None, ENTITY)
        known &= given.get("projectName", given.get("project")) in (None, PROJECT)
        match name[1]:
            case "UpsertBucket":
                data: dict[str, Any] = {"upsertBucket": {"bucket": _RUN, "inserted": True}}
            case "CreateRunFiles":
                address = f"{self.variables['WANDB_BASE_URL']}/file"
                files = [{"name": name, "uploadUrl": address} for name in given["files"]]
                data = {"createRunFiles": {"runID": _RUN["id"], "uploadHeaders": [], "files": files}}
            case "Viewer" | "GetDefaultEntity":
                data = {"viewer": {"id": "e", "entity": ENTITY, "username": ENTITY, "teams": {"edges": []}}}
            case "ProjectInternalId":
                data = {"project": {"id": "p", "internalId": "1"} if known else None}
            case "GetProjects":
                project = {"id": "p", "name": PROJECT, "entityName": ENTITY, "createdAt": _THEN, "isBenchmark": False}
                edges = [{"node": {**project, "user": None}, "cursor": "1"}]
                data = {"models": {"edges": edges, "pageInfo": _LAST_PAGE}}
            case "Runs":
                found = {"internalId": "1", "readOnly": False, "runs": {"edges": [], "pageInfo": _LAST_PAGE}}
                asked = json.loads(given["filters"])["name"]["$in"]
                data = {"project": {**found, "runCount": len(self.runs & {*asked})} if known else None}
            case "upsertView" | "UpsertView2" if self.refusal:
                return {"data": None, "errors": [{"message": self.refusal}]}
            case "upsertView" | "UpsertView2":
                data = {"upsertView": {"view": self._keep(given), "inserted": True}}
            case _:
                data = {}
        return {"data": data}

    def _keep(self, given: dict[str, Any]) -> dict[str, Any]:
        self.views.append(given)
        told = {key: given[key] for key in ("name", "type", "displayName", "description", "spec")}
        project = {"id": "p", "name": given["projectName"], "entityName": given["entityName"]}
        return {**told, "id": f"view{len(self.views)}", "project": project, "updatedAt": _THEN}

    def die(self) -> None:
        """Ends it; nobody listens any more."""
        self.hanging = False
        self.shutdown()
        self.server_close()


@contextmanager
def served(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Turns W&B to a server, which ends with the block."""
    wandb.teardown()  # it keeps the address of the first server that a process has named
    monkeypatch.delenv("WANDB_MODE", raising=False)
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    try:
        yield server
    finally:
        server.die()
        with suppress(ConnectionError):  # where W&B's own process has not survived its server
            wandb.teardown()
