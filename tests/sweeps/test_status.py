from pathlib import Path

from filelock import FileLock

from emotionart.run.folder import RunFolder
from emotionart.sweeps.plan import SweepJob
from emotionart.sweeps.status import all_done_or_held, summary_lines


def test_what_another_process_runs_is_neither_a_failure_nor_unfinished(tmp_path: Path) -> None:
    cells = []
    for number, status in enumerate(("done", "running", "running", "failed")):
        folder = RunFolder(tmp_path / str(number))
        folder.path.mkdir()
        folder.update({"status": status})
        if status == "done":
            folder.result.write_text("{}")
        cells.append(SweepJob("row", number, (), folder, {}, {}))
    done, held, left, failed = cells
    with FileLock(held.folder.path / ".lock"):
        assert all_done_or_held([done, held])
        assert not all_done_or_held([done, held, left])
        assert not all_done_or_held([done, held, failed])
        assert summary_lines([done, held], [], 1) == [
            "0 ok · 0 failed · 1 skipped · 1 still with another process in 1 s"
        ]
        assert "1 still with another process · 1 unfinished" in summary_lines([done, held, left], [], 1)[-1]
    assert not all_done_or_held([done, held]), "its process has died"
