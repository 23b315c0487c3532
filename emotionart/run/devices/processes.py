"""The processes of a run's other devices, which take part in training and write nothing."""

from __future__ import annotations

import logging
import os
import signal
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context, parent_process, set_start_method
from pathlib import Path
from typing import Any

import torch
from lightning_fabric.plugins.environments.lightning import find_free_network_port
from omegaconf import OmegaConf

from emotionart.config.checks.devices import training_devices
from emotionart.errors import Failure, UserError
from emotionart.run.context import RunContext
from emotionart.run.devices.rank import Peer, Rank
from emotionart.run.folder import RunFolder
from emotionart.run.tracking.logger import Logger
from emotionart.run.training.trainer import set_threads

log = logging.getLogger(__name__)

Work = Callable[[RunContext], object]

_ENDING = 30.0  # seconds for the other processes to end after training
_LAST_WORDS = 2.0  # seconds to wait for a failed process's reason


@contextmanager
def other_devices(context: RunContext, work: Work) -> Iterator[Rank | None]:
    """A block in which a run trains on its devices; yields the rank of this process, None for a single device.

    Each other device has a process that does the same `work` from the beginning and also reaches this block. These
    processes end with the block, and by themselves if the main process is gone.

    Args:
        context: context of the run.
        work: module-level function.

    Raises:
        Failure: if another process fails.
    """
    if context.peer is not None:
        context.peer.report_ready()
        yield context.peer.rank
        return
    devices = training_devices(context.resolved)
    if devices == 1:
        yield None
        return
    port = find_free_network_port()
    others: list[_Other] = []
    try:
        others += [_Other(context, work, Rank(number, devices, port)) for number in range(1, devices)]
        for other in others:
            other.wait_for_report(None)
        yield Rank(0, devices, port)
        for other in others:
            other.process.join(_ENDING)
    except UserError:
        raise
    except Exception:
        for other in others:
            other.wait_for_report(_LAST_WORDS)
        raise
    finally:
        for other in others:
            other.process.kill()
            other.process.join()
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


class _Other:
    """The process of another device, as handled by the main process."""

    def __init__(self, context: RunContext, work: Work, rank: Rank) -> None:
        spawn = get_context("spawn")  # a process that has used threads or CUDA cannot be forked
        self._number = rank.number
        self._messages, there = spawn.Pipe(duplex=False)
        place = context.folder.path
        arguments = (work, Peer(rank, there), context.resolved, dict(context.choices), place, context.threads)
        self.process = spawn.Process(target=_take_part, args=arguments)
        self.process.start()
        there.close()

    def wait_for_report(self, seconds: float | None) -> None:
        """Waits up to `seconds` (None: indefinitely) for the process to report that it is ready.

        Raises:
            Failure: if it reports an error or has ended.
        """
        if not self._messages.poll(seconds):
            return
        try:
            reason = self._messages.recv()
        except EOFError:
            self.process.join()
            reason = f"its process has ended with exit code {self.process.exitcode}"
        if reason:
            log.error("device %d: %s", self._number, reason)
            last = reason.strip().splitlines()[-1]
            raise Failure(f"Training has failed on device {self._number}: {last}", where=f"device {self._number}")


def _take_part(
    work: Work, peer: Peer, resolved: Mapping[str, Any], choices: Mapping[str, str], folder: Path, threads: int
) -> None:
    """Runs in the process of another device; silent except for the reason of a failure."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    warnings.simplefilter("ignore")
    set_start_method(get_all_start_methods()[0], force=True)  # for its data loaders, instead of its own start method
    try:
        config = OmegaConf.create(dict(resolved))
        config.trainer.enable_progress_bar = config.logger.metrics_csv = False
        work(RunContext(config, choices, RunFolder(folder), Logger(), set_threads(threads), resolved, peer=peer))
    except UserError as error:
        peer.run.send(error.what)
    except Exception:
        peer.run.send(traceback.format_exc())


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
