"""Explains a run by maps, class models, faithfulness and cues, which are written to the run's folder and logged."""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from emotionart.attribution.integrated import integrated_gradients
from emotionart.attribution.maps import METHODS, Mapper, Method, choose
from emotionart.attribution.network import PictureNetwork, undisturbed
from emotionart.classifier.evaluation.tested import TestedClassifier
from emotionart.classifier.predictor import Predictor, load_run
from emotionart.data.pictures.decode import read_file
from emotionart.data.pictures.unreadable import left_out
from emotionart.errors import UserError, suggest
from emotionart.explain.class_models import ClassPictures, visualise_classes
from emotionart.explain.cues import cue_sentence, measure_cues
from emotionart.explain.explanation import Explanation
from emotionart.explain.faithfulness import Faithfulness, measure_faithfulness
from emotionart.explain.images import ImageSet, pictures_of, read_tested_images, tested_images
from emotionart.explain.model import picture_network, precision_sentence, predict_pictures
from emotionart.explain.record import log_explanation, write_explanation
from emotionart.explain.selection import balanced, worst_first
from emotionart.explain.skill import Skill, measure_skill, run_skill
from emotionart.files import atomic_write, ensure_absent
from emotionart.inputs.vector import VectorRepresentation
from emotionart.progress import progress_bar
from emotionart.run.folder import RunFolder
from emotionart.run.tracking.logger import Logger
from emotionart.run.tracking.session import reopen_logger

log = logging.getLogger(__name__)

_BATCH = 16  # pictures whose maps are computed between two steps of the progress bar
_LARGE = 128  # side in pixels above which a network is assumed to be slow
_MOST_SAMPLED = 256  # maximum number of artworks for cues and for the pointing game
_FEW_CLASSES = 16  # up to this number, all classes get a map if maps are cheap


@dataclass(frozen=True)
class Options:
    """Options of `explain`.

    Args:
        images: folder of pictures; None for the run's test split.
        count: number of artworks to show, at least 1.
        method: one of `METHODS`; None for the most faithful one that the network supports.
        layer: layer for `gradcam` and `hirescam`; None for the last spatial one.
        faithfulness: number of artworks to measure it on; None: 32, or 8 for large pictures; 0: none.
        steps: steps of class model visualisation; 0: none.
        ablate: whether to ablate its regularisers; None: unless pictures are large.
        out: folder to create; None for one in the run's `explain/`.
        trust: whether code that the run names, and that is not known to be harmless, may be executed.
    """

    images: Path | None = None
    count: int = 64
    method: str | None = None
    layer: str | None = None
    faithfulness: int | None = None
    steps: int = 64
    ablate: bool | None = None
    out: Path | None = None
    trust: bool = False


def explain(run: Path, options: Options, logger: Logger | None = None, tested: TestedClassifier | None = None) -> Path:
    """Explains a run and returns the folder of the explanation.

    Args:
        run: run folder.
        options: see `Options`.
        logger: logger of a run in progress; None resumes the run's own in W&B, if it has one.
        tested: the run's classifier and data, if they are in memory.

    Raises:
        UserError: for an unsuitable run, method, layer or folder; after all is written, for pictures that were left
            out because they cannot be read.
    """
    _check(run, options)
    predictor = tested.predictor if tested else load_run(run, options.trust)
    network = picture_network(predictor)
    candidates, unreadable = _images(run, options, predictor, tested if network is not None else None)
    majority = predictor.majority
    skill = run_skill(run, majority) or measure_skill(
        candidates.probabilities, candidates.label, majority, candidates.unit
    )
    if skill and (warning := skill.warning("What follows can only explain chance.")):  # before the long work
        log.warning(warning)
    explanation = _explain(predictor, network, candidates, options)
    if network is not None and (sentence := precision_sentence(predictor, network, explanation.artworks)):
        explanation.numbers["precision"] = sentence
    _note_skill(explanation, skill)
    if (candidates.label >= 0).all():
        sample = candidates.take(balanced(candidates.label, np.arange(len(candidates)))[:_MOST_SAMPLED])
        cues = measure_cues(
            sample, len(predictor.classes), lambda batch: predict_pictures(predictor, network, batch), majority
        )
        explanation.numbers["cues"] = {**cues, "sentence": cue_sentence(cues)}
    folder = options.out or run / "explain" / f"{time.strftime('%Y%m%d-%H%M%S')}-{explanation.method}"
    ensure_absent(folder)
    with atomic_write(folder) as partial:
        partial.mkdir()
        write_explanation(partial, explanation, run)
    with nullcontext(logger) if logger else reopen_logger(RunFolder(run)) as open_one:
        log_explanation(open_one, explanation, folder)
    for line in explanation.sentences():
        log.info(line)
    log.info("explanation: %s", folder / "gallery.html")
    if unreadable:
        raise left_out(unreadable, folder)
    return folder


def _check(run: Path, options: Options) -> None:
    """Checks the method, and that a folder can be created for the explanation, before anything is computed.

    Raises:
        UserError: for an unknown method, or a folder that exists or cannot be made.
    """
    if options.method is not None and options.method not in METHODS:
        raise UserError(
            f"There is no method {options.method!r}. There are: {', '.join(METHODS)}.",
            where="--method",
            suggestions=suggest(options.method, METHODS),
        )
    # Without `out`, this is not yet the folder's name, which ends in the method; but both lie in the same place.
    ensure_absent(options.out or run / "explain" / time.strftime("%Y%m%d-%H%M%S"))


