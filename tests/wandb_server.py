"""A server on this machine that answers as W&B's does, or fails as it can."""

from __future__ import annotations

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_RUN = {
    "id": "b", "name": "abc", "displayName": "abc", "config": "{}", "historyLineCount": 0,
    "project": {"id": "p", "name": "emotionart", "entity": {"id": "e", "name": "u"}},
}  # fmt: skip


class Server(ThreadingHTTPServer):
    """What W&B needs of its server to start a run; or nothing but a status.

    Attributes:
        hanging: whether it accepts questions and never answers.
    """

    daemon_threads = True

    def __init__(self, status: int = 200, answer: str | None = None) -> None:
        server = self
        self.hanging = False

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                while server.hanging:
                    time.sleep(0.1)
                question = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
                starts = re.search(r"mutation\s+UpsertBucket", question)
                known = json.dumps({"data": {"upsertBucket": {"bucket": _RUN, "inserted": True}} if starts else {}})
                body = known if answer is None else answer
                self.send_response(status)
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

    def die(self) -> None:
        """Ends it; nobody listens any more."""
        self.hanging = False
        self.shutdown()
        self.server_close()
