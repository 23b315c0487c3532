"""The result of a run: the contents of `result.json`, and the summary at the end."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.classifier.unlabelled.report import unlabelled_lines
from emotionart.data.artworks import Artworks
from emotionart.data.tables.wording import some
from emotionart.statistics.annotators.agreement import accuracy_by_agreement, annotator_metrics, are_counted
from emotionart.statistics.calibration.temperature import HIGHEST
from emotionart.statistics.estimate import GroupSizes, few_groups_warning
from emotionart.statistics.metrics import evaluate, mean_with_interval
from emotionart.statistics.ordinal import ordinal

Probabilities = Mapping[str, NDArray[np.float64]]


def score(artworks: Artworks, part: str, probabilities: NDArray[np.float64], seed: int) -> dict[str, Any]:
    """All metrics of one part, with intervals clustered by what the split kept together (artists, copies)."""
    members = artworks.indices(part)
    learns_votes = artworks.voted and np.array_equal(artworks.target, artworks.votes)
    group = artworks.clusters(members)
    metrics = evaluate(
        probabilities,
        artworks.label[members],
        votes=artworks.votes[members].astype(np.float64) if artworks.voted else None,
        target=artworks.target[members].astype(np.float64),
        annotators=_annotators(artworks, members) if learns_votes else np.ones(len(members), np.int64),
        group=group,
        classes=artworks.classes,
        seed=seed,
    )
    metrics["largest_group"] = _largest(group, artworks.group[members].tolist())
    if artworks.ordered:
        predicted = probabilities.argmax(axis=1)
        metrics["ordinal"] = ordinal(predicted, artworks.label[members], group, len(artworks.classes))
    return metrics


def _annotators(artworks: Artworks, members: NDArray[np.intp]) -> NDArray[np.int64] | None:
    """The number of annotators of each artwork, (m,); None if only shares or flags are known."""
    counts = artworks.counts[members]
    return counts.sum(axis=1).astype(np.int64) if artworks.people and are_counted(counts) else None


def _largest(group: NDArray[np.intp], artists: Sequence[str]) -> dict[str, Any]:
    """Name and number of works of the largest group; "" if its artists are unknown, and the most frequent first."""
    members = group == np.bincount(group).argmax()
    named = Counter(artist for artist, inside in zip(artists, members, strict=True) if inside and artist)
    return {"name": some([name for name, _ in named.most_common()], 1), "n": int(members.sum())}


def _votes(artworks: Artworks, probabilities: Probabilities) -> dict[str, Any]:
    """Each part's human accuracy, and the accuracy by the annotators' agreement; None where votes do not tell."""
    unknown: dict[str, Any] = {"human": None, "agreement": None}
    if not artworks.voted:
        return unknown
    people, levels = {}, {}
    for part, predicted in probabilities.items():
        members = artworks.indices(part)
        group = artworks.clusters(members)
        if not artworks.people:  # shares and flags do not tell how many agreed
            continue
        people[part] = annotator_metrics(artworks.counts[members], group, predicted)
        hits = predicted.argmax(axis=1) == artworks.label[members]
        levels[part] = accuracy_by_agreement(hits, artworks.counts[members], group)
    return {"human": people if people and all(people.values()) else None, "agreement": levels or None}


def score_all(
    artworks: Artworks, probabilities: Probabilities, baselines: Mapping[str, Probabilities], seed: int
) -> dict[str, Any]:
    """The metrics of each part and of the baselines; the accuracy upper bound and the votes' metrics, where known.

    `lead` is the difference in test accuracy to each baseline, paired by artwork, which is more sensitive than a
    comparison of two intervals.
    """
    return {
        **{part: score(artworks, part, predicted, seed) for part, predicted in probabilities.items()},
        "baselines": {
            name: {part: score(artworks, part, predicted[part], seed) for part in probabilities}
            for name, predicted in baselines.items()
        },
        "lead": {
            name: _accuracy_difference(artworks, probabilities, predicted) for name, predicted in baselines.items()
        },
        "split": _split(artworks),
        "annotation": artworks.annotation,
        "ties": {part: artworks.ties(part) for part in probabilities},
        **_ceilings(artworks, tuple(probabilities)),
        **_votes(artworks, probabilities),
    }


def _ceilings(artworks: Artworks, parts: Sequence[str]) -> dict[str, dict[str, float] | None]:
    """Expected and actual accuracy of the best possible model, which knows the annotators' probabilities."""
    probability = artworks.label_probability
    if probability is None:
        return {"ceiling": None, "oracle": None}
    right = probability.argmax(axis=1) == artworks.label
    return {
        "ceiling": {part: float(probability[artworks.indices(part)].max(axis=1).mean()) for part in parts},
        "oracle": {part: float(right[artworks.indices(part)].mean()) for part in parts},
    }


