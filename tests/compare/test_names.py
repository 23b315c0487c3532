from pathlib import Path

from omegaconf import OmegaConf

from emotionart.compare.names import distinct_ends, shorten
from emotionart.compare.runs import name_runs, name_runs_or_folders
from emotionart.run.folder import RunFolder


def asked(folder: Path, model: str, *overrides: str) -> RunFolder:
    folder.mkdir()
    OmegaConf.save({"overrides": list(overrides), "choices": {"model": model}}, folder / "overrides.yaml")
    OmegaConf.save({"seed": 0}, folder / "config.yaml")
    return RunFolder(folder)


def test_a_long_name_keeps_the_words_that_tell_it_from_the_others() -> None:
    shared = ["data=table", "data.path=labels.csv", "labels=as_is"]
    names = [["net"], [*shared, "lr=1", "x=1"], [*shared, "lr=2", "x=1"], [*shared, "lr=2", "x=2"]]
    assert shorten(names, 30) == [
        "net",
        "data=table, …, lr=1, x=1",
        "data=table, …, lr=2, x=1",
        "data=table, …, lr=2, x=2",
    ]
    assert shorten(names, 100) == [", ".join(name) for name in names]


def test_names_that_would_become_the_same_are_numbered() -> None:
    paths = [[f"data.path=pictures/of/{place}/all/art.csv"] for place in ("here", "away")]
    assert shorten(paths, 20) == ["data.path…ll/art.csv", "data.path…ll/art.csv #2"]


def test_a_run_with_many_overrides_has_a_short_name_with_its_number_of_artworks(tmp_path: Path) -> None:
    many = [f"trainer.option_{index}=value_{index}" for index in range(12)]
    runs = [
        asked(tmp_path / "plain", "net"),
        *(asked(tmp_path / str(n), "net", f"data.train_count={n}", *many, "model=net") for n in (50, 1000)),
    ]
    plain, *counted = name_runs(runs)
    assert plain == "net"
    assert [name.rpartition(", ")[2] for name in counted] == ["data.train_count=50", "data.train_count=1000"]
    first, second = (name.rpartition(", ")[0] for name in counted)
    assert first == second
    assert first.startswith("net, trainer.option_0=")
    assert len(first) <= 50


def test_rows_depend_on_the_last_override_of_a_key_and_on_no_order_of_keys(tmp_path: Path) -> None:
    runs = [
        asked(tmp_path / "a", "net", "lr=1", "x=1", "data.train_count=50"),
        asked(tmp_path / "b", "net", "data.train_count=50", "x=1", "lr=1"),
        asked(tmp_path / "c", "net", "x=1", "data.train_count=90", "lr=1"),
        asked(tmp_path / "d", "net", "x=1", "lr=2", "lr=1"),
        asked(tmp_path / "e", "net", "x=1", "lr=1", "lr=2"),
    ]
    assert {name: [run.folder.path.name for run in members] for name, members in name_runs(runs).items()} == {
        "lr=1, data.train_count=50": ["a", "b"],
        "lr=1, data.train_count=90": ["c"],
        "lr=1": ["d"],
        "lr=2": ["e"],
    }


def test_folders_are_told_apart_by_as_little_of_their_paths_as_does() -> None:
    assert distinct_ends([Path("runs/a"), Path("other/b")]) == ["a", "b"]
    assert distinct_ends([Path("runs/a"), Path("other/a"), Path("/elsewhere/b")]) == [
        "runs/a",
        "other/a",
        "elsewhere/b",
    ]


def test_chosen_runs_keep_short_overrides_as_names_and_are_called_by_their_folders_otherwise(tmp_path: Path) -> None:
    few = [asked(tmp_path / "slow", "net", "lr=1"), asked(tmp_path / "fast", "net", "lr=2")]
    assert [*name_runs_or_folders(few)[0]] == ["lr=1", "lr=2"]
    assert name_runs_or_folders(few)[1] == []

    path = "data.path=/pictures/of/somebody/labels.csv"
    seeds = [asked(tmp_path / f"mine{seed}", "net", path, f"seed={seed}") for seed in range(3)]
    counts = [asked(tmp_path / f"few{n}", "net", "data=gallery", f"data.train_count={n}") for n in (50, 100)]
    members, notes = name_runs_or_folders([*seeds, *counts])
    assert {name: [run.folder.path.name for run in runs] for name, runs in members.items()} == {
        "mine0, mine1 and 1 more": ["mine0", "mine1", "mine2"],
        "few50, few100, data.train_count=50": ["few50"],
        "few50, few100, data.train_count=100": ["few100"],
    }
    assert notes == [f"mine0, mine1 and 1 more: {path}", "few50, few100: data=gallery"]
