"""Settings that a process takes over from the launcher that started it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping

from omegaconf import DictConfig, OmegaConf

from emotionart.cores import available_cores
from emotionart.errors import UserError

_SIZES = {"WORLD_SIZE": "torchrun", "SLURM_STEP_NUM_TASKS": "srun", "OMPI_COMM_WORLD_SIZE": "mpirun"}
"""Environment variables with the number of processes, by the launcher that sets them."""


def require_single_process(environment: Mapping[str, str]) -> None:
    """Checks that this process is not one of several that were started to share one run.

    Raises:
        UserError: if it is, since each of them would carry out the whole run.
    """
    for name, launcher in _SIZES.items():
        size = environment.get(name, "1")
        if size.isdigit() and int(size) > 1:
            raise UserError(
                f"This is one of {size} processes started by {launcher}, and each would do the whole run.",
                where=f"{name}={size}",
                fix=f"one process, without {launcher}; -m hydra/launcher=joblib or submitit_slurm runs several jobs "
                "beside each other",
            )


def ensure_start_method() -> None:
    """Lets a job start its own processes, such as those that paint the gallery or load batches.

    In a joblib worker the start method is "loky", which its subprocesses do not know.
    """
    methods = multiprocessing.get_all_start_methods()
    if multiprocessing.get_start_method(allow_none=True) not in (None, *methods):
        multiprocessing.set_start_method(methods[0], force=True)


def cores_of_a_job(launcher: DictConfig) -> int:
    """The number of CPU cores for one job.

    Args:
        launcher: Hydra's launcher configuration. Submitit and Ray set the cores of a job; with joblib, `n_jobs` jobs
            share those of this machine; the basic launcher runs one job at a time.
    """
    for key in ("cpus_per_task", "ray.remote.num_cpus"):
        configured = OmegaConf.select(launcher, key)
        if configured:
            return max(1, int(configured))
    cores = available_cores()
    jobs = launcher.get("n_jobs") or 1
    return max(1, cores // jobs) if jobs > 0 else 1
