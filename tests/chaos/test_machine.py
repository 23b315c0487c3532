"""Files that may not be read or written, and full disks: told without a traceback, in time, and nothing is lost."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.chaos.world import World, build
from tests.conftest import TINY_PIXELS
from tests.limits import limit_files, obey_permissions
from tests.processes import Command
from tests.sweeps.conftest import arguments
from tests.sweeps.test_launchers import ONE

_LIMIT = 90
"""Seconds after which a command hangs."""


@pytest.fixture(scope="module")
def built(cache: Path, done_run: tuple[Path, object], tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(cache, done_run[0], tmp_path_factory.mktemp("world"))


def out(world: World) -> Path:
    """The folder in which commands write."""
    return world.cache.parent / "out"


@pytest.fixture
def world(built: World, tmp_path: Path) -> Iterator[World]:
    """A copy of one's own, whose permissions are as they were afterwards."""
    folders = {}
    for name in ("cache", "classifier", "gan", "pictures"):
        home = tmp_path / "gans" if name == "gan" else tmp_path  # where no table of classifiers meets it
        folders[name] = shutil.copytree(getattr(built, name), home / name, symlinks=True)
    (tmp_path / "out").mkdir()
    yield World(**folders)
    for path in [tmp_path, *tmp_path.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)


def _train(world: World, *more: str) -> list[str]:
    return ["train", *TINY_PIXELS, *more, f"cache={world.cache}", "logger=none", f"hydra.run.dir={out(world)}/run"]


def _table(world: World, *more: str) -> list[str]:
    tiny = [word for word in TINY_PIXELS if not word.startswith("data.")]
    return ["train", *tiny, "data=table", f"data.path={world.pictures}/labels.csv", "labels=as_is", *more,
            f"cache={world.cache}", "logger=none", f"hydra.run.dir={out(world)}/run"]  # fmt: skip


def _featured(world: World) -> list[str]:
    return [word for word in _table(world, "model=cv_fc") if not word.startswith("model.representation")]


def _main(*words: str) -> Callable[[World], list[str]]:
    def fill_in(world: World) -> list[str]:
        places = {"run": world.classifier, "gan": world.gan, "art": world.pictures, "cache": world.cache}
        return ["main", *(word.format(**places, out=out(world)) for word in words)]

    return fill_in


def _sweep(world: World) -> list[str]:
    return ["sweep", *arguments(world.cache, out(world), *ONE)]


PREDICT = _main("predict", "{run}", "{art}/kinds", "--out", "{out}/made.csv")
EXPLAIN = _main("explain", "{run}", "--out", "{out}/made", "--n", "4", "--faithfulness", "4", "--steps", "4")
GENERATE = _main("generate", "{gan}", "--out", "{out}/made", "--n", "4")
CHECK = _main("data", "check", "{art}/labels.csv", "cache={cache}")
REPORT = _main("data", "report", "{art}/labels.csv", "--out", "{out}/page.html", "cache={cache}")
CURATE = _main(
    "data", "curate", "{art}/labels.csv", "--keep", "portraits", "--out", "{out}/made/t.csv", "--weights", "none",
    "cache={cache}",
)  # fmt: skip
IMPORT = _main("data", "import", "folder", "{art}/kinds", "--out", "{out}/made.csv")
RUNS, TABLE = _main("runs", "{out}/.."), _main("table", "{out}/..")
FIGURES = _main("figures", "{run}")


def _resume(world: World) -> list[str]:
    (world.classifier / "result.json").unlink()
    return ["train", f"resume={world.classifier}"]


