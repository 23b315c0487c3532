"""Draws docs/figures/architecture.png from the import contract of pyproject.toml: `python docs/architecture.py`."""

import ast
import tomllib
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from emotionart.figures import plots

ROOT = Path(__file__).parents[1]
WIDTH = 10.0  # inches
HEIGHT = 0.46  # inches per layer
LONGEST = 110  # characters that fit into a row
COLOURS = {"cli": plots.ORANGE, "pipeline": plots.GREEN}


def layers() -> list[list[str]]:
    """Folders of the package by layer, top layer first; those of one layer do not import each other."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [layer.split(" : ") for layer in contracts[0]["layers"]]


def purpose(name: str) -> str:
    """The first sentence of a folder's or file's docstring."""
    folder = ROOT / "emotionart" / name
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    return (ast.get_docstring(ast.parse(file.read_text())) or "").partition(".\n")[0].rstrip(".").replace("`", "")


def draw() -> Figure:
    """The figure, with one row per layer; imports point downwards only."""
    rows = layers()
    figure = Figure(figsize=(WIDTH, HEIGHT * len(rows) + 0.5), layout="constrained")
    axes = figure.add_subplot()
    for row, names in enumerate(rows):
        for index, name in enumerate(names):
            left, width = index * WIDTH / len(names), WIDTH / len(names) - 0.1
            box = FancyBboxPatch(
                (left, -row), width, 0.72, boxstyle="round,pad=0.02", color=COLOURS.get(name, plots.BLUE), alpha=0.25
            )
            axes.add_patch(box)
            axes.text(left + 0.12, 0.36 - row, name, weight="bold", va="center", size=10 if len(names) < 8 else 8.5)
            if len(names) < 3:
                words = purpose(name)
                if len(words) > LONGEST / len(names):
                    words = words.partition(":")[0]
                axes.text(left + 1.25, 0.36 - row, words, va="center", size=8)
    axes.set(xlim=(-0.1, WIDTH), ylim=(0.1 - len(rows), 1.2), title="Imports point downwards only")
    axes.axis("off")
    return figure


if __name__ == "__main__":
    plots.save(draw(), ROOT / "docs" / "figures" / "architecture.png")
