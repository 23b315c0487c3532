import os

import pytest
from hydra import compose, initialize_config_dir

from emotionart.config.groups import CONF
from emotionart.run.launcher import cores_of_a_job


@pytest.mark.parametrize(
    ("overrides", "jobs"),
    [
        ([], 1),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"], 2),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=1000"], 1000),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=-1"], None),
        (["hydra/launcher=submitit_slurm", "hydra.launcher.cpus_per_task=6"], 6.0),
    ],
)
def test_jobs_beside_each_other_share_the_cores(overrides: list[str], jobs: float | None) -> None:
    """`jobs`: how many share this machine; None for one a core; a float is what a cluster gives one job."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("train", overrides, return_hydra_config=True)
    expected = int(jobs) if isinstance(jobs, float) else max(1, (os.cpu_count() or 1) // (jobs or 10**6))
    assert cores_of_a_job(config.hydra.launcher) == expected
