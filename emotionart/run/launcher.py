"""What Hydra's launchers leave to each of the jobs that they run beside each other."""

from __future__ import annotations

import os

from omegaconf import DictConfig, OmegaConf


def cores_of_a_job(launcher: DictConfig) -> int:
    """The cores of the CPU for one job.

    Args:
        launcher: Hydra's configuration of it. Submitit and Ray say how many cores a job has; with joblib, `n_jobs` jobs
            share those of this machine; the basic launcher runs one job at a time.
    """
    for key in ("cpus_per_task", "ray.remote.num_cpus"):
        given = OmegaConf.select(launcher, key)
        if given:
            return max(1, int(given))
    cores = os.cpu_count() or 1
    jobs = launcher.get("n_jobs") or 1
    return max(1, cores // jobs) if jobs > 0 else 1
