import json
from pathlib import Path

from omegaconf import OmegaConf

from emotionart.compare.classifiers.rows import read_rows
from emotionart.compare.runs import Fold, SweepRun
from emotionart.run.folder import RunFolder
from tests.stored import write_split, write_stored


def run(folder: Path, test: str, label: str = "joy", fold: Fold | None = None, train: str = "x") -> SweepRun:
    """A run on artworks named by single letters, all of one class."""
    folder.mkdir()
    rows = [f"{train},,train,joy,joy,0,1", *(f"{id},,test,{label},joy,0,1" for id in test)]
    (folder / "predictions.csv").write_text("\n".join(["id,image,part,class,predicted,p(fear),p(joy)", *rows]) + "\n")
    write_split(folder, dict(zip("abcd", "abcd", strict=True)))
    OmegaConf.save({"overrides": []}, folder / "overrides.yaml")
    write_stored(folder)
    provenance = json.loads((folder / "provenance.json").read_text())
    (folder / "provenance.json").write_text(json.dumps({**provenance, "data": f"{test} {label} {train}"}))
    return SweepRun(RunFolder(folder), 0, fold)


def baselines(members: dict[str, list[SweepRun]]) -> list[str]:
    return [row.name for row in read_rows(members) if row.baseline]


def test_baselines_are_pooled_over_no_two_splits_or_labels(tmp_path: Path) -> None:
    one, other = run(tmp_path / "one", "ab"), run(tmp_path / "other", "abcd")
    labels = run(tmp_path / "labels", "ab", label="fear")
    assert baselines({"one": [one], "same": [one]}) == ["majority"]
    assert baselines({"one": [one], "other": [other], "same": [one], "labels": [labels]}) == [
        "majority for one and 1 more",
        "majority for other",
        "majority for labels",
    ]
    assert baselines({"one": [one], "both": [one, other]}) == ["majority for one", "majority for both"]


def test_rows_of_one_cross_validation_share_their_baselines_before_all_folds_are_done(tmp_path: Path) -> None:
    folds = [run(tmp_path / f"{number}", test, fold=Fold(0, number, 2)) for number, test in enumerate(("ab", "cd"))]
    first, second = folds
    assert baselines({"begun": [first], "whole": folds}) == ["majority"]
    assert baselines({"first": [first], "second": [second], "whole": folds}) == ["majority"]


def test_each_draw_of_training_artworks_has_its_baseline_in_every_fold(tmp_path: Path) -> None:
    drawn = {
        draw: [
            run(tmp_path / f"{draw}{number}", test, fold=Fold(0, number, 2), train=draw)
            for number, test in enumerate(("ab", "cd"))
        ]
        for draw in "xy"
    }
    (alone,) = (row for row in read_rows({"x": drawn["x"]}) if row.baseline)
    assert alone.values["acc"].tolist() == [0.5]
    assert alone.predictions is not None
    (both,) = (row for row in read_rows(drawn) if row.baseline)
    assert both.values["acc"].tolist() == [0.5, 0.5]
    assert both.predictions is None, "two draws are no seeds"


def test_logistic_regressions_of_the_same_name_are_told_apart_by_their_rows(tmp_path: Path) -> None:
    members = {}
    for size in (96, 224):
        one = run(tmp_path / str(size), "ab")
        result = json.loads(one.folder.result.read_text())
        result["baselines"]["logistic regression"] = result["baselines"]["majority"]
        result["representation"] = {"name": "resnet18", "size": size}
        one.folder.result.write_text(json.dumps(result))
        one.folder.logistic_predictions.write_bytes(one.folder.predictions.read_bytes())
        members[f"net, size={size}"] = [one]
    on = "logistic regression on resnet18"
    assert baselines(members) == ["majority", f"{on} (net, size=96)", f"{on} (net, size=224)"]
    assert baselines({"net": members["net, size=96"]}) == ["majority", on]