def _split(artworks: Artworks) -> dict[str, Any] | None:
    """The source of a predefined split, and what is on both sides of it; None for a split made here."""
    if artworks.split_source is None or artworks.crossing is None:
        return None
    return {"source": artworks.split_source, **asdict(artworks.crossing)}


def _accuracy_difference(artworks: Artworks, ours: Probabilities, theirs: Probabilities) -> dict[str, float | None]:
    """The paired difference in test accuracy, with its interval."""
    members = artworks.indices("test")
    ahead, behind = (predicted["test"].argmax(axis=1) == artworks.label[members] for predicted in (ours, theirs))
    return mean_with_interval(ahead.astype(float) - behind, artworks.clusters(members), low=-1)


def percent(value: Mapping[str, float]) -> str:
    """A share and its interval as text, in percent."""
    return f"{value['value']:.1%} ({value['low']:.1%} to {value['high']:.1%})"


def _versus(difference: Mapping[str, float]) -> str:
    """A difference in accuracy in words: "above" or "below" if its interval excludes zero."""
    if difference["low"] > 0:
        return "above"
    return "below" if difference["high"] < 0 else "not clearly above or below"


def findings(result: Mapping[str, Any]) -> Sequence[str]:
    """Sentences: the headlines, then votes, other metrics, calibration, unlabelled pictures and named features."""
    test = result["test"]
    kl = f", divergence from votes (KL) {test['kl']['value']:.3f}" if "kl" in test else ""
    return (
        *headlines(result),
        *_vote_lines(result),
        f"balanced accuracy {test['balanced_acc']['value']:.1%}, macro-F1 {test['f1_macro']['value']:.3f}, "
        f"negative log-likelihood (NLL) {test['nll']['value']:.3f}{kl}",
        *_order_lines(test.get("ordinal")),
        *_calibration_lines(result),
        *(unlabelled_lines(result["unlabelled"], result["monitor"]["name"]) if "unlabelled" in result else ()),
        *(result["features"]["sentences"] if "features" in result else ()),
    )


def headlines(result: Mapping[str, Any]) -> Sequence[str]:
    """The most important findings: accuracy and baselines, what limits them, and the tested weights."""
    test, majority = result["test"], result["baselines"]["majority"]["test"]
    against = f"majority baseline {percent(majority['acc'])}"
    if result["ceiling"]:
        against += (
            f"; no model can expect more than {result['ceiling']['test']:.1%}, and the best possible one scores "
            f"{result['oracle']['test']:.1%} on these labels"
        )
    logistic = result["baselines"].get("logistic regression")
    if logistic and "logistic regression" in result["lead"]:  # else the model is one itself
        against += (
            f"; {_versus(result['lead']['logistic regression'])} logistic regression on the same features "
            f"{percent(logistic['test']['acc'])}"
        )
    if result["representation"].get("weights") == "random":
        against += "; RANDOM FEATURES, not pretrained ones"
    return (
        f"test accuracy {percent(test['acc'])} on {test['n']} artworks: {_versus(result['lead']['majority'])} the "
        f"{against}",
        *_one_class_lines(result),
        *_group_lines(test),
        *_split_lines(result),
        _weights_line(result),
    )


def _group_lines(test: Mapping[str, Any]) -> list[str]:
    """A line on a test split with few artists, or one whose works are mostly of few."""
    largest = test.get("largest_group", {"name": "", "n": 0})  # runs of earlier versions tell only how many there are
    sizes = GroupSizes(test["n"], test["groups"], test.get("effective_groups", math.inf), largest["n"])
    return [few] if (few := few_groups_warning(sizes, largest["name"])) else []


