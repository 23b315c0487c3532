"""A head on stored features learns from pictures without labels."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emotionart.classifier.unlabelled.pool import BY_ARTIST, TWICE, copy_of
from emotionart.config.compose import compose, compose_with_errors
from emotionart.config.validate import check
from emotionart.errors import Failure, UserError
from emotionart.pipeline import run
from tests.conftest import TINY

Run = Callable[..., tuple[Path, dict]]

HEAD = (
    "model=transfer", "model.backbone.name=squeezenet1_0", "model.backbone.weights=random", "model.backbone.size=64",
    "model.backbone.precision=float32", "model/head=logistic", "augment=none",
)  # fmt: skip
LEARNS = (
    *HEAD, *TINY, "logger=csv", "batch_size=1_048_576", "scheduler.penalties=[0.3,0.1,0.03]", "data.train_count=64",
    "data.unlabelled_confidence=0.3",
)  # fmt: skip


@pytest.fixture(scope="module")
def gallery(cache: Path) -> Path:
    """The folder of the gallery of which runs have the labels of a few."""
    from emotionart.run.data import build_artworks

    artworks = build_artworks(compose([*TINY, f"cache={cache}"]).config, 64)
    return Path(str(artworks.image[0])).parents[1]


@pytest.fixture(scope="module")
def learnt(gallery: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, list[str]]:
    """Folder, result and overrides of a run that learns from the other paintings of its gallery."""
    folder = tmp_path_factory.mktemp("unlabelled") / "run"
    asked = [*LEARNS, f"data.unlabelled={gallery}", f"cache={cache}"]
    composed = compose([*asked, "figures=now"])
    folder.mkdir()
    return folder, run(composed, folder), asked


def test_no_held_out_work_is_learnt_from_and_classes_keep_their_shares(learnt: tuple[Path, dict, list[str]]) -> None:
    folder, result, _ = learnt
    told = result["unlabelled"]
    parts = pd.read_csv(folder / "split.csv")
    counts = parts["part"].value_counts()
    assert told["pictures"] == 160
    for part in ("train", "validation", "test"):
        assert told["taken_out"][copy_of(part)] == counts[part]
    assert told["left"] == 160 - counts.sum() > 0
    assert told["rounds"]
    assert set(result["lead"]) == {"majority"} < set(result["baselines"]), (
        "a head of logistic regression is no rival of its own"
    )
    labelled = parts[parts["part"] == "train"]["class"].value_counts()
    for number, each in enumerate(told["rounds"], 1):
        chosen = pd.read_csv(folder / "rounds" / str(number) / "pseudo-labels.csv")
        assert not set(chosen["image"]) & set(parts["image"])
        assert chosen["probability"].min() >= 0.3
        assert chosen["class"].value_counts().to_dict() == {name: n for name, n in each["pictures"].items() if n}
        share = [each["pictures"][name] / labelled[name] for name in labelled.index]
        assert max(share) <= 2 ** (number - 1)
        assert np.ptp([np.ceil(each["pictures"][name] / min(share) / labelled[name]) for name in labelled.index]) <= 1


def test_a_round_is_kept_only_where_validation_gains(learnt: tuple[Path, dict, list[str]]) -> None:
    folder, result, _ = learnt
    rounds = result["unlabelled"]["rounds"]
    for each in rounds:
        assert each["kept"] == (each["after"]["val/loss"] < each["before"]["val/loss"])
    assert rounds[0]["kept"]
    assert all(each["kept"] for each in rounds[:-1])
    kept = sum(each["kept"] for each in rounds)
    best = rounds[kept - 1]["after"] if kept else rounds[0]["before"]
    assert result["monitor"]["value"] == pytest.approx(best["val/loss"])
    lines = (folder / "metrics.csv").read_text()
    assert lines == (folder / "rounds" / str(kept) / "metrics.csv").read_text()
    assert "Rounds on pictures without labels" in (folder / "report.html").read_text()


def test_an_interrupted_run_ends_in_the_same_bytes(learnt: tuple[Path, dict, list[str]], tmp_path: Path) -> None:
    folder, _, asked = learnt
    place, seen = tmp_path / "run", []
    place.mkdir()

    def watch(row: dict) -> None:
        seen.append(row["epoch"])
        if row["epoch"] == 4:  # of three epochs each: in the first round on pictures without labels
            raise OSError(5, "the disk is gone")

    composed = compose(asked)
    with pytest.raises(Failure, match="the disk is gone"):
        run(composed, place, on_epoch=watch)
    assert seen == [0, 1, 2, 3, 4]
    composed.config.resume = str(place)
    run(composed, place)
    for name in ("result.json", "predictions.csv", "metrics.csv"):
        assert (place / name).read_bytes() == (folder / name).read_bytes()


def test_a_table_names_artists_and_what_is_a_copy(gallery: Path, tiny_run: Run, tmp_path: Path) -> None:
    works = list(csv.DictReader((gallery / "labels.csv").open()))
    labelled, table = tmp_path / "labelled.csv", tmp_path / "others.csv"
    rows = [(gallery / work["image"], work["emotion"], work["artist"]) for work in works]
    for path, some in ((labelled, rows[:110]), (table, rows[110:])):
        pd.DataFrame(some, columns=["image", "label", "artist"]).to_csv(path, index=False)
    twins = tmp_path / "twin"
    shutil.copytree(gallery / "images", twins)
    more = pd.DataFrame({"image": [str(twins / row[0].name) for row in rows[105:115]], "artist": "somebody else"})
    pd.concat([pd.read_csv(table)[["image", "artist"]], more]).to_csv(table, index=False)
    data = ["data=table", f"data.path={labelled}", "labels=as_is", "data.group=artist", "data.near_duplicates=null"]
    tiny = [each for each in TINY if not each.startswith("data.")]
    asked = [*HEAD, *tiny, "logger=none", *data, f"data.unlabelled={table}"]
    composed = compose([*asked, f"cache={tmp_path}/cache"])
    from emotionart.classifier.unlabelled.pool import read_pool
    from emotionart.config.instantiate import instantiate
    from emotionart.run.data import build_artworks

    artworks = build_artworks(composed.config, 32)
    pool = read_pool(instantiate(composed.config.data), artworks, 32, tmp_path / "cache")
    held_out = {who for who, part in zip(artworks.group, artworks.part, strict=True) if part != "train"}
    own = [row[2] for row in rows[110:]]
    assert pool.pictures == 60
    assert pool.taken_out[BY_ARTIST] == sum(who in held_out for who in own)
    copies = sum(count for reason, count in pool.taken_out.items() if reason not in (BY_ARTIST, TWICE))
    assert copies == 5
    assert pool.taken_out.get(TWICE, 0) == sum(who not in held_out for who in own[:5])
    assert pool.artists
    assert not set(pool.artworks.group) & held_out


@pytest.mark.parametrize(
    "model", [["model=shallow_arch1"], ["model=gan"], [*HEAD[:3], "model.freeze=none"], ["model=zero_shot"]]
)
def test_other_models_refuse_pictures_without_labels(model: list[str], tmp_path: Path) -> None:
    composed, _ = compose_with_errors([*model, f"data.unlabelled={tmp_path}"])
    assert "Only a head that is trained on stored features" in "".join(map(str, check(composed)))


def test_what_is_not_there_or_all_labelled_is_told(gallery: Path, tmp_path: Path, tiny_run: Run) -> None:
    composed = compose([*HEAD, f"data.unlabelled={tmp_path}/galery"])
    (tmp_path / "gallery").mkdir()
    (mistake,) = check(composed)
    assert "no such folder or table of pictures without labels" in mistake.what
    assert mistake.suggestions == (f"{tmp_path}/gallery",)
    with pytest.raises(UserError, match="No picture is left to learn from without a label: of 160"):
        tiny_run(*HEAD, f"data.unlabelled={gallery}", pixels=False)