LOCKED: list[tuple[Callable[[World], list[str]], str, int]] = [
    *((_table, f"pictures/{name}", 0) for name in ("labels.csv", "", "kinds/joy", "kinds/joy/0.png")),
    *((_train, place, 0o555) for place in ("cache", "out")),
    *((_train, place, 0) for place in ("cache", "cache/pictures", "out")),
    *((_resume, f"classifier/{name}", 0)
      for name in ("", "config.yaml", "overrides.yaml", "run.json", "checkpoints", "checkpoints/last.ckpt")),
    (_resume, "classifier", 0o555),
    (_sweep, "out", 0o555),
    (_sweep, "out", 0),
    *((PREDICT, f"classifier/{name}", 0) for name in ("", "config.yaml", "checkpoints", "checkpoints/best.ckpt")),
    *((PREDICT, place, 0) for place in ("pictures/kinds", "pictures/kinds/joy", "pictures/kinds/joy/0.png")),
    (PREDICT, "out", 0o555),
    *((EXPLAIN, f"classifier/{name}", 0) for name in ("", "checkpoints/best.ckpt", "predictions.csv", "split.csv")),
    (EXPLAIN, "out", 0o555),
    *((GENERATE, f"gans/gan/{name}", 0) for name in ("", "config.yaml", "checkpoints/last.ckpt")),
    (GENERATE, "out", 0o555),
    *((CHECK, place, 0) for place in ("pictures/labels.csv", "pictures/kinds/joy/0.png", "cache")),
    (CHECK, "cache", 0o555),
    (REPORT, "out", 0o555),
    (CURATE, "out", 0o555),
    (CURATE, "pictures/labels.csv", 0),
    (IMPORT, "pictures/kinds/joy", 0),
    (IMPORT, "out", 0o555),
    *((RUNS, f"classifier/{name}", 0) for name in ("", "run.json", "result.json", "config.yaml")),
    *((TABLE, f"classifier/{name}", 0) for name in ("", "run.json", "result.json", "config.yaml")),
    *((FIGURES, f"classifier/{name}", 0) for name in ("figures", "predictions.csv", "result.json")),
    (FIGURES, "classifier/checkpoints/best.ckpt", 0),
    (FIGURES, "classifier", 0o555),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "place", "mode"),
    LOCKED,
    ids=[f"{number}-{place}-{mode:o}" for number, (_, place, mode) in enumerate(LOCKED)],
)
def test_what_may_not_be_read_or_written_is_told(
    words: Callable[[World], list[str]], place: str, mode: int, world: World, tmp_path: Path
) -> None:
    script, *asked = words(world)
    (tmp_path / place).chmod(mode)
    told = Command(script, *asked, first=obey_permissions).finish(_LIMIT)
    said = told.stdout + told.stderr
    assert told.returncode in (0, 1, 2), said
    assert "Traceback" not in said
    assert len(said.splitlines()) < 60
    if told.returncode:
        assert Path(place).name in said or "out" in said or "cache" in said, said


FULL: list[tuple[Callable[[World], list[str]], int]] = [
    (lambda world: _train(world, "data.count=80"), 500),
    (_table, 20_000),
    (_table, 60_000),
    (_featured, 20_000),
    (_sweep, 1_000),
    (_sweep, 60_000),
    (PREDICT, 500),
    (EXPLAIN, 5_000),
    (GENERATE, 300),
    (CHECK, 2_000),
    (REPORT, 60_000),
    (CURATE, 800),
    (IMPORT, 500),
]


@pytest.mark.slow
@pytest.mark.parametrize(("words", "size"), FULL, ids=range(len(FULL)))
def test_a_full_disk_is_told_and_the_same_command_works_when_there_is_room(
    words: Callable[[World], list[str]], size: int, world: World
) -> None:
    script, *asked = words(world)
    told = Command(script, *asked, first=partial(limit_files, size)).finish(_LIMIT)
    said = told.stdout + told.stderr
    assert told.returncode == 1, said
    assert "Traceback" not in said
    assert "disk is full" in said or "no room" in said or "File too large" in said, said
    more = {"train": ["resume=auto"], "sweep": ["rerun=failed"], "main": []}[script]
    again = Command(script, *asked, *more).finish(_LIMIT)
    assert again.returncode == 0, again.stdout + again.stderr
