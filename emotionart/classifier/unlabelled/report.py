"""Reports on training with pictures without labels: as text, on the page, for W&B."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Cell = str | tuple[float, str]


def unlabelled_lines(entry: Mapping[str, Any], monitor: str) -> list[str]:
    """Sentences: which pictures were excluded, and the gain of each round.

    Args:
        entry: entry of `result.json`.
        monitor: name of the monitored metric.
    """
    out = "; ".join(f"{count:,} {reason}" for reason, count in entry["taken_out"].items())
    kept = sum(each["kept"] for each in entry["rounds"])
    first = (
        f"{entry['pictures']:,} pictures without labels, of which {entry['left']:,} are usable"
        + (f" (taken out: {out})" if out else "")
        + ("" if entry["artists"] else "; their artists are unknown, so works by held-out artists may be among them")
    )
    if not entry["rounds"]:
        sure = f"{entry['confidence']:.0%}"
        return [f"{first}; none was used: some class was never predicted with a probability of {sure}"]
    gained = f"{kept} of {len(entry['rounds'])} rounds gained on validation and were kept"
    lines = [f"{first}; {gained if kept else 'no round gained on validation, so none is in the result'}"]
    return [*lines, *(round_line(number, each, monitor) for number, each in enumerate(entry["rounds"], 1))]


def round_line(number: int, entry: Mapping[str, Any], monitor: str) -> str:
    """A line on one round.

    Args:
        number: number of the round, from 1.
        entry: entry of the round in `result.json`.
        monitor: name of the monitored metric.
    """
    named = ", ".join(f"{name} {count:,}" for name, count in entry["pictures"].items())
    before, after = entry["before"], entry["after"]
    accuracy = "" if monitor == "val/acc" else f", val/acc {before['val/acc']:.1%} → {after['val/acc']:.1%}"
    return (
        f"round {number}: {sum(entry['pictures'].values()):,} pictures without labels ({named}): {monitor} "
        f"{before[monitor]:.3f} → {after[monitor]:.3f}{accuracy}: {'kept' if entry['kept'] else 'no gain, not kept'}"
    )


def round_table(entry: Mapping[str, Any], classes: Sequence[str], monitor: str) -> tuple[list[str], list[list[Cell]]]:
    """Headings and one row per round.

    Args:
        entry: entry of `result.json`.
        classes: names of the classes.
        monitor: name of the monitored metric.
    """
    metrics = list(dict.fromkeys([monitor, "val/acc"]))
    rows: list[list[Cell]] = [
        [
            str(number),
            *((each["pictures"][name], f"{each['pictures'][name]:,}") for name in classes),
            *((each[when][name], f"{each[when][name]:.3f}") for name in metrics for when in ("before", "after")),
            "yes" if each["kept"] else "no",
        ]
        for number, each in enumerate(entry["rounds"], 1)
    ]
    return ["round", *classes, *(f"{name} {when}" for name in metrics for when in ("before", "after")), "kept"], rows


def unlabelled_numbers(entry: Mapping[str, Any], monitor: str) -> dict[str, float]:
    """Summary metrics: pictures, rounds, and validation before the first and after the last kept round."""
    kept = [each for each in entry["rounds"] if each["kept"]]
    numbers = {
        "unlabelled/pictures": entry["pictures"],
        "unlabelled/taken_out": sum(entry["taken_out"].values()),
        "unlabelled/rounds": len(entry["rounds"]),
        "unlabelled/rounds_kept": len(kept),
        "unlabelled/learnt_from": sum(kept[-1]["pictures"].values()) if kept else 0,
    }
    if entry["rounds"]:
        for name in dict.fromkeys([monitor, "val/acc"]):
            numbers[f"unlabelled/before/{name}"] = entry["rounds"][0]["before"][name]
            numbers[f"unlabelled/after/{name}"] = (kept[-1]["after"] if kept else entry["rounds"][0]["before"])[name]
    return numbers
