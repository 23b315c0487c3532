"""`emotionart features`, as a user meets it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from emotionart.cli.main import main
from emotionart.data.pictures.decode import load_picture, picture_digest
from emotionart.features.vectors import compute, feature_names
from emotionart.inputs import feature_table
from tests.data.pictures.corpus import make_corpus
from tests.features.pictures import portraits


@pytest.fixture
def art(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    for number in range(9):
        path = tmp_path / "art" / ("deep/er" if number % 2 else ".") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 100 + 15 * number, (20, 30, 3), dtype=np.uint8)).save(path)
    (tmp_path / "art/notes.txt").write_text("no picture")
    (tmp_path / "art/.hidden.png").write_bytes((tmp_path / "art/0.png").read_bytes())
    return tmp_path / "art"


def features(*arguments: str | Path, cache: Path) -> int:
    return main(["features", *map(str, arguments), "--cache", str(cache)])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_folder_becomes_a_table_of_named_columns(art: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / "new" / f"table.{ending}"
    assert features(art, "--set", "cvfc13", "--set", "tamura", "--out", out, cache=tmp_path / "c") == 0
    table = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    sets = ["cvfc13", "tamura"]
    assert list(table.columns) == ["image", "id", *feature_names(sets)]
    assert [Path(name).name for name in table["image"]] == [f"{n}.png" for n in (0, 2, 4, 6, 8, 1, 3, 5, 7)]
    for _, row in table.iterrows():
        source = Path(row["image"]).read_bytes()
        assert row["id"] == picture_digest(source)
        np.testing.assert_allclose(row.iloc[2:].astype(float), compute(load_picture(source), sets), rtol=1e-5)
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_few_pictures_are_shown_side_by_side_and_many_as_a_summary(
    art: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert features(art / "0.png", art / "8.png", art / "0.png", cache=tmp_path / "c") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["0.png", "8.png"]
    assert [line.split()[0] for line in lines[1:]] == list(feature_names(["cvfc13"]))
    assert features(art, cache=tmp_path / "c") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("9 pictures")
    assert lines[2].startswith("brightness")
    assert lines[2].endswith(" | 8.png")


class Killed(BaseException):
    pass


def test_what_was_computed_before_a_kill_is_not_computed_again(
    art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_table, "_CHUNK", 2)
    monkeypatch.setattr(feature_table, "available_cores", lambda: 1)
    computed = []

    def counting(picture, sets, settings):  # type: ignore[no-untyped-def]
        if len(computed) == 5:
            raise Killed
        computed.append(picture)
        return compute(picture, sets, settings)

    monkeypatch.setattr(feature_table, "compute", counting)
    with pytest.raises(Killed):
        features(art, cache=tmp_path / "c")
    computed.clear()
    monkeypatch.setattr(feature_table, "compute", lambda *given: computed.append(0) or compute(*given))
    assert features(art, "--out", tmp_path / "table.csv", cache=tmp_path / "c") == 0
    assert len(computed) == 9 - 4
    computed.clear()
    assert features(art, "--out", tmp_path / "again.csv", cache=tmp_path / "c") == 0
    assert computed == []
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "table.csv").read_bytes()


def test_other_code_computes_again(art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert features(art, cache=tmp_path / "c") == 0
    monkeypatch.setattr("emotionart.features.vectors.FEATURES_VERSION", -1)
    assert features(art, cache=tmp_path / "c") == 0
    assert len(list((tmp_path / "c/features").iterdir())) == 2


def test_unreadable_pictures_are_all_named_and_stop_or_are_left_out(
    art: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "odd").mkdir()
    bad = [odd for odd in make_corpus(tmp_path / "odd") if odd.reason and odd.path.is_file()]
    out = tmp_path / "table.csv"
    given = [art, *(odd.path for odd in bad), "--out", out]
    assert features(*given, cache=tmp_path / "c") == 2
    told = capsys.readouterr().err
    assert f"{len(bad)} of {9 + len(bad)} pictures cannot be read" in told
    assert all(f"{odd.path} (" in told and odd.reason in told for odd in bad)
    assert "fix: --on-bad skip" in told
    assert not out.exists()
    assert features(*given, "--on-bad", "skip", cache=tmp_path / "c") == 0
    assert f"{len(bad)} of " in caplog.text
    assert len(pd.read_csv(out)) == 9
    for given in ([], ["--out", tmp_path / "none.csv"]):  # nothing is left to be written
        assert features(bad[0].path, "--on-bad", "skip", *given, cache=tmp_path / "c") == 0
    assert not (tmp_path / "none.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{art}", "--set", "machajdick"], "There is no feature set 'machajdick'"),
        (["{art}", "--set", "glmc"], "glcm             co-occurrence of neighbouring grey levels (Haralick)"),
        (["{art}", "--set", "machajdick"], "did you mean: machajdik"),
        (["{art}/10.png"], "did you mean: {art}/0.png"),
        (["{art}/deep/er/empty"], "There is no picture in this folder"),
        (["{art}", "--out", "table.cvs"], "did you mean: table.csv"),
        (["{art}", "--out", "{art}/table.cvs"], "did you mean: {art}/table.csv"),
        (["{art}", "--out", "{art}/notes.csv"], "no file is overwritten"),
        ([], "No picture or folder is given"),
        (["--explain", "{art}/notes.txt"], "The picture cannot be read: not a picture but a text file"),
        (["--explain", "{art}/0.png", "{art}"], "--explain draws one picture"),
        (["--explain", "{art}/0.png", "--workers", "2"], "--engine or --workers"),
    ],
)
def test_mistakes_are_told(
    art: Path, tmp_path: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (art / "deep/er/empty").mkdir()
    (art / "notes.csv").write_text("mine")
    assert features(*(word.format(art=art) for word in arguments), cache=tmp_path / "c") == 2
    assert told.format(art=art) in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_one_picture_is_explained_by_a_figure(
    art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert features("--explain", art / "0.png", cache=tmp_path) == 0
    with Image.open(capsys.readouterr().out.strip()) as figure:
        assert min(figure.size) > 1000


def test_the_features_of_portraits_are_those_that_a_run_reads(tmp_path: Path) -> None:
    """One store: what `emotionart features` computed, `model=cv_fc` does not compute again."""
    from emotionart.data.pictures.store import FeatureStore
    from emotionart.inputs.vector import VectorRepresentation

    for number, picture in enumerate(portraits(3)):
        Image.fromarray(picture).save(tmp_path / f"{number}.png")
    assert features(tmp_path, cache=tmp_path / "c") == 0
    (folder,) = (tmp_path / "c/features").iterdir()
    representation = VectorRepresentation(["cvfc13"], "stsim", "map", "ciede76", None)
    files = [(tmp_path / f"{number}.png").read_bytes() for number in range(3)]
    with FeatureStore.open(folder) as store:
        stored = store.read([(picture_digest(file), "identity") for file in files])
    np.testing.assert_array_equal(stored, representation.encode(files).numpy())
