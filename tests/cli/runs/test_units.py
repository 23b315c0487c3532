import csv
import html
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emotionart.attribution.unit_layer import unit_layer
from emotionart.classifier.evaluation.tested import load_tested
from emotionart.classifier.predictor import load_run
from emotionart.cli.main import main
from emotionart.data.gallery.gallery import find_object
from emotionart.explain.model import picture_network
from emotionart.explain.skill import run_skill
from emotionart.explain.units.activations import Works, activations
from emotionart.explain.units.stored import stored_means
from emotionart.run.folder import RunFolder


def test_tables_and_a_page_of_a_runs_units(
    done_run: tuple[Path, dict],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder, result = done_run
    out = tmp_path / "units"
    caplog.set_level("INFO")
    assert main(["units", str(folder), "--out", str(out), "--n", "3", "--steps", "2"]) == 0
    said = [line for name, _, line in caplog.record_tuples if name != "emotionart.progress"]
    skill = run_skill(folder, load_run(folder).majority)
    assert skill is not None
    warning = skill.warning()
    assert warning is not None, "a tiny run has learnt nothing"
    assert said[0] == warning
    assert said[1].split(", ")[0].endswith(" units of the layer trunk")
    assert all(line.startswith("unit ") or "planted objects" in line for line in said[2:]), "nothing of the data"
    assert capsys.readouterr().out.splitlines()[-1] == str(out / "units.html")
    losses = list(csv.DictReader((out / "losses.csv").open()))
    assert list(losses[0]) == ["unit", *result["classes"]]
    found = list(csv.DictReader((out / "detections.csv").open()))
    assert {row["mark"].partition(" ")[0] for row in found} == {"tag", "high"}
    assert len({(row["unit"], row["mark"]) for row in found}) == len(found)
    assert {int(row["unit"]) for row in found} == {*range(len(losses))}
    page = (out / "units.html").read_text()
    assert page.count('<section class="unit"') == 3
    assert page.count("<figure>") == 18
    assert page.count('<figure class="synthetic">') == 3
    assert page.index(html.escape(warning)) < page.index("<h2")
    assert "-0.0" not in page
    assert main(["units", str(folder), "--out", str(out)]) == 2
    assert main(["units", str(tmp_path), "--out", str(tmp_path / "none")]) == 2
    assert "has no result" in capsys.readouterr().err


def test_units_of_another_layer(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = done_run
    out = tmp_path / "units"
    command = ["units", str(folder), "--out", str(out), "--n", "2", "--steps", "0", "--layer"]
    assert main([*command, "trunk.9"]) == 2
    assert "There is no layer 'trunk.9'.\n  where: --layer trunk.9\n  did you mean: trunk." in capsys.readouterr().err
    assert not out.exists()
    assert main([*command, "trunk.0"]) == 0
    assert (
        len((out / "losses.csv").read_text().splitlines())
        == 1 + load_run(folder).classifier.network.trunk[0].out_channels
    )
    page = (out / "units.html").read_text()
    assert "<code>trunk.0</code>" in page
    assert 'class="synthetic"' not in page


def test_units_of_a_run_on_several_layers_are_those_of_the_last(
    tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path, cache: Path
) -> None:
    """Their means come from the store, and are those that a pass gives."""
    folder, _ = tiny_run(
        "model=transfer", "model/head=linear", "model.backbone.name=squeezenet1_0", "model.backbone.weights=random",
        "model.backbone.layer=[features.2,features.5]", "model.backbone.pool=mean+std", "model.backbone.size=32",
        "model.backbone.precision=float32", "augment=none", "trainer.max_epochs=1", pixels=False,
    )  # fmt: skip
    tested = load_tested(RunFolder(folder))
    artworks, network = tested.artworks, picture_network(tested.predictor)
    assert network is not None
    rows = artworks.indices("test")
    works = Works(artworks.pixels, artworks.row[rows])
    picture = works.tensor(np.array([0]))
    for name, length in ((None, 256), ("features.2", 96)):
        layer = unit_layer(network, picture, name)
        stored = stored_means(layer, tested.predictor.representation, artworks, rows, cache)
        assert stored is not None
        assert stored.shape == (len(rows), length)
        assert stored == pytest.approx(activations(layer, works, "works").mean, rel=1e-4, abs=1e-6)
    other = unit_layer(network, picture, "features.4")
    inner = replace(layer, name=layer.name.replace("features.2", "block.features.2"))  # whose name only ends so
    for one in (other, inner):
        assert stored_means(one, tested.predictor.representation, artworks, rows, cache) is None
    out = tmp_path / "units"
    assert main(["units", str(folder), "--out", str(out), "--n", "2", "--steps", "0"]) == 0
    assert "<code>features.5</code>" in (out / "units.html").read_text()


def gallery_folder(run: Path, folder: Path, count: int) -> Path:
    """A folder of paintings of a run's gallery."""
    folder.mkdir()
    split = list(csv.DictReader((run / "split.csv").open()))
    for row in split[:count]:
        shutil.copy(row["image"], folder)
    return folder


def test_concepts_are_scored_for_each_class(
    done_run: tuple[Path, dict], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, result = done_run
    caplog.set_level("INFO")
    concept, out = gallery_folder(folder, tmp_path / "=first", 12), tmp_path / "units"
    assert main(["units", str(folder), "--out", str(out), "--n", "1", "--steps", "0", "--concept", str(concept)]) == 0
    rows = list(csv.DictReader((out / "concepts.csv").open()))
    assert [row["class"] for row in rows] == result["classes"]
    assert {row["concept"] for row in rows} == {"'=first"}
    for row in rows:
        assert float(row["random_low"]) < 0 < float(row["random_high"])
        assert 0 <= float(row["tcav"]) <= 1
        assert 0 < float(row["p_value"]) <= 1
    assert any(
        line.startswith("concept =first (12 pictures, told from other works with a balanced accuracy of ")
        for line in caplog.messages
    )
    page = (out / "units.html").read_text()
    assert page.count('<th scope="row">=first</th>') == len(rows)


def test_folders_that_hold_no_concept_are_refused_all_at_once(
    done_run: tuple[Path, dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = done_run
    few = gallery_folder(folder, tmp_path / "few", 9)
    twice = tmp_path / "again" / "few"
    broken = gallery_folder(folder, tmp_path / "broken", 10)
    (broken / "none.png").write_text("no picture")
    (empty := tmp_path / "empty").mkdir()
    (empty / "text.txt").write_text("no picture")
    folders = (few, tmp_path / "fwe", broken, empty, twice)
    asked = [word for one in folders for word in ("--concept", str(one))]
    assert main(["units", str(folder), "--out", str(tmp_path / "units"), *asked]) == 2
    told = capsys.readouterr().err
    assert "5 mistakes" in told
    assert "A concept needs at least 10 different pictures; this folder has 9." in told
    assert "this folder has none." in told
    assert "There is no such folder." in told
    assert f"did you mean: {few}" in told or "did you mean: few" in told
    assert "none.png" in told
    assert "Two concepts are called 'few'." in told
    assert "Traceback" not in told
    every = gallery_folder(folder, tmp_path / "every", 10**6)
    assert main(["units", str(folder), "--out", str(tmp_path / "units"), "--concept", str(every)]) == 2
    assert "This folder holds most of the run's training works" in capsys.readouterr().err
    assert not (tmp_path / "units").exists()


@pytest.mark.slow
def test_what_paintings_hold_is_found_and_random_ones_hold_nothing(
    tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path
) -> None:
    """On a gallery whose classes have things of their own: a book is neutral, a flower positive."""
    run, result = tiny_run(
        "model=shallow_arch2", "data.count=600", "data.picture_size=64", "model.representation.size=64",
        "batch_size=32", "trainer.max_epochs=15",
    )  # fmt: skip
    assert result["test"]["acc"]["low"] > result["baselines"]["majority"]["test"]["acc"]["high"], (
        "it has learnt something"
    )
    rows = list(csv.DictReader((run / "split.csv").open()))
    images = [Path(row["image"]) for row in rows if row["part"] != "test"]
    drawn = np.random.default_rng(0).choice(len(images), 25, replace=False)
    folders = {
        **{thing: [path for path in images if find_object(path) == thing][:25] for thing in ("book", "flower")},
        "anything": [images[place] for place in drawn],
    }
    asked = []
    for name, paths in folders.items():
        (tmp_path / name).mkdir()
        for path in paths:
            shutil.copy(path, tmp_path / name)
        asked += ["--concept", str(tmp_path / name)]
    assert main(["units", str(run), "--out", str(tmp_path / "units"), "--n", "1", "--steps", "0", *asked]) == 0
    found = list(csv.DictReader((tmp_path / "units" / "concepts.csv").open()))
    clear = {(row["concept"], row["class"]) for row in found if float(row["p_value"]) < 0.05 and float(row["z"]) > 0}
    assert clear == {("book", "neutral"), ("flower", "positive")}
    assert not [row for row in found if row["concept"] == "anything" and float(row["p_value"]) < 0.05]


def test_named_features_have_no_units(
    tiny_run: Callable[..., tuple[Path, dict]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = tiny_run("model=cv_fc", "augment=none", "trainer.max_epochs=1", pixels=False)
    assert main(["units", str(folder), "--out", str(tmp_path / "units")]) == 2
    assert "takes named features" in capsys.readouterr().err
