"""A newcomer's waiting times: seconds to the first output, the first number and the end of README commands.

Each README command that ends by itself is run as a user runs it, in a terminal of 80 columns; the first one paints the
gallery, the others find it. As seconds depend on the machine, those of a process that only imports
the modules of a run are given too.

    python benchmarks/first_hour.py
"""

import os
import pty
import re
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
IMPORTS = "import emotionart.pipeline, emotionart.classifier.training.train, emotionart.config.compose"
RUN = "outputs/first"
COMMANDS = [
    "train.py --help",
    "train.py debug=fast",
    f"train.py hydra.run.dir={RUN}",
    "train.py model=shallow_arch2 seed=1 optimizer.lr=1e-3",
    "train.py model=cv_fc augment=none",
    "train.py model=gan generator=deconv discriminator=cnn model.images=2000 model.report_every=1000",
    "sweep.py sweep=cv_ablation dry_run=true",
    "-m emotionart config ls",
    "-m emotionart data gallery --out paintings --count 200",
    "-m emotionart features paintings --out features.csv",
    f"-m emotionart predict {RUN} paintings",
    f"-m emotionart explain {RUN} --n 8",
]
_NUMBER = re.compile(r"val/loss|gan/|test accuracy|\d+ of \d+|\d\.\d")


@dataclass(frozen=True)
class Waited:
    """Seconds until a command's first output, its first computed number, and its end."""

    first: float
    number: float
    end: float


def carry_out(words: list[str], folder: Path) -> Waited:
    """Runs a command in a terminal of its own and times what a person sees there.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    env |= {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    start, first, number, told = time.perf_counter(), None, None, ""
    with subprocess.Popen(
        [sys.executable, *words], stdin=terminal, stdout=terminal, stderr=terminal, cwd=folder, env=env
    ) as process:
        os.close(terminal)
        while shown := _read(screen):
            now = time.perf_counter() - start
            told += shown
            first = first or now
            number = number or (now if _NUMBER.search(told) else None)
    end = time.perf_counter() - start
    os.close(screen)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words, told)
    return Waited(first or end, number or end, end)


def _read(screen: int) -> str:
    """What has come to the screen; "" once nobody writes to it any more, which Linux tells as an error."""
    try:
        return os.read(screen, 1 << 16).decode(errors="replace")
    except OSError:
        return ""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        imports = carry_out(["-c", IMPORTS], folder).end
        print(f"importing what a run imports: {imports:.1f} s")
        print(f"{'first':>10} {'number':>8} {'end':>8} {'/ imports':>9}")
        for command in COMMANDS:
            words = command.split()
            words = [str(ROOT / words[0]), *words[1:]] if words[0].endswith(".py") else words
            own = (
                ["logger=csv"]
                if words[0].endswith("train.py") and "--help" not in words and "debug" not in command
                else []
            )
            waited = carry_out([*words, *own], folder)
            print(
                f"{waited.first:10.1f} {waited.number:8.1f} {waited.end:8.1f} {waited.end / imports:9.1f}   {command}"
            )


if __name__ == "__main__":
    main()
