from pathlib import Path

import numpy as np

from emotionart.compare.predictions import majority_predictions, read_predictions
from emotionart.run.folder import RunFolder

TRAIN = ["t0,train,joy,joy", "t1,train,joy,fear", "t2,train,fear,fear"]


def write(folder: Path, *test: str) -> RunFolder:
    folder.mkdir()
    names = [line.partition(",")[0] for line in test]
    rows = [f"{line},0.5,0.5" for line in [*TRAIN, *test]]
    (folder / "predictions.csv").write_text("\n".join(["id,part,class,predicted,p(fear),p(joy)", *rows]) + "\n")
    units = [f"{name},{int(name > 'm')}" for name in names]
    (folder / "split.csv").write_text("\n".join(["id,unit", *units]) + "\n")
    return RunFolder(folder)


def test_runs_are_compared_on_the_same_artworks_under_the_same_labels(tmp_path: Path) -> None:
    one = write(tmp_path / "one", "b,test,joy,joy", "a,test,fear,joy")
    two = write(tmp_path / "two", "a,test,fear,fear", "b,test,joy,joy")
    other_labels = write(tmp_path / "labels", "a,test,joy,joy", "b,test,joy,joy")
    other_artworks = write(tmp_path / "artworks", "a,test,fear,joy", "c,test,joy,joy")
    both = read_predictions([one, two], "predictions.csv")
    assert both is not None
    assert both.id.tolist() == ["a", "b"]
    assert both.hits.tolist() == [[False, True], [True, True]]
    for other in (other_labels, other_artworks):
        alone = read_predictions([other], "predictions.csv")
        assert alone is not None
        assert not both.shares_artworks(alone)
        assert read_predictions([one, other], "predictions.csv") is None
    majority = majority_predictions(one)
    assert both.shares_artworks(majority)
    assert (majority.hits == np.array([[False, True]])).all()


def test_what_the_split_kept_together_is_one_cluster(tmp_path: Path) -> None:
    run = write(tmp_path / "run", "b,test,joy,joy", "y,test,joy,joy", "a,test,joy,fear", "z,test,joy,fear")
    read = read_predictions([run], "predictions.csv")
    assert read is not None
    assert read.cluster.tolist() == [0, 0, 1, 1]
