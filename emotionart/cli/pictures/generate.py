"""`emotionart generate`: generates pictures with a trained GAN."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import add_trust, require_range
from emotionart.errors import UserError
from emotionart.files import atomic_write, ensure_absent
from emotionart.terminal import write_lines, write_rows

if TYPE_CHECKING:
    from emotionart.classifier.predictor import Predictor
    from emotionart.gan.generation.neighbours import Neighbours
    from emotionart.gan.generation.sampler import GANSampler
    from emotionart.gan.generation.series import Series

_COLUMNS = 8
_SHOWN = 8  # pictures in the interpolation, beside their neighbours, and of each class
_DEGREES = (0, 10, 20, 30, 40, 50, 60)  # rotation of the noise towards a class


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("generate", help="new pictures by a trained GAN, optionally judged by a classifier")
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a GAN's run")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="to be made")
    parser.add_argument("--n", type=int, default=64, help="pictures (default 64)")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other pictures (default 0)")
    parser.add_argument(
        "--emotion", "--class", metavar="NAME", help="to ask for, of a run of model=acgan; else to --keep by the judge"
    )
    parser.add_argument("--judge", type=Path, metavar="RUN", help="a classifier's run, which says what it sees in them")
    parser.add_argument(
        "--keep",
        type=int,
        metavar="K",
        help="how many to keep: those in which the judge is most confident of --emotion",
    )
    parser.add_argument(
        "--psi", type=float, default=1.0, help="above 0, to 1: nearer to the centre, more alike (default 1)"
    )
    parser.add_argument("--nearest", action="store_true", help="beside the first ones, the nearest training pictures")
    parser.add_argument(
        "--towards", metavar="NAME", help="also one picture moved towards this class, as the judge sees it"
    )
    parser.add_argument(
        "--from", type=int, dest="origin", metavar="SEED", help="whose first picture that is (default --seed)"
    )
    add_trust(parser)
    parser.set_defaults(run=_generate)


def _generate(arguments: argparse.Namespace) -> None:
    """Writes pictures, sheets, an animation and `labels.csv` to a folder that `data=table` can read."""
    from emotionart.classifier.predictor import load_run
    from emotionart.gan.generation.neighbours import nearest_training_pictures, read_artworks
    from emotionart.gan.generation.sampler import load_sampler
    from emotionart.gan.generation.series import class_index, generate_series

    _check_options(arguments)
    ensure_absent(arguments.out)
    sampler = load_sampler(arguments.run_folder, trust=arguments.trust)
    judge = load_run(arguments.judge, arguments.trust) if arguments.judge else None
    emotion = arguments.emotion
    if emotion is not None and (sampler.classes or not arguments.keep):
        sampler.require_class(emotion)
    chosen = class_index(judge, emotion) if judge and arguments.keep else None
    target = class_index(judge, arguments.towards) if judge and arguments.towards else None
    if judge:
        _warn_of_chance(arguments.judge, judge)
    about = {"run": arguments.run_folder.resolve().name, "seed": str(arguments.seed), "psi": f"{arguments.psi:g}"}
    class_name = emotion if sampler.classes else None
    series = generate_series(sampler, arguments.n, arguments.seed, class_name, arguments.psi, about)
    if judge:
        series = series.with_predictions(judge)
        write_lines(f"the judge sees {_shares(series, judge)}")
    if chosen is not None:
        series = series.best(chosen, arguments.keep)
        _warn_of_unseen(series, chosen, emotion)
    near = (
        nearest_training_pictures(read_artworks(arguments.run_folder, arguments.trust), series.pictures)
        if arguments.nearest
        else None
    )
    with atomic_write(arguments.out) as partial:
        _write(series, sampler, judge, near, partial)
        if judge and target is not None:
            _write_turned(sampler, judge, target, arguments, partial)
    write_rows(f"{len(series.files):,} pictures: {arguments.out}, all in {arguments.out / 'sheet.png'}")


def _check_options(arguments: argparse.Namespace) -> None:
    """Refuses options that are out of range or contradict each other, before anything is loaded."""
    from emotionart.ranges import MOST_SEED

    require_range(arguments, "n", 1)
    require_range(arguments, "seed", 0, MOST_SEED)
    require_range(arguments, "origin", 0, MOST_SEED, "--from")
    if not 0 < arguments.psi <= 1:
        raise UserError(f"--psi must be above 0, and at most 1, not {arguments.psi:g}.", where="--psi")
    if arguments.keep is not None and not 1 <= arguments.keep <= arguments.n:
        raise UserError(f"--keep must be from 1 to --n, {arguments.n}, not {arguments.keep}.", where="--keep")
    if arguments.keep and not (arguments.judge and arguments.emotion):
        raise UserError(
            "Only a judge can say which pictures show which emotion best.",
            where="--keep",
            fix="--emotion NAME --judge RUN, the run of a classifier",
        )
    if arguments.towards and not arguments.judge:
        raise UserError(
            "Only a judge can say where an emotion lies.", where="--towards", fix="--judge RUN, the run of a classifier"
        )
    if arguments.origin is not None and not arguments.towards:
        raise UserError("--from names the picture that is turned.", where="--from", fix="--towards NAME --judge RUN")


def _warn_of_chance(run: Path, judge: Predictor) -> None:
    """Warns if the judge itself was not above chance on its test works."""
    from emotionart.explain.skill import run_skill

    skill = run_skill(run, judge.majority)
    warning = skill.warning("What it sees in these pictures may mean nothing.") if skill else None
    if warning:
        write_lines(f"warning: the judge: {warning[0].lower()}{warning[1:]}", stream=sys.stderr)


def _warn_of_unseen(series: Series, index: int, emotion: str) -> None:
    """Warns if the judge sees another class in pictures that are kept as the best of this one."""
    assert series.probabilities is not None
    other, count = int((series.probabilities.argmax(axis=1) != index).sum()), len(series.files)
    if other:
        highest = series.probabilities[:, index].max()
        write_lines(
            f"warning: in {other} of the {count} pictures kept as {emotion}, the judge sees another class; it gives "
            f"{emotion} at most {highest:.0%}. A larger --n leaves more to choose among.",
            stream=sys.stderr,
        )


def _shares(series: Series, judge: Predictor) -> str:
    from emotionart.statistics.image_quality import classification_report

    assert series.probabilities is not None
    shares = classification_report(series.probabilities, judge.classes)["shares"]
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())


def _write(series: Series, sampler: GANSampler, judge: Predictor | None, near: Neighbours | None, folder: Path) -> None:
    import pandas as pd

    from emotionart.data.tables.cells import write_cells
    from emotionart.figures.generated import save_sheet, save_video
    from emotionart.gan.generation.neighbours import save_neighbours
    from emotionart.gan.generation.series import interpolation, of_every_class
    from emotionart.run.predictions import probability_cells

    (folder / "images").mkdir(parents=True)
    names = [f"images/{number:06d}.png" for number in series.number]
    for name, file in zip(names, series.files, strict=True):
        (folder / name).write_bytes(file)
    predictions: list[tuple[str, float]] = []
    if judge and series.probabilities is not None:
        predictions = [(judge.classes[row.argmax()], row.max()) for row in series.probabilities]
    captions = [f"{name}\n{probability:.0%}" for name, probability in predictions]
    save_sheet(series.pictures, min(_COLUMNS, len(names)), folder / "sheet.png", captions)
    if len(names) > 1:
        save_video(interpolation(sampler, series.latents[:_SHOWN]), folder / "interpolation.webp")
    if sampler.classes:
        first = series.latents[:_SHOWN]
        save_sheet(of_every_class(sampler, first), len(first), folder / "classes.png", rows=sampler.classes)
    table = pd.DataFrame({"image": names})
    if any(series.classes):
        table["label"] = series.classes
    if judge and series.probabilities is not None:
        table["seen"] = [name for name, _ in predictions]
        table = table.join(probability_cells(series.probabilities, judge.classes))
    if near:
        table["nearest"] = near.id
        table["nearness"] = [f"{value:.3f}" for value in near.nearness]
        save_neighbours(series.pictures[:_SHOWN], near, folder / "nearest.png")
    write_cells(table, folder / "labels.csv")


def _write_turned(
    sampler: GANSampler, judge: Predictor, index: int, arguments: argparse.Namespace, folder: Path
) -> None:
    import torch

    from emotionart.data.pictures.encode import png_files
    from emotionart.figures.generated import save_sheet
    from emotionart.gan.generation.direction import find_direction

    origin = arguments.seed if arguments.origin is None else arguments.origin
    latent = sampler.draw(0, origin, arguments.emotion if sampler.classes else None, arguments.psi)[0]
    direction = find_direction(sampler, judge, index, latent, origin)
    pictures = sampler.pictures(direction.turned(latent, torch.tensor(_DEGREES, dtype=torch.float32)))
    shares = judge.predict(png_files(pictures))[:, index]
    save_sheet(pictures, len(pictures), folder / "towards.png", [f"{share:.0%}" for share in shares])
    write_lines(
        f"{arguments.towards}: the judge gives the picture {shares[0]:.0%}, turned by {_DEGREES[-1]} degrees "
        f"{shares[-1]:.0%}; one direction explains {max(0.0, direction.explained):.0%} of its logit"
    )
