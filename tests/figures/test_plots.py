from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from PIL import Image

from emotionart.figures import plots
from emotionart.figures.classifier import confusion_matrix, mistakes, training_curves, views

PICTURES = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)


def history() -> list[dict[str, float]]:
    return [
        {"epoch": e, "train/loss": 2 - e / 5, "train/acc": 0.2 + e / 10, "val/loss": 2.0, "val/acc": 0.3}
        for e in range(5)
    ]


def every_figure() -> dict[str, plots.Figure]:
    return {
        "curves": training_curves(history(), majority=0.3, ceiling=0.8, best_epoch=2),
        "curves for a phone": training_curves(history(), majority=0.3, ceiling=0.8, best_epoch=2, stacked=True),
        "one epoch": training_curves(history()[:1], majority=0.3, ceiling=None, best_epoch=0),
        "two classes": confusion_matrix(np.array([[3, 1], [0, 0]]), ["a", "b"]),
        "sixteen classes": confusion_matrix(np.eye(16, dtype=int), [f"class {number}" for number in range(16)]),
        "names that are mathematics": confusion_matrix(np.eye(2, dtype=int), ["$\\frac{$", "_$x^$"]),
        "mistakes": mistakes(PICTURES, ["a"] * 3, ["$b_$"] * 3, [0.9, 0.8, 0.7], ["$\\x$", "y", "z"]),
        "no mistakes": mistakes(PICTURES[:0], [], [], [], []),
        "views": views(np.stack([PICTURES, PICTURES], axis=1), ["epoch 1", "epoch 2"]),
    }


@pytest.mark.parametrize("name", every_figure())
def test_a_figure_is_written_whole_and_the_same_twice(name: str, tmp_path: Path) -> None:
    for path in (tmp_path / "first.png", tmp_path / "second.png"):
        plots.save(every_figure()[name], path)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()
    with Image.open(tmp_path / "first.png") as image:
        assert min(image.size) > 40
        assert len(np.unique(np.asarray(image.convert("L")))) > 5
    assert len(list(tmp_path.iterdir())) == 2


def test_curves_show_what_was_measured() -> None:
    loss, accuracy = training_curves(history(), majority=0.3, ceiling=0.8, best_epoch=2).axes
    assert loss.lines[0].get_ydata().tolist() == [row["train/loss"] for row in history()]
    assert accuracy.lines[1].get_ydata().tolist() == [row["val/acc"] for row in history()]
    assert {text.get_text() for text in accuracy.get_legend().get_texts()} >= {
        "majority 30% on validation",
        "ceiling 80% on validation",
        "kept: epoch 3",
    }


def test_a_phone_gets_the_same_curves_one_below_the_other() -> None:
    wide, narrow = (
        training_curves(history(), majority=0.3, ceiling=None, best_epoch=2, stacked=stacked)
        for stacked in (False, True)
    )
    for one, other in zip(wide.axes, narrow.axes, strict=True):
        assert [list(line.get_ydata()) for line in one.lines] == [list(line.get_ydata()) for line in other.lines]
    assert wide.get_figwidth() > wide.get_figheight()
    assert narrow.get_figwidth() == plots.NARROW < narrow.get_figheight()


def test_a_mosaic_draws_each_picture_at_its_own_aspect() -> None:
    figure = plots.mosaic(PICTURES, ["a", "b", "c"], 3, "", inches=2, lines=1, aspects=[1, 2, 0.5])
    extents = [image.get_extent() for image in figure.axes[0].images]
    assert [(right - left) / (low - high) for left, right, low, high in extents] == pytest.approx([1, 2, 0.5])


def test_confusion_shows_counts_and_shares_of_the_row() -> None:
    axes = confusion_matrix(np.array([[3, 1], [0, 0]]), ["a", "b"]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["75%\n3", "25%\n1", "0%\n0", "0%\n0"]


@pytest.mark.parametrize("share", [50, 60, 70, 71, 80, 100])
def test_numbers_of_a_confusion_matrix_stand_out_from_their_cells(share: int) -> None:
    def luminance(colour: tuple[float, float, float]) -> float:
        linear = [c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))  # WCAG 2.2, relative luminance

    axes = confusion_matrix(np.array([[share, 100 - share], [0, 0]]), ["a", "b"]).axes[0]
    for text, part in zip(axes.texts, (share / 100, 1 - share / 100), strict=False):
        low, high = sorted((luminance(to_rgb(text.get_color())), luminance(colormaps["Blues"](part)[:3])))
        assert (high + 0.05) / (low + 0.05) > 4


def test_hundreds_of_classes_are_drawn_small_and_without_numbers() -> None:
    figure = confusion_matrix(np.eye(300, dtype=int), [f"class {number}" for number in range(300)])
    axes = figure.axes[0]
    assert not axes.texts
    assert max(figure.get_size_inches()) < 15
    assert "order of result.json" in axes.get_xlabel()
