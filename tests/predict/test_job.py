"""What counts of a job that was killed, joined by another command or outlived by a worker; none of it needs Ray."""

import json
import threading
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emotionart.errors import UserError
from emotionart.predict.parallel.job import Job, open_job

BASIS = {"pictures": ["art"]}


def write(job: Job, part: str, *names: str, done: Path | None = None) -> None:
    """As Ray writes it: a part, and the committed names of its pictures."""
    folder = done or job.done
    folder.mkdir(exist_ok=True)
    table = pa.table({"image": list(names)})
    pq.write_table(table, job.parts / f"{part}-000000.parquet")
    pq.write_table(table, folder / f"{part}.parquet")


def images(out: Path) -> list[str]:
    return sorted(pd.read_parquet(out)["image"])


def test_an_unfinished_job_goes_on_and_leaves_out_what_is_not_committed(tmp_path: Path) -> None:
    out = tmp_path / "found"
    with open_job(out, BASIS) as job:
        write(job, "first", "a", "b")
        pq.write_table(pa.table({"image": ["c"]}), job.parts / "killed-000000.parquet")
    with open_job(out, BASIS) as job:
        assert job.rows() == 2
        write(job, "second", "c")
        job.finish()
    assert images(out) == ["a", "b", "c"]
    assert list(tmp_path.iterdir()) == [out]


def test_a_second_command_on_the_same_output_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "found"
    told = []

    def second() -> None:
        try:
            with open_job(out, BASIS):
                told.append("opened")
        except UserError as error:
            told.append(error.what)

    with open_job(out, BASIS) as job:
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        write(job, "first", "a")
        job.finish()
    assert told == ["Another command is working on this output."]
    with pytest.raises(UserError, match="exists already"), open_job(out, BASIS):
        pass


def test_what_a_killed_end_leaves_does_not_count(tmp_path: Path) -> None:
    out = tmp_path / "found"
    with open_job(out, BASIS) as job:
        write(job, "first", "a", "b")
        job.parts.rename(tmp_path / "elsewhere")  # by finish, and then by the user
    with open_job(out, BASIS) as job:
        assert job.rows() == 0
        write(job, "second", "a")
        job.finish()
    assert images(out) == ["a"]


def test_what_a_worker_commits_after_its_job_does_not_count(tmp_path: Path) -> None:
    out = tmp_path / "found"
    with open_job(out, BASIS) as job:
        old = job.done
        write(job, "first", "a")
    with open_job(out, BASIS) as job:
        write(job, "late", "b", done=old)
        write(job, "second", "b")
    with open_job(out, BASIS) as job:
        assert job.rows() == 2
        assert not old.exists()
        job.finish()
    assert images(out) == ["a", "b"]


def test_a_picture_that_is_read_when_tried_again_is_not_reported(tmp_path: Path) -> None:
    with open_job(tmp_path / "found", BASIS) as job:
        lines = [json.dumps([name, "not there"]) for name in ("a", "b")]
        (job.bad / "worker.jsonl").write_text("\n".join(lines))
        write(job, "first", "a")
        assert job.reasons() == {"b": "not there"}
