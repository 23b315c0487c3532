import os

import pytest
import torch

from emotionart.cores import available_cores, usual_threads
from emotionart.run.provenance import provenance
from emotionart.run.training.trainer import set_threads


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system cannot bind a process to cores")
def test_cores_that_a_process_is_kept_from_do_not_count() -> None:
    allowed = os.sched_getaffinity(0)
    assert available_cores() == len(allowed)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert available_cores() == 1
        assert provenance("data", 1)["machine"]["cores"] == 1
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.mark.parametrize(
    ("variable", "threads"),
    [("1", 1), ("3", 3), ("8", 4), ("2,1", 2), (" 2 ", 2), ("0", 4), ("-1", 4), ("many", 4), ("", 4), (None, 4)],
)
def test_fewer_threads_that_the_usual_variable_asks_for_are_heeded(
    variable: str | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    assert usual_threads(4) == threads
    assert usual_threads(0) == 1


def test_a_runs_own_number_of_threads_wins_over_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    try:
        assert set_threads(2) == torch.get_num_threads() == 2
        assert set_threads(None, cores=2) == torch.get_num_threads() == 1
        assert set_threads(None, cores=4, devices=2) == 1
    finally:
        torch.set_num_threads(before)
