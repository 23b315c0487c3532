import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from joblib.externals.loky.backend.context import LokyContext

from emotionart.cli.sweep import main as sweep
from emotionart.cli.train import main as train
from emotionart.config.groups import CONF
from emotionart.run.devices import launcher
from emotionart.run.devices.launcher import cores_of_a_job, ensure_start_method, require_single_process


@pytest.mark.parametrize(
    ("overrides", "cores"),
    [
        ([], 8),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"], 4),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=1000"], 1),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=-1"], 1),
        (["hydra/launcher=submitit_slurm", "hydra.launcher.cpus_per_task=6"], 6),
    ],
)
def test_jobs_beside_each_other_share_the_cores(
    overrides: list[str], cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "available_cores", lambda: 8)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("train", overrides, return_hydra_config=True)
    assert cores_of_a_job(config.hydra.launcher) == cores


@pytest.mark.parametrize("name", ["WORLD_SIZE", "SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_SIZE"])
@pytest.mark.parametrize("main", [train, sweep])
def test_processes_that_would_all_do_the_same_are_refused(
    name: str,
    main: Callable[[list[str]], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, "4")
    arguments = [f"folder={tmp_path}", "sweep=results_table"] if main is sweep else [f"hydra.run.dir={tmp_path}/run"]
    assert main(arguments) == 2
    assert f"where: {name}=4" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_one_process_of_a_launcher_may_run() -> None:
    require_single_process({"WORLD_SIZE": "1", "SLURM_NTASKS": "4"})


def test_a_job_can_start_processes_under_a_method_that_only_its_launcher_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    before = multiprocessing.get_start_method()
    monkeypatch.setattr(multiprocessing.context._default_context, "_actual_context", LokyContext())
    assert multiprocessing.get_start_method() == "loky"
    ensure_start_method()
    try:
        assert multiprocessing.get_start_method() in multiprocessing.get_all_start_methods()
    finally:
        multiprocessing.set_start_method(before, force=True)
