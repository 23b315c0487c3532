"""A model card for a run, in Hugging Face's format: `MODEL_CARD.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from emotionart.data.tables.noun import Noun, noun_of
from emotionart.files import write_text
from emotionart.run.folder import RunFolder
from emotionart.run.outcome import Result
from emotionart.run.state import is_gan
from emotionart.run.stored import read_provenance, read_result

CARD = "MODEL_CARD.md"

_METRICS = {
    "acc": "accuracy",
    "balanced_acc": "balanced accuracy",
    "f1_macro": "macro-F1",
    "nll": "negative log-likelihood",
    "kl": "divergence from votes",
}
_HUB_METRICS = {"acc": "accuracy", "f1_macro": "f1"}  # metrics that the Hub has names for
_LABELS = {"labels": "given one to a work", "votes": "votes of people", "shares": "shares of votes", "flags": "flags"}
_IMAGENET = "ImageNet's pictures are for non-commercial research."
_IMAGENET_TAGS = ("in1k", "in12k", "in21k", "in22k")  # parts of timm's tags of weights that saw ImageNet
_PACKAGES = ("torch", "torchvision", "timm", "pytorch-lightning")


def write_card(folder: RunFolder, lines: Sequence[str]) -> None:
    """Writes the card of a run that has a result.

    Args:
        folder: run folder.
        lines: the run's summary.
    """
    result, origin = read_result(folder.result), read_provenance(folder.provenance)
    frozen = folder.frozen()
    choices, noun = frozen.choices, noun_of(frozen.config)
    gan = is_gan(result)
    name = f"{result['model']} on {result['data']}"
    card = ModelCard.from_template(
        _metadata(result, name, noun),
        template_path=str(Path(__file__).with_name("card.md")),
        name=name,
        gan=gan,
        noun=noun,
        result=result,
        lines=[_as_sentence(line) for line in lines],
        metrics=[(key, title) for key, title in _METRICS.items() if not gan and key in result["test"]],
        number=_number,
        percent=_percent,
        choices=choices,
        digest=origin["data"],
        labels=_LABELS.get(result.get("annotation", ""), "grouped from the data's own"),
        split=_split(result),
        weights=_weights(result["representation"]),
        commit=origin["commit"],
        code=origin["code"],
        packages=", ".join(f"{name} {origin['packages'][name]}" for name in _PACKAGES if name in origin["packages"]),
        version=version("emotionart"),
    )
    write_text(folder.path / CARD, str(card))


def _metadata(result: Result, name: str, noun: Noun) -> ModelCardData:
    """The card's metadata for the Hub: task, tags, and the metrics that it has names for."""
    gan = is_gan(result)
    task = "unconditional-image-generation" if gan else "image-classification"
    measured = [
        EvalResult(
            task_type=task,
            dataset_type=result["data"],
            dataset_name=result["data"],
            dataset_split="test",
            metric_type=hub,
            metric_value=result["test"][key]["value"],
        )
        for key, hub in _HUB_METRICS.items()
        if not gan
    ]
    return ModelCardData(
        model_name=name,
        library_name="emotionart",
        pipeline_tag=task,
        tags=["art", *(["emotion", "affective-computing"] if noun == "emotion" else [])],
        eval_results=measured or None,
    )


def _as_sentence(line: str) -> str:
    return f"{line[:1].upper()}{line[1:].rstrip('.')}."


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _number(value: Mapping[str, float | None]) -> str:
    """A value as text, with its interval if that is known."""
    if value["value"] is None:
        return "not known"
    ends = [value.get("low"), value.get("high")]
    bounds = [f"{end:.3f}" for end in ends if end is not None]
    return f"{value['value']:.3f}" + (f" ({' to '.join(bounds)})" if len(bounds) == len(ends) else "")


def _split(result: Result) -> str:
    """A description of the split's source."""
    if split := result.get("split"):
        return (
            f"the data's own ({split['source']}), in which {split['artists']} artists and {split['copies']} copies "
            "are on both sides"
        )
    return "at random, before augmentation (`data.split_by`); works of one known artist and copies stay together"


def _weights(representation: Mapping[str, Any]) -> str:
    """A description of the initial weights' source and licence."""
    if "backbones" in representation:
        return " ".join(_weights(part) for part in representation["backbones"])
    name, source, loaded = (representation.get(key) for key in ("name", "source", "weights"))
    if loaded is None:
        return "All weights were trained in this run, from random ones."
    if loaded == "random":
        return f"The weights of {name} ({source}) are RANDOM, not pretrained: results say nothing of a pretrained one."
    if loaded == "hub":
        return f"Pretrained weights are those of {name}, whose licence its page states."
    from emotionart.networks.pretrained.libraries import published_weights  # imports timm, which few runs need

    published = published_weights(str(name), representation["source"])
    if loaded != "imagenet" and loaded not in published:
        return (
            f"Pretrained weights of {name} ({source}) come from the file `{loaded}` (digest "
            f"`{representation['weights_digest']}`), whose licence its maker states."
        )
    if source == "open_clip":
        return f"Pretrained weights of {name} are those that open_clip publishes as `{loaded}`."
    if source == "timm":
        return _timm_weights(str(name), loaded if loaded in published else None)
    return (
        f"Pretrained weights of {name} are those that torchvision publishes, trained on ImageNet; torchvision is under "
        f"the BSD 3-Clause licence and states none for its weights. {_IMAGENET}"
    )


def _timm_weights(name: str, tag: str | None) -> str:
    """A description of timm's weights with a tag, or of its default ones."""
    import timm

    published = timm.get_pretrained_cfg(name if tag is None else f"{name}.{tag}")
    license_name = getattr(published, "license", None)
    tag = tag or getattr(published, "tag", None) or ""
    licence = f"their licence is {license_name}." if license_name else "their licence is on timm's page of them."
    terms = f" {_IMAGENET}" if any(data in tag for data in _IMAGENET_TAGS) or not tag else ""
    return (
        f"Pretrained weights of {name} are those that timm publishes{f' as `{tag}`' if tag else ''}; {licence}{terms}"
    )