def _images(
    run: Path, options: Options, predictor: Predictor, tested: TestedClassifier | None
) -> tuple[ImageSet, dict[str, str]]:
    """All artworks that may be shown; and the unreadable pictures, path -> reason.

    Args:
        run: run folder.
        options: see `Options`.
        predictor: the run's classifier.
        tested: the run's classifier and data at its network's input size, if they are in memory.
    """
    if options.images is not None:
        return pictures_of(options.images, predictor)
    return tested_images(tested) if tested else read_tested_images(run, predictor, options.trust), {}


def _explain(
    predictor: Predictor, network: PictureNetwork | None, candidates: ImageSet, options: Options
) -> Explanation:
    """Maps of the artworks to show; contributions of features if the run has no network on pictures.

    Raises:
        UserError: for a method or a layer that the run's network does not have.
    """
    artworks = candidates.take(worst_first(candidates.probabilities, candidates.label, options.count))
    if network is not None:
        mapper = choose(network, artworks.tensor()[:1], _method(options.method), options.layer)
        return _explain_pictures(predictor, mapper, artworks, candidates, options)
    if options.method is not None or options.layer is not None:
        raise UserError(
            "This run's network sees features, not pictures: there are no maps, but contributions of features.",
            where="--method" if options.method else "--layer",
            fix="emotionart explain RUN   without --method and --layer",
        )
    return _explain_features(predictor, artworks)


def _note_skill(explanation: Explanation, skill: Skill | None) -> None:
    """Records the network's skill; without skill, a warning replaces the reliability summary of its maps."""
    if skill is None:
        return
    warning = skill.warning()
    explanation.numbers["skill"] = {**asdict(skill), "warning": warning}
    if warning and "reliability" in explanation.numbers:
        explanation.numbers["reliability"]["summary"] = warning


def _method(name: str | None) -> Method | None:
    return next((method for method in METHODS if method == name), None)


def _explain_pictures(
    predictor: Predictor, mapper: Mapper, artworks: ImageSet, candidates: ImageSet, options: Options
) -> Explanation:
    """Maps of the artworks to show, and the measurements that `options` ask for."""
    classes = len(predictor.classes)
    all_classes = classes <= _FEW_CLASSES and mapper.method != "integrated"
    targets = np.tile(np.arange(classes), (len(artworks), 1)) if all_classes else artworks.target_classes()
    maps = _map_artworks(mapper, artworks, targets)
    faithfulness = _measure_faithfulness(mapper, candidates, options)
    class_models = _visualise_classes(mapper.network, classes, artworks.size, options)
    numbers: dict[str, Any] = {}
    if faithfulness:
        numbers["reliability"] = faithfulness.numbers
    if class_models:
        numbers["classes"] = dict(zip(predictor.classes, class_models.measures, strict=True))
        numbers["ablation"] = class_models.ablation
    return Explanation(
        method=mapper.method,
        layer=mapper.layer,
        classes=predictor.classes,
        artworks=artworks,
        targets=targets,
        fit=predictor.representation.fit,
        maps=maps,
        numbers=numbers,
        faithfulness=faithfulness,
        class_model_visualisation=class_models,
    )


def _map_artworks(mapper: Mapper, artworks: ImageSet, targets: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n, T, h, w) maps of the target classes (n, T), with a progress bar."""
    description = f"mapping artworks by {mapper.method}" + (f" at {mapper.layer}" if mapper.layer else "")
    batches = zip(*(torch.split(one, _BATCH) for one in (artworks.tensor(), torch.from_numpy(targets))), strict=True)
    maps = [mapper.maps(*batch) for batch in progress_bar(batches, description, len(artworks), _BATCH)]
    joined: NDArray[np.float32] = torch.cat(maps).numpy()
    return joined


def _measure_faithfulness(mapper: Mapper, candidates: ImageSet, options: Options) -> Faithfulness | None:
    """The maps' faithfulness on class-balanced artworks; None if none is to be measured."""
    large = candidates.size > _LARGE
    count = options.faithfulness if options.faithfulness is not None else (8 if large else 32)
    if not count:
        return None
    order = balanced(np.maximum(candidates.label, 0), np.arange(len(candidates)))
    pointing = count if large else _MOST_SAMPLED
    return measure_faithfulness(mapper, candidates.take(order[:count]), candidates.take(order[:pointing]))


def _visualise_classes(network: PictureNetwork, classes: int, size: int, options: Options) -> ClassPictures | None:
    """The class model visualisations; None if none are to be computed."""
    if not options.steps:
        return None
    ablate = size <= _LARGE if options.ablate is None else options.ablate
    return visualise_classes(network, classes, size, options.steps, ablate)


def _explain_features(predictor: Predictor, artworks: ImageSet) -> Explanation:
    """The contribution of each hand-crafted feature to each logit, relative to the mean of the training split."""
    classifier, representation = predictor.classifier, predictor.representation
    assert isinstance(representation, VectorRepresentation)
    inputs = representation.encode([read_file(Path(path)) for path in artworks.image])
    targets = np.tile(np.arange(len(predictor.classes)), (len(artworks), 1))
    baseline = classifier.input.mean
    assert isinstance(baseline, torch.Tensor)
    with undisturbed(classifier):
        contributions = integrated_gradients(classifier, inputs, torch.from_numpy(targets), baseline, steps=64)
        with torch.no_grad():
            gain = classifier(inputs) - classifier(baseline[None])
    error = float((contributions.sum(2) - gain).abs().max() / gain.abs().max())
    return Explanation(
        method="features",
        layer=None,
        classes=predictor.classes,
        artworks=artworks,
        targets=targets,
        fit=representation.fit,
        contributions=contributions.double().numpy(),
        features=representation.names,
        numbers={"completeness_error": error},
    )
