"""What trained networks say of generated art, and what is refused before anything is trained."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import squeezenet1_0

import emotionart
from emotionart.config.compose import compose
from emotionart.data.pictures.encode import png_files
from emotionart.errors import UserError
from emotionart.gan.features import build_features
from emotionart.gan.reference import classify_generated, load_reference_classifier
from emotionart.gan.trained import findings
from tests.integration.test_gan import TINY, _run_on

Run = Callable[..., tuple[Path, dict]]

JUDGED = [*TINY, "model.images=32", "model.samples=30", "model.kid_subset=10"]
BACKBONE = ["model/features=backbone", "model.features.name=squeezenet1_0", "model.features.size=64"]


@pytest.fixture(scope="module")
def classifier(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from emotionart.pipeline import run
    from tests.conftest import TINY_PIXELS

    folder = tmp_path_factory.mktemp("classifier")
    asked = [*TINY_PIXELS, "trainer.max_epochs=1", "logger=none", f"cache={cache}"]
    composed = compose(asked)
    run(composed, folder)
    return folder


def test_a_judge_is_heard_and_its_features_are_measured_on(tiny_run: Run, classifier: Path) -> None:
    folder, result = tiny_run(*JUDGED, f"judge={classifier}")
    seen = result["judged"]
    assert (seen["judge"], seen["n"]) == ("shallow_arch1", 30)
    assert sum(seen["shares"].values()) == pytest.approx(1)
    known = json.loads((classifier / "result.json").read_text())
    assert seen["recall_on_real"]["all"] == known["test"]["acc"]["value"]
    found = result["distances"]
    assert found["features"] == "shallow_arch1"
    assert found["counts"] == {"generated": 30, "real": result["pictures"]["test"], "other_real": 30}
    assert result["metrics"]["gan/kid_shallow_arch1"] == found["kid"]
    assert result["metrics"]["gan/kid_shallow_arch1_floor"] == found["floor"]["kid"] < found["kid"]
    assert json.loads((folder / "result.json").read_text()) == result
    text = "\n".join(findings(result))
    assert f"30 generated against {result['pictures']['test']} real pictures" in text
    assert "the judge (shallow_arch1, " in text


def test_a_report_that_the_trainer_cuts_short_counts_the_images_that_were_seen(tiny_run: Run, classifier: Path) -> None:
    folder, result = tiny_run(*JUDGED, f"judge={classifier}", "trainer.max_steps=6")  # three of each player
    assert result["images"] == result["checkpoint"]["images"] == 24
    assert sorted(path.stem for path in (folder / "samples").iterdir()) == ["0000000000", "0000000024"]


def test_a_judge_sees_what_it_predicts(classifier: Path, tmp_path: Path) -> None:
    judge = load_reference_classifier(compose(["model=gan", f"judge={classifier}"]).config)
    assert judge is not None
    pictures = np.random.default_rng(0).integers(0, 256, (5, 24, 24, 3), dtype=np.uint8)
    files = png_files(pictures)
    expected = emotionart.load_run(classifier).predict(files)
    wanted = expected.argmax(axis=1)
    seen = classify_generated(judge, files, wanted)
    assert seen["hit"]["all"] == 1
    assert seen["confidence"] == pytest.approx(expected.max(axis=1).mean())


@pytest.mark.parametrize("pooled", [False, True])
def test_a_judge_compares_by_its_grid_averaged_over_space(pooled: bool, tiny_run: Run, tmp_path: Path) -> None:
    folder, _ = tiny_run("trainer.max_epochs=1", f"model.network.pool={str(pooled).lower()}")
    judge = load_reference_classifier(compose(["model=gan", f"judge={folder}"]).config)
    assert judge is not None
    files = png_files(np.random.default_rng(0).integers(0, 256, (5, 24, 24, 3), dtype=np.uint8))
    classifier = judge.predictor.classifier
    with torch.no_grad():
        pictures = classifier.input(judge.predictor.representation.encode(files))
        expected = classifier.network.trunk(pictures).mean((2, 3))
        features = judge.features().of(files, "features")
        logits = classifier.network.head(features).double() / classifier.temperature if pooled else None
    torch.testing.assert_close(features, expected)
    if logits is not None:  # a flattened grid is more than its average, which the last layer cannot take
        np.testing.assert_allclose(logits.softmax(1).numpy(), judge.predictor.predict(files), rtol=1e-5)


def test_metrics_bear_the_name_of_their_features_and_say_when_those_are_random(tiny_run: Run) -> None:
    _, result = tiny_run(*JUDGED, *BACKBONE, "model.features.weights=random")
    assert {"gan/kid_random_squeezenet1_0", "gan/fid_random_squeezenet1_0"} <= result["metrics"].keys()
    assert not any(name in ("gan/fid", "gan/kid") for name in result["metrics"])


def test_backbone_features_are_the_networks_own() -> None:
    config = compose(["model=gan", *BACKBONE, "model.features.weights=random", "model.features.size=64"]).config
    features = build_features(config)
    assert features is not None
    files = png_files(np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8))
    found = features.of(files, "features")
    assert found.shape == (3, squeezenet1_0().classifier[1].in_channels)


def test_mistakes_are_told_before_anything_is_trained(tiny_run: Run, classifier: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="A subset of 31 pictures cannot be drawn from a sample of 30"):
        tiny_run(*JUDGED, *BACKBONE, "model.features.weights=random", "model.kid_subset=31", name="subset")
    gan, _ = tiny_run(*JUDGED, name="gan")
    with pytest.raises(UserError, match="The judge is not a classifier but a run of model=gan"):
        tiny_run(*JUDGED, f"judge={gan}", name="judged")
    with pytest.raises(UserError, match="no finished run in the judge's folder"):
        tiny_run(*JUDGED, f"judge={tmp_path}", name="nobody")
    assert not (tmp_path / "nobody/split.csv").exists(), "told before any data are read and W&B is started"
    for name in ("subset", "judged", "nobody"):
        assert not list((tmp_path / name).glob("checkpoints/*"))


@pytest.mark.parametrize("projection", [False, True])
def test_a_told_generator_is_judged_class_by_class(tiny_run: Run, classifier: Path, projection: bool) -> None:
    folder, result = tiny_run(
        *JUDGED, "model=acgan", f"model.condition.projection={str(projection).lower()}", f"judge={classifier}"
    )
    seen = result["judged"]
    assert result["classes"] == list(seen["shares"])
    hits = [seen["hit"][name] * seen["asked"][name] for name in result["classes"] if seen["asked"][name]]
    assert sum(hits) == pytest.approx(seen["hit"]["all"])
    assert set(seen["recall_on_real"]) == {"all", *result["classes"]}
    assert "it sees the requested class in" in "\n".join(findings(result))
    with Image.open(folder / "figures" / "samples.png") as grid:
        assert grid.height == 2 + len(result["classes"]) * 66
        assert grid.width > 2 + 8 * 66, "each row has its class's name"


def test_a_told_generator_needs_labels_and_a_judge_of_the_same_classes(
    tiny_run: Run, classifier: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="The judge has the classes negative, neutral, stirred, positive, but the"):
        tiny_run(*JUDGED, "model=acgan", "labels=as_is", f"judge={classifier}", name="others")
    (tmp_path / "art").mkdir()
    for number in range(20):
        picture = np.random.default_rng(number).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(picture).save(tmp_path / "art" / f"{number}.png")
    (tmp_path / "art" / "pictures.csv").write_text("\n".join(["image", *(f"{n}.png" for n in range(20))]))
    settings = [option for option in JUDGED if not option.startswith("data.")]
    data = ["data=folder", f"data.path={tmp_path}/art"]
    with pytest.raises(UserError, match="No labelled artwork is left"):
        _run_on([*settings, "model=acgan", "labels=as_is"], data, tmp_path / "loose")
    table = ["data=table", f"data.path={tmp_path}/art/pictures.csv"]
    with pytest.raises(UserError, match="The table has no column 'label'"):
        _run_on([*settings, "model=acgan"], table, tmp_path / "table")
