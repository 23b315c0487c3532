"""Checkpoints that outlive what kills a run."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from emotionart.errors import Failure, UserError
from emotionart.run.training.checkpoint import AtomicCheckpointIO, newest_checkpoint, read_checkpoint

Run = Callable[..., tuple[Path, dict]]


def killed(done: Path, folder: Path) -> Path:
    """A copy of a run as it is where the process was killed before the result was written."""
    shutil.copytree(done, folder)
    (folder / "result.json").unlink()
    (folder / "run.json").write_text(json.dumps({"status": "running"}))
    return folder


def test_a_damaged_last_checkpoint_falls_back_to_the_one_before_and_the_run_ends_the_same(
    tiny_run: Run, done_run: tuple[Path, dict], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = killed(done_run[0], tmp_path / "run")
    last = folder / "checkpoints" / "last.ckpt"
    last.write_bytes(last.read_bytes()[:1000])
    (folder / "checkpoints" / ".last.ckpt.4711").write_text("of a killed process")
    _, result = tiny_run(f"resume={folder}")
    assert "last.ckpt is damaged and is not used" in caplog.text
    assert result == done_run[1]
    assert sorted(path.name for path in last.parent.iterdir()) == ["best.ckpt", "last.ckpt", "previous.ckpt"]
    assert read_checkpoint(last).epoch == 2


def test_training_that_had_ended_early_is_over_when_it_is_resumed(tiny_run: Run, tmp_path: Path) -> None:
    stopping = [
        "callbacks=early_stopping",
        "callbacks.early_stopping.patience=1",
        "optimizer.lr=0",
        "trainer.max_epochs=6",
    ]
    done, before = tiny_run(*stopping, name="done")
    assert before["epochs"] == 2
    folder = killed(done, tmp_path / "run")
    _, after = tiny_run(*stopping, f"resume={folder}")
    assert after == before


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    writer, place = AtomicCheckpointIO(), tmp_path / "last.ckpt"
    writer.save_checkpoint({"epoch": 0}, place)
    writer.save_checkpoint({"epoch": 1}, place)
    with pytest.raises(Exception, match="pickle"):
        writer.save_checkpoint({"epoch": 2, "bad": lambda: None}, place)
    epochs = {file.name: torch.load(file, weights_only=True)["epoch"] for file in tmp_path.iterdir()}
    assert epochs == {"last.ckpt": 1, "previous.ckpt": 0}
    place.unlink()  # killed between the two renames
    assert newest_checkpoint(tmp_path) == tmp_path / "previous.ckpt"


def test_where_no_checkpoint_can_be_read_nothing_is_advised_that_cannot_help(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path) is None
    (tmp_path / "last.ckpt").write_bytes(b"")
    with pytest.raises(Failure, match="No checkpoint of this run can be read"):
        newest_checkpoint(tmp_path)
    with pytest.raises(UserError, match="This checkpoint is damaged"):
        read_checkpoint(tmp_path / "last.ckpt")


def test_what_stops_the_process_while_a_checkpoint_is_written_stays_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = iter(range(100))

    def save_again(*arguments: Any) -> None:
        """What ultralytics puts in torch.save's place."""
        try:
            torch.serialization.save(*arguments)
        except RuntimeError:
            torch.serialization.save(*arguments)

    class File(io.FileIO):
        def write(self, data: Any) -> int:
            if next(writes) == 3:
                raise SystemExit(143)
            return super().write(data)

    monkeypatch.setattr(torch, "save", save_again)
    monkeypatch.setattr(Path, "open", lambda path, mode: File(path, mode))
    with pytest.raises(SystemExit) as stopped:
        AtomicCheckpointIO().save_checkpoint({"weights": torch.zeros(50_000)}, tmp_path / "last.ckpt")
    assert stopped.value.code == 143
    assert not (tmp_path / "last.ckpt").exists()
