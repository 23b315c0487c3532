"""A grid of GANs ends in a table of sizes, metrics and pictures."""

import csv
import json
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from emotionart.cli.main import main as emotionart
from emotionart.cli.sweep import main
from emotionart.compare.gans import GANRow, findings, format_table
from emotionart.sweeps.plan import plan_jobs


def test_the_grid_of_gans_composes() -> None:
    from emotionart.config.compose import compose

    cells = plan_jobs(compose(["sweep=gan_grid"], "sweep").config, [], Path("anywhere"))
    assert len(cells) == 12
    assert not [mistake for cell in cells for mistake in cell.mistakes]


def test_gans_are_compared_and_not_with_classifiers(
    tmp_path: Path, cache: Path, done_run: tuple[Path, dict], capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = [
        "data.count=160", "data.picture_size=32", "model.representation.size=16", "model.images=64",
        "model.report_every=32", "batch_size=8", "trainer.threads=1", "logger=none", f"cache={cache}",
        "generator.width=4", "discriminator.width=4",
    ]  # fmt: skip
    grid = ["grid={optimizer.lr_discriminator: [1e-4]}", f"folder={tmp_path}"]
    assert main(["sweep=gan_grid", *grid, *tiny]) == 0
    folder = tmp_path / "gan_grid"
    rows = list(csv.DictReader((folder / "table.csv").open()))
    assert len(rows) == 6
    for row, cell in zip(rows, json.loads((folder / "plan.json").read_text()), strict=True):
        result = json.loads((folder / cell["folder"] / "result.json").read_text())
        assert row["state"] == result["monitor"]["state"]
        assert int(row["generator_parameters"]) == result["parameters"]["generator"]
        assert float(row["gan/sign_real"]) == pytest.approx(result["metrics"]["gan/sign_real"], abs=1e-5)
    out = capsys.readouterr().out
    assert "s per 1,000 images" in out
    assert "at the end" in out
    assert "too short to be judged" in out
    assert emotionart(["report", str(folder)]) == 0
    assert (folder / "report.html").read_text().count("Samples of ") == 6
    capsys.readouterr()
    two = [str(folder / cell["folder"]) for cell in json.loads((folder / "plan.json").read_text())[:2]]
    assert emotionart(["compare", two[0], str(done_run[0]), two[1]]) == 2
    told, where, fix = capsys.readouterr().err.splitlines()
    assert told == "Some of these runs are of GANs and some of classifiers, which are not comparable."
    assert where == f"  where: GANs: {two[0]}, {two[1]}; classifiers: {done_run[0]}"
    for command in fix.removeprefix("  fix: ").split("; "):
        assert emotionart(shlex.split(command)[1:]) == 0
    shutil.rmtree(folder / json.loads((folder / "plan.json").read_text())[0]["folder"] / "figures")
    assert emotionart(["report", str(folder)]) == 0
    assert (folder / "report.html").read_text().count("Samples of ") == 5


def row(
    name: str, *kids: float, state: str = "healthy", images: int = 9, leaks: bool = False, weights: str | None = None
) -> GANRow:
    monitor = {"state": state, "grace": 3}
    distances = {"features": "net", "leaks": leaks, "floor": {"kid": 0.01}}
    common = {
        "images": images,
        "monitor": monitor,
        "distances": distances,
        "parameters": {"generator": 1, "discriminator": 2},
    }
    seen_through = weights and {"name": "resnet", "weights": weights, "digest": "0"}
    results = [{**common, "metrics": {"gan/kid_net": kid}, "seen_through": seen_through} for kid in kids]
    return GANRow(name, range(len(kids)), results, None, frozenset(), None)


def test_findings_name_the_nearest_to_real_pictures_and_who_did_not_end_well() -> None:
    good, bad, short = row("good", 0.1, 0.3), row("bad", 0.4, state="collapsed"), row("short", 0.9, images=3)
    nearest, healthy, *others = findings([bad, good, short, row("planned")])
    assert nearest.startswith("good has the lowest KID on features of net: 0.200 ± 0.141, before bad, 0.400; real")
    assert "0.010" in nearest
    assert healthy == "2 of 4 runs were healthy at the end."
    assert others == ["Collapsed: bad.", "Too short to be judged: short."]
    assert findings([row("planned")]) == []


def test_a_table_for_people_calls_no_run_healthy_that_was_too_short_and_holds_no_settings() -> None:
    sheet = format_table([row("short", 0.9, images=3), row("long", 0.1)])
    assert [cells[5] for cells in sheet.rows] == ["too short to be judged", "healthy"]
    assert [values[5] for values in sheet.values] == ["state", "healthy", "healthy"]
    rate = GANRow(
        "a", [0], [{**row("a", 0.1).results[0], "metrics": {"gan/lr_generator": 2e-4}}], None, frozenset(), None
    )
    assert format_table([rate]).headings[-1] == "at the end"


def test_features_that_trained_a_discriminator_name_no_winner() -> None:
    told = findings([row("good", 0.1), row("leaks", 0.05, leaks=True)])[0]
    assert told.startswith("The features that measure leaks trained its discriminator")


def test_measured_against_other_pictures_there_is_no_winner() -> None:
    portraits, large, gallery = (
        frozenset({(frozenset(test), size)}) for test, size in (("ab", 32), ("ab", 64), ("cd", 32))
    )
    rows = [replace(row(name, 0.1), real=real) for name, real in (("a", portraits), ("b", portraits))]
    assert "has the lowest KID" in findings(rows)[0]
    for other in (large, gallery):
        told = findings([*rows, replace(row("c", 0.05), real=other)])[0]
        assert told.startswith("Not all are measured against the same test pictures")


def test_a_discriminator_on_random_features_is_marked() -> None:
    sheet = format_table(
        [row("plain", 0.1), row("untrained", 0.2, weights="random"), row("trained", 0.3, weights="auto")]
    )
    assert [cells[0] for cells in sheet.rows] == ["plain", "untrained*", "trained"]
    assert sheet.notes[-1].startswith("* The discriminator sees through a RANDOM network")
    assert [values[-1] for values in sheet.values] == ["random_features", "false", "true", "false"]
    assert "RANDOM" not in " ".join(format_table([row("plain", 0.1)]).notes)
