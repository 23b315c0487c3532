"""Pushed by the real client to a stand-in of the hub: a server that answers as the hub does and keeps what it gets."""

import base64
import json
import logging
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from emotionart.cli.main import main

Run = tuple[Path, dict]


class StandIn(BaseHTTPRequestHandler):
    """The part of the hub that creates a repository and takes a commit."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/repos/create":
            asked = json.loads(body)
            taken = asked["name"] == "taken"
            self.server.private = asked.get("private", asked.get("visibility"))  # type: ignore[attr-defined]
            address = f"{constants.ENDPOINT}/{asked.get('organization', 'ana')}/{asked['name']}"
            self._answer(
                409 if taken else 200, {"error": "You already created this model"} if taken else {"url": address}
            )
        elif "/preupload/" in self.path:
            files = [
                {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                for file in json.loads(body)["files"]
            ]
            self._answer(200, {"files": files})
        elif "/commit/" in self.path:
            lines = [json.loads(line) for line in body.splitlines()]
            self.server.files |= {  # type: ignore[attr-defined]
                line["value"]["path"]: base64.b64decode(line["value"]["content"])
                for line in lines
                if line["key"] == "file"
            }
            self._answer(200, {"commitUrl": f"{constants.ENDPOINT}/ana/joy/commit/1", "commitOid": "1"})
        else:
            self._answer(200, {"errors": [], "warnings": []})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    server.files = {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_TOKEN", "hf_of_nobody")
    yield server
    server.shutdown()
    server.server_close()


def test_card_weights_and_configuration_are_pushed_and_no_picture(
    done_run: Run, hub: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = done_run
    assert main(["push", str(folder), "--to", "hf:ana/joy"]) == 0
    kept = {"README.md": "MODEL_CARD.md"}
    names = ("README.md", "checkpoints/best.ckpt", "config.yaml", "result.json")
    assert hub.files == {name: (folder / kept.get(name, name)).read_bytes() for name in names}
    assert hub.private in (True, "private")
    assert capsys.readouterr().out.startswith(f"{constants.ENDPOINT}/")


def test_what_cannot_be_pushed_is_one_clear_message(
    done_run: Run, hub: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = done_run
    monkeypatch.setattr(logging, "raiseExceptions", False)  # the client may log to what was closed

    def told(run: Path, to: str, code: int) -> str:
        assert main(["push", str(run), "--to", to]) == code
        message = capsys.readouterr().err
        assert "Traceback" not in message
        return message

    assert "did not take the run" in told(folder, "hf:ana/taken", 1)
    assert "not a name on the Hub" in told(folder, "hf:a/b/c", 2)
    assert "--to hf:USER/NAME" in told(folder, "s3:ana/joy", 2)
    assert "no run with a result" in told(tmp_path, "hf:ana/joy", 2)
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy" / "MODEL_CARD.md").unlink()
    assert "emotionart figures" in told(tmp_path / "copy", "hf:ana/joy", 2)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # where nothing listens
    assert "did not take the run" in told(folder, "hf:ana/joy", 1)
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    assert "hf auth login" in told(folder, "hf:ana/joy", 2)
    assert hub.files == {}
