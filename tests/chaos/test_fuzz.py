"""Tables, configurations and run folders that nobody would write: each ends in one of our own ways, in time.

`EMOTIONART_FUZZ=1000 pytest tests/chaos/test_fuzz.py` tries as many of each.
"""

import contextlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from emotionart.cli.main import main
from emotionart.config.compose import compose, compose_with_errors
from emotionart.config.composed import flat
from emotionart.config.validate import check
from emotionart.data.pictures.decode import PictureError, load_picture
from emotionart.errors import UserError
from tests.data.pictures.corpus import make_corpus

TRIES = int(os.environ.get("EMOTIONART_FUZZ", "5"))
FUZZ = settings(max_examples=TRIES, deadline=90_000, suppress_health_check=list(HealthCheck))

# What tables, options and files are really wrong by, beside any text at all.
_WORDS = (
    "",
    " ",
    "joy",
    "NA",
    "nan",
    "-1",
    "0.5",
    "1e400",
    "a,b",
    '"',
    "'",
    "\t",
    "\r",
    "\0",
    "é",
    "=1+1",
    "[1, 2]",
    "None",
)
cells = st.one_of(st.sampled_from([*_WORDS, *(f"{n}.png" for n in range(6))]), st.text(max_size=8))
values = st.one_of(
    st.sampled_from(
        ["null", "true", "-1", "0", "1e9", "nan", "inf", "[]", "{}", "[0.5]", "x", "${seed}", "${nope}", "???", "a b"]
    ),
    st.integers(-3, 300).map(str),
    st.floats(-2, 2).map(str),
)


def end_of(*words: str) -> tuple[int, str]:
    """The exit code of a command, and what it said; a traceback is one of the code's own."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(list(words))
    assert "Traceback" not in said.getvalue()
    return code, said.getvalue()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    for number in range(6):
        pixels = np.random.default_rng(number).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@FUZZ
@given(
    rows=st.lists(st.lists(cells, min_size=1, max_size=4), max_size=8),
    header=st.sampled_from(
        ["image,label", "image,label,artist,tags", "image\tlabel", "image;joy;sadness", "label", ""]
    ),
    options=st.sampled_from(
        [
            "",
            "data.group=artist",
            "data.rows=votes",
            "data.votes=[joy,sadness]",
            "labels=quantiles",
            "data.label_separator=;",
        ]
    ),
    ending=st.sampled_from(["csv", "tsv", "parquet", "json", "jsonl"]),
)
def test_a_table_is_ready_or_told_why_not(
    studio: Path, rows: list[list[str]], header: str, options: str, ending: str
) -> None:
    separator = next((sign for sign in ",\t;" if sign in header), ",")
    text = "\n".join([header, *(separator.join(row) for row in rows)])
    table = studio / f"table.{ending}"
    table.write_bytes(text.encode("utf-8", "surrogatepass"))
    code, said = end_of("data", "check", str(table), f"cache={studio / 'cache'}", *options.split())
    assert code in (0, 1, 2)
    assert said.strip()


def keys() -> list[str]:
    return sorted(
        {*flat(compose([]).resolved()), *flat(compose(["model=gan", "data=table", "data.path=x"]).resolved())}
    )


@FUZZ
@given(
    given=st.lists(st.tuples(st.sampled_from(keys()), values), min_size=1, max_size=3),
    model=st.sampled_from(["shallow_arch1", "cv_fc", "vgg16_tl", "gan", "acgan", "r3gan", "gan_projected"]),
)
def test_a_configuration_is_right_or_told_what_is_wrong(given: list[tuple[str, str]], model: str) -> None:
    overrides = [f"model={model}", *(f"{key}={value}" for key, value in given)]
    try:
        composed, mistakes = compose_with_errors(overrides)
        mistakes = mistakes or check(composed)
    except UserError as error:
        mistakes = [error]
    assert all(str(mistake).strip() for mistake in mistakes)


def entries_of(content: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """All entries of the objects in JSON, each with the object that holds it."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield content, key
            yield from entries_of(value)
    elif isinstance(content, list):
        for value in content:
            yield from entries_of(value)


@contextlib.contextmanager
def damaged(run: Path, folder: Path, name: str, how: str, place: float, junk: bytes) -> Iterator[Path]:
    """A copy of a run of which one file is cut off, changed, replaced, emptied, a folder, gone, or lacks one entry."""
    copy = folder / "run"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(run, copy)
    file, content = copy / name, (run / name).read_bytes()
    cut = int(place * len(content))
    if how in ("gone", "folder"):
        file.unlink()
        if how == "folder":
            file.mkdir()
    elif how == "less":
        if file.suffix == ".json":
            entries = json.loads(content)
            held = list(entries_of(entries))
            holder, key = held[min(int(place * len(held)), len(held) - 1)]
            del holder[key]
            file.write_text(json.dumps(entries))
    else:
        made: dict[str, bytes] = {
            "cut": content[:cut],
            "changed": content[:cut] + junk + content[cut + len(junk) :],
            "junk": junk,
            "empty": b"",
            "json": json.dumps([junk.decode("latin-1")]).encode(),
        }
        file.write_bytes(made[how])
    yield copy


@FUZZ
@given(
    name=st.sampled_from(
        ["result.json", "config.yaml", "overrides.yaml", "run.json", "provenance.json", "predictions.csv", "split.csv",
         "metrics.csv", "checkpoints/best.ckpt", "checkpoints/last.ckpt"]
    ),
    how=st.sampled_from(["cut", "changed", "junk", "empty", "json", "gone", "folder", "less"]),
    place=st.floats(0, 1),
    junk=st.binary(max_size=20),
    command=st.sampled_from(["runs", "table", "predict", "figures", "compare"]),
)  # fmt: skip
def test_a_damaged_run_is_told(
    done_run: tuple[Path, dict[str, Any]],
    studio: Path,
    name: str,
    how: str,
    place: float,
    junk: bytes,
    command: str,
) -> None:
    with damaged(done_run[0], studio / "damaged", name, how, place, junk) as run:
        shutil.rmtree(studio / "out", ignore_errors=True)
        words = {
            "runs": ["runs", str(run.parent)],
            "table": ["table", str(run.parent)],
            "predict": ["predict", str(run), str(studio / "0.png"), "--out", str(studio / "out/p.csv")],
            "figures": ["figures", str(run)],
            "compare": ["compare", str(run), str(done_run[0])],
        }[command]
        code, said = end_of(*words)
    assert code in (0, 1, 2), said


@pytest.fixture(scope="module")
def odd_pictures(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The bytes of pictures of every kind, mode and size that users bring."""
    files = [odd.path for odd in make_corpus(tmp_path_factory.mktemp("corpus"))]
    return [file.read_bytes() for file in files if file.is_file()]


@FUZZ
@given(data=st.data(), place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40))
def test_a_damaged_picture_is_read_or_called_unreadable(
    odd_pictures: list[bytes], data: st.DataObject, place: float, junk: bytes
) -> None:
    content = data.draw(st.sampled_from(odd_pictures))
    cut = int(place * len(content))
    damaged_picture = data.draw(st.sampled_from([content[:cut], content[:cut] + junk + content[cut + len(junk) :]]))
    try:
        picture = load_picture(damaged_picture)
    except PictureError as error:
        assert 0 < len(error.reason) < 200
    else:
        assert (picture.dtype, picture.shape[2:]) == (np.uint8, (3,))
