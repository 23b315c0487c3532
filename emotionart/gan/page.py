"""The sections of the page of a GAN's run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Any

from emotionart.data.pictures.decode import load_picture
from emotionart.figures.generated import training_curves
from emotionart.figures.page import embedded_picture
from emotionart.gan.health.monitor import ADVICE
from emotionart.run.folder import RunFolder
from emotionart.run.page import Picture, Section, figure_section
from emotionart.run.training.checkpoint import BEST
from emotionart.spacing import evenly_spaced

NEAREST = "nearest.png"
"""Figure of generated pictures beside the nearest training pictures."""

_MOMENTS = 6  # number of grids to show


def gan_sections(
    folder: RunFolder, result: Mapping[str, Any], frames: Sequence[Path], history: Sequence[Mapping[str, float]]
) -> list[Section]:
    """The sections of the page.

    Args:
        folder: run folder, with its figures.
        result: contents of `result.json`.
        frames: files of the grids of pictures, in order of time.
        history: one row of metrics per report.
    """
    moments = [
        Picture(embedded_picture(load_picture(frame)), f"Grid after {int(frame.stem):,} images", [caption])
        for frame in (frames[index] for index in evenly_spaced(len(frames), _MOMENTS))
        for caption in [f"{int(frame.stem):,} images"]
    ]
    rows = f"Rows, from above: {', '.join(result['classes'])}." if result["classes"] else ""
    return [
        *figure_section(folder, "samples.png", "What it generates", rows),
        *figure_section(folder, "reals.png", "Real pictures beside them"),
        Section("By time", "The same noise at each time.", cards=moments),
        *figure_section(folder, "interpolations.png", "Between two pictures"),
        *_neighbours(folder),
        *figure_section(
            folder,
            "curves.png",
            "Losses, signs and quality by time",
            _checkpoint_sentence(result),
            partial(training_curves, history, stacked=True),
        ),
        *_monitor(result),
        *_distances(result),
        *_judge(result),
    ]


def gan_commands(folder: RunFolder, longer: str | None) -> list[str]:
    """Suggested next commands for a GAN's run.

    Args:
        folder: run folder.
        longer: override that extends the run, if it can be extended.
    """
    run = quote(str(folder.path))
    return [
        f"emotionart generate {run} --out FOLDER  # generates pictures",
        f"{folder.resume_command} {longer}  # trains on"
        if longer
        else f"{folder.start_command} …  # starts a new run from its weights",
        f"emotionart compare {run} RUN  # compares it with another run",
    ]


def _neighbours(folder: RunFolder) -> list[Section]:
    """Generated pictures beside the nearest training pictures, or a line that these could not be read."""
    title = "Copied or new?"
    note = (
        "The first pictures that emotionart generate draws, each beside the nearest training pictures, compared at "
        "16 x 16 pixels. At the left, the distance to the nearest, relative to the usual one of a held-out picture: "
        "below 0.4 is a copy, near 1 as new as a new painting, far above 1 unlike any."
    )
    shown = figure_section(folder, NEAREST, title, note)
    return shown or [Section(title, "Left out, because the training pictures could not be read.")]


def _checkpoint_sentence(result: Mapping[str, Any]) -> str:
    """A sentence on which checkpoint is used, and why."""
    used = result["checkpoint"]
    if Path(used["file"]).name != BEST:
        return "The last weights are used. model/features=backbone model.features.name=NETWORK chooses the best by KID."
    return f"The best weights, after {used['images']:,} images, are used: KID to validation pictures was lowest then."


def _monitor(result: Mapping[str, Any]) -> list[Section]:
    events = result["monitor"]["told"]
    if not events:
        return []
    rows: list[Sequence[str | tuple[float, str]]] = [
        [(event["images"], f"{event['images']:,}"), event["state"], ADVICE.get(event["state"], "")] for event in events
    ]
    return [Section("What the monitor reported", headings=["images", "state", "to try"], rows=rows)]


def _distances(result: Mapping[str, Any]) -> list[Section]:
    if "distances" not in result:
        return []
    distances = result["distances"]
    rows: list[Sequence[str | tuple[float, str]]] = [
        [name, (distances[key], f"{distances[key]:.4g}"), (distances["floor"][key], f"{distances['floor'][key]:.4g}")]
        for key, name in (("kid", "KID"), ("fid", "FID"), ("precision", "precision"), ("recall", "recall"))
    ]
    note = f"On features of {distances['features']}; the last column compares real pictures with other real ones."
    return [Section("Beside real pictures", note, headings=["measure", "generated", "real"], rows=rows)]


def _judge(result: Mapping[str, Any]) -> list[Section]:
    if "judged" not in result:
        return []
    report = result["judged"]
    hits = report.get("hit", {})
    rows = [
        [name, _share(share), _share(hits.get(name)), _share(report["recall_on_real"].get(name))]
        for name, share in report["shares"].items()
    ]
    headings = ["class", "seen in", "seen when requested", "found in real pictures"]
    return [
        Section("What the judge sees", f"{report['judge']}, in {report['n']:,} pictures.", headings=headings, rows=rows)
    ]


def _share(value: float | None) -> str | tuple[float, str]:
    return "–" if value is None else (value, f"{value:.0%}")
