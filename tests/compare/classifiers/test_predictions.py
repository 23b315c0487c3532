from pathlib import Path

import numpy as np

from emotionart.compare.classifiers.predictions import majority_predictions, read_predictions
from emotionart.compare.runs import Fold, Pool, SweepRun, pools
from emotionart.run.folder import RunFolder
from tests.stored import write_split, write_stored

TRAIN = ["t0,,train,joy,joy", "t1,,train,joy,fear", "t2,,train,fear,fear"]


def write(folder: Path, *test: str) -> RunFolder:
    folder.mkdir()
    names = [line.partition(",")[0] for line in test]
    rows = [f"{line},0.5,0.5" for line in [*TRAIN, *test]]
    (folder / "predictions.csv").write_text("\n".join(["id,image,part,class,predicted,p(fear),p(joy)", *rows]) + "\n")
    write_split(folder, {name: str(int(name > "m")) for name in names})
    return RunFolder(folder)


def alone(folder: RunFolder) -> Pool:
    return (SweepRun(folder, 0),)


def test_runs_are_compared_on_the_same_artworks_under_the_same_labels(tmp_path: Path) -> None:
    one = write(tmp_path / "one", "b,,test,joy,joy", "a,,test,fear,joy")
    two = write(tmp_path / "two", "a,,test,fear,fear", "b,,test,joy,joy")
    other_labels = write(tmp_path / "labels", "a,,test,joy,joy", "b,,test,joy,joy")
    other_artworks = write(tmp_path / "artworks", "a,,test,fear,joy", "c,,test,joy,joy")
    both = read_predictions([alone(one), alone(two)])
    assert both is not None
    assert both.id.tolist() == ["a", "b"]
    assert both.hits.tolist() == [[False, True], [True, True]]
    for other in (other_labels, other_artworks):
        single = read_predictions([alone(other)])
        assert single is not None
        assert not both.shares_artworks(single)
        assert read_predictions([alone(one), alone(other)]) is None
    majority = majority_predictions([alone(one)])
    assert majority is not None
    assert both.shares_artworks(majority)
    assert (majority.hits == np.array([[False, True]])).all()


def test_what_the_split_kept_together_is_one_cluster(tmp_path: Path) -> None:
    run = write(tmp_path / "run", "b,,test,joy,joy", "y,,test,joy,joy", "a,,test,joy,fear", "z,,test,joy,fear")
    read = read_predictions([alone(run)])
    assert read is not None
    assert read.cluster.tolist() == [0, 0, 1, 1]


def test_the_folds_of_a_repeat_are_pooled_once_all_are_done(tmp_path: Path) -> None:
    tested = [["d,,test,joy,joy", "a,,test,joy,fear"], ["c,,test,joy,joy", "b,,test,fear,fear"]]
    tested += [["a,,test,joy,joy", "b,,test,fear,joy"], ["c,,test,joy,fear", "d,,test,joy,joy"]]
    runs = []
    for index, lines in enumerate(tested):
        folder = write(tmp_path / f"{index}", *lines)
        write_split(folder.path, {"a": "0", "b": "1", "c": "2", "d": "2"})
        write_stored(folder.path)
        runs.append(SweepRun(folder, seed=0, fold=Fold(index // 2, index % 2, 2)))
    read = read_predictions(pools(runs))
    assert read is not None
    assert read.fold is not None
    assert read.id.tolist() == ["a", "b", "c", "d"]
    assert read.hits.tolist() == [[False, True, True, True], [True, False, False, True]]
    assert read.fold.tolist() == [[0, 1, 1, 0], [2, 2, 3, 3]]
    assert read.cluster.tolist() == [0, 1, 2, 2]
    assert read.factor > 1
    assert pools(runs[:3]) == [tuple(runs[:2])]


def test_the_folds_of_fewer_training_artworks_have_each_its_own_split(tmp_path: Path) -> None:
    # With data.train_count, the split of a fold lacks most of the artworks that the others test.
    tested = [["a,,test,joy,joy", "z,,test,joy,fear"], ["b,,test,fear,fear", "y,,test,joy,joy"]]
    pool = []
    for index, lines in enumerate(tested):
        folder = write(tmp_path / f"{index}", *lines)
        write_stored(folder.path)
        pool.append(SweepRun(folder, seed=0, fold=Fold(0, index, 2)))
    read = read_predictions(pools(pool))
    assert read is not None
    assert read.id.tolist() == ["a", "b", "y", "z"]
    assert read.cluster.tolist() == [0, 0, 1, 1]
