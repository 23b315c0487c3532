import os
import time
from pathlib import Path

from filelock import FileLock

from emotionart.files import write_json
from emotionart.run.folder import RunFolder
from emotionart.sweeps.job import FROZEN, PLAN, _progress_text
from emotionart.sweeps.plan import SweepJob
from emotionart.sweeps.status import all_done_or_held, summary_lines


def test_the_rest_of_a_launch_takes_as_long_for_each_cell_as_what_has_ended(tmp_path: Path) -> None:
    names = [str(number) for number in range(4)]
    for number, name in enumerate(names):
        folder = RunFolder(tmp_path / name)
        folder.path.mkdir()
        (folder.path / FROZEN).write_text("{}")
        if number != 1:  # the first two had been done before; of this launch, one has ended and one has not begun
            folder.result.write_text("{}")
        os.utime(folder.path / FROZEN, (0, time.time() - (100 if number in (0, 1) else 300)))
    write_json(tmp_path / PLAN, [{"folder": name} for name in names])
    os.utime(tmp_path / PLAN, (0, time.time() - 200))
    assert _progress_text(tmp_path, 2) == " · 1 of 2 ended, about 3 min left"
    assert _progress_text(tmp_path, 1) == "", "nothing is left"
    (tmp_path / PLAN).unlink()
    assert _progress_text(tmp_path, 2) == "", "another launch has taken it away"


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
            "0 ok · 0 failed · 1 done before · 1 still with another process in 1 s"
        ]
        assert "1 still with another process · 1 unfinished" in summary_lines([done, held, left], [], 1)[-1]
    assert not all_done_or_held([done, held]), "its process has died"
