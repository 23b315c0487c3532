"""The record of an explanation: its files in a folder, and its entries in the logger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emotionart.config.composed import flat
from emotionart.explain.explanation import Explanation
from emotionart.explain.page import table_rows, write_page, write_sheet
from emotionart.figures import plots
from emotionart.figures.explanation import class_sheet, contribution_figure, cue_figure
from emotionart.figures.faithfulness import faithfulness_figure
from emotionart.files import write_json
from emotionart.run.tracking.logger import Logger


def write_explanation(folder: Path, explanation: Explanation, run: Path) -> None:
    """Writes the maps or contributions, the figures, the gallery and `explain.json` into a folder.

    Args:
        folder: an empty folder.
        explanation: what to write.
        run: run folder, which names the explanation.
    """
    artworks = explanation.artworks
    common: dict[str, Any] = {
        "name": artworks.name.astype(str),
        "label": artworks.label,
        "probabilities": artworks.probabilities,
        "targets": explanation.targets,
        "classes": np.array(explanation.classes),
    }
    if explanation.maps is not None:
        np.savez_compressed(folder / "maps.npz", maps=explanation.maps, **common)
    if explanation.contributions is not None:
        names = np.array(explanation.features)
        np.savez_compressed(
            folder / "contributions.npz", contributions=explanation.contributions, features=names, **common
        )
        figure = contribution_figure(explanation.contributions, explanation.features, explanation.classes)
        plots.save(figure, folder / "contributions.png")
    if (measured := explanation.faithfulness) is not None:
        figure = faithfulness_figure(measured.curves, measured.share, measured.numbers)
        plots.save(figure, folder / "reliability.png")
    if explanation.class_model_visualisation is not None:
        pictures = explanation.class_model_visualisation.pictures
        np.savez_compressed(folder / "classes.npz", pictures=pictures, classes=np.array(explanation.classes))
        plots.save(
            class_sheet(
                explanation.class_images(), explanation.classes, explanation.class_model_visualisation.measures
            ),
            folder / "classes.png",
        )
    if "cues" in explanation.numbers:
        plots.save(cue_figure(explanation.numbers["cues"], explanation.classes), folder / "cues.png")
    write_sheet(folder, explanation)
    write_page(folder, explanation, run)
    # Written last: its presence means that the explanation is complete.
    write_json(
        folder / "explain.json",
        {
            "run": run.name,
            "method": explanation.method,
            "layer": explanation.layer,
            "n": len(artworks),
            **explanation.numbers,
        },
    )


def log_explanation(logger: Logger, explanation: Explanation, folder: Path) -> None:
    """Logs the numbers, the tables and the figures of an explanation that has been written into a folder."""
    numbers = flat(explanation.numbers, "attribution/")
    logger.update_summary({name: value for name, value in numbers.items() if isinstance(value, int | float)})
    columns, rows = table_rows(explanation)
    logger.log_table(f"attribution/{explanation.method}", columns, rows)
    if explanation.class_model_visualisation is not None:
        images = explanation.class_images()
        measures = explanation.class_model_visualisation.measures
        logger.log_table(
            "attribution/class_model",
            ["class", "picture", *measures[0]],
            [
                [name, image, *measure.values()]
                for name, image, measure in zip(explanation.classes, images, measures, strict=True)
            ],
        )
    for figure in sorted(folder.glob("*.png")):
        logger.log_image(f"attribution/figures/{figure.stem}", figure)