def _one_class_lines(result: Mapping[str, Any]) -> list[str]:
    """A line if the same class is predicted for all test artworks, though they are of several."""
    by_truth, by_predicted = (np.array(result["test"]["confusion"]).sum(axis=axis) for axis in (1, 0))
    if np.count_nonzero(by_predicted) > 1 or np.count_nonzero(by_truth) == 1:
        return []
    majority = np.array(result["baselines"]["majority"]["test"]["confusion"]).sum(axis=0)
    largest = " (the largest class in training)" if majority.argmax() == by_predicted.argmax() else ""
    return [
        f"it names {result['classes'][by_predicted.argmax()]!r}{largest} for every test artwork: it tells no classes "
        "apart"
    ]


def _weights_line(result: Mapping[str, Any]) -> str:
    """A line on which weights were tested."""
    monitored = f"{result['monitor']['name']} ({result['monitor']['value']:.3f})"
    if prompts := result.get("prompts"):
        used = result["representation"]
        return (
            f"nothing was trained: {sum(map(len, prompts.values()))} prompts for {len(prompts)} classes, read by "
            f"{used['name']} ({used['weights']}); {monitored}"
        )
    return f"weights of epoch {result['checkpoint']['epoch'] + 1} of {result['epochs']}, the best by {monitored}"


def _order_lines(ordinal: Mapping[str, Mapping[str, float | None]] | None) -> list[str]:
    """A line on the distance of the predictions from the true classes, for ordered classes."""
    if ordinal is None:
        return []
    line = f"classes are ordered: off by {ordinal['class_error']['value']:.2f} classes on average"
    kappa = ordinal["weighted_kappa"]["value"]
    return [line if kappa is None else f"{line}, quadratic weighted kappa {kappa:.3f}"]


def _calibration_lines(result: Mapping[str, Any]) -> list[str]:
    """Lines on the calibration error, with that expected of a calibrated model (above 0 by chance), and before."""
    calibration = result["calibration"]
    ece, before = result["test"]["ece"], calibration["before"]["test"]
    fitted = result.get(calibration["part"])  # a result on another table has the test part only
    works = f"{fitted['n']:,} {calibration['part']} artworks" if fitted else f"the run's {calibration['part']} artworks"
    expected = "" if ece["expected"] is None else f"{ece['expected']:.3f} expected of a calibrated model; "
    lines = [
        f"calibration error {ece['value']:.3f} ({expected}test of calibration: p = {ece['p']:.2g})",
        f"calibrated on {works} with a temperature of "
        f"{calibration['temperature']:.2f}; NLL was {before['nll']['value']:.3f} before and is "
        f"{result['test']['nll']['value']:.3f} now, the calibration error was {before['ece']['value']:.3f}",
    ]
    if calibration["temperature"] > 0.99 * HIGHEST:
        lines.append(
            f"on {calibration['part']}, equal probabilities are no worse than its own, which are nearly equal now"
        )
    return lines


def _split_lines(result: Mapping[str, Any]) -> list[str]:
    """A line on the source of a predefined split."""
    if not (split := result["split"]):
        return []
    return [
        f"the split is the data's own ({split['source']}): {split['artists']} artists and {split['copies']} copies "
        "are on both sides"
    ]


def _vote_lines(result: Mapping[str, Any]) -> list[str]:
    """A line on tied votes, and on human agreement beside the accuracy; empty without votes."""
    parts = []
    if ties := result["ties"]["test"]:
        parts.append(f"votes: {ties} of {result['test']['n']} labels are drawn from a tie")
    if result["human"]:
        people = result["human"]["test"]
        parts.append(
            f"one more annotator would agree with the majority of the others on {percent(people['acc'])}, a vote "
            f"drawn from the model's probabilities on {percent(people['sampled_acc'])}; two annotators differ on "
            f"{people['label_noise']['value']:.1%} of artworks"
        )
    if result["agreement"]:
        levels = result["agreement"]["test"].items()
        parts.append(
            "accuracy by agreement: "
            + ", ".join(f"{name} {level['acc']['value']:.1%} (n {level['n']})" for name, level in levels)
        )
    return ["; ".join(parts)] if parts else []
