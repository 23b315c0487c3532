"""Labels that are the steps of a scale: numbers, words for degrees, and words between two poles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from emotionart.data.tables.meaning.numerals import THOUSANDS

_FEWEST = 3  # steps of a scale in words that is told
_IN_A_ROW = 5  # fewer numbers in a row are seldom a scale

_NUMBER = re.compile(r"(?:(?<!\w)-)?\d(?:[\d.,]*\d)?(?:e[-+]?\d+\b)?")

_SCALES = (
    ("---", "--", "-", "0|o|+/-|±", "+", "++", "+++"),
    ("never", "hardly ever", "rarely|seldom", "sometimes|occasionally", "often|frequently", "usually", "always"),
    ("none|not at all", "hardly|minimal|very slightly", "slightly|a little|little|mild|a bit|a little bit",
     "somewhat|some", "moderately|moderate", "quite a bit|quite|a lot|strongly|strong", "very|very much|very strong",
     "extremely|extreme|severe"),
    ("very low", "low", "rather low", "medium|moderate|middle|mid|average|neutral", "rather high", "high", "very high"),
    ("very weak", "weak", "medium|moderate|average", "strong", "very strong"),
    ("very small", "small", "medium|middle|average", "large|big", "very large"),
    ("awful|terrible|very poor", "poor", "fair|average|ok|okay", "good", "very good", "excellent"),
    ("nie", "kaum|sehr selten", "selten", "manchmal|gelegentlich", "oft|häufig", "meistens|sehr oft", "immer"),
    ("gar nicht|überhaupt nicht", "kaum|wenig|ein wenig", "etwas", "mittel|mittelmäßig", "ziemlich|stark",
     "sehr|sehr stark", "äußerst"),
    ("sehr niedrig|sehr gering", "niedrig|gering", "mittel", "hoch", "sehr hoch"),
    *(
        (f"{verb} überhaupt nicht zu|{verb} gar nicht zu", f"{verb} nicht zu", f"{verb} eher nicht zu",
         "neutral|teils teils|teils/teils|weder noch|unentschieden", f"{verb} eher zu", f"{verb} zu",
         f"{verb} voll zu|{verb} völlig zu|{verb} voll und ganz zu")
        for verb in ("stimme", "trifft")
    ),
)  # fmt: skip
"""Scales by their steps in ascending order, with synonyms."""

_DEGREES = {
    word.casefold(): degree
    for degree, words in (
        (3.0, ("extremely", "completely", "totally", "äußerst", "extrem")),
        (2.0, ("very", "strongly", "highly", "sehr", "stark", "völlig")),
        (0.7, ("quite", "rather", "moderately", "ziemlich", "eher")),
        (0.4, ("somewhat", "slightly", "mildly", "weakly", "a little", "a bit", "etwas", "leicht")),
        (0.0, ("not", "not at all", "nicht")),
    )
    for word in words
}
"""How far from the centre a word takes the pole behind it, which alone is at 1: "very sad", "sad"."""

_CENTRES = {
    *("neutral", "neither", "undecided", "mixed", "average", "ok", "okay", "so-so", "medium", "moderate"),
    *("unentschieden", "weder noch", "teils teils", "teils/teils", "mittel"),
}
_ATTITUDES = (
    *(("disagree", "agree"), ("negative", "positive"), ("bad", "good"), ("poor", "good"), ("dislike", "like")),
    *(("unpleasant", "pleasant"), ("unlikely", "likely"), ("negativ", "positiv"), ("schlecht", "gut")),
    ("unangenehm", "angenehm"),
)
"""Opposites, lower one first, that are a scale if there is a centre between them."""

_OPPOSITES = (
    *_ATTITUDES,
    *(("sad", "happy"), ("unhappy", "happy"), ("calm", "excited")),
    *(("traurig", "fröhlich"), ("traurig", "glücklich")),
)
"""Opposites, lower one first; some are emotions, and a scale only with degrees of them."""


def order_of(labels: Sequence[str]) -> list[int] | None:
    """Indices of labels in ascending order: by their numbers, or as steps of a scale in words; None without an order.

    Args:
        labels: folded labels.
    """
    values = _values(labels)
    ranks = _ranks(labels) if values is None else values
    return None if ranks is None else sorted(range(len(labels)), key=lambda index: ranks[index])


def scale_hint(labels: Sequence[str], measured: bool) -> str | None:
    """A hint for labels that may be the steps of a scale; None if they are not.

    Args:
        labels: folded labels.
        measured: whether all are plain numbers.
    """
    matches = [re.match(r"([-\N{MINUS SIGN}+]?\d{1,3})(?![\d.,]*\d)", label) for label in labels]
    steps = sorted(int(one[1].replace("\N{MINUS SIGN}", "-")) for one in matches if one)
    if len(steps) >= max(_IN_A_ROW, len(matches)) and steps == list(range(steps[0], steps[0] + len(steps))):
        few = ", or labels=quantiles for few classes of them" if measured else ""
        return (
            f"the labels are numbers from {steps[0]} to {steps[-1]}, and classes without an order; if they are steps "
            f"of a scale: labels.ordered=true{few}"
        )
    if len(labels) < _FEWEST or _ranks(labels) is None:
        return None
    ascending = " < ".join(labels[index] for index in order_of(labels) or [])
    return (
        f"the labels look like steps of a scale ({ascending}), and are classes without an order; to order them so: "
        "labels.ordered=true"
    )


def _values(labels: Sequence[str]) -> list[float] | None:
    """The first number in each label; None if one has no number, or two have the same.

    Commas are decimal ones, or separate thousands where all of them can do so.
    """
    numbers = [match[0] for label in labels if (match := _NUMBER.search(label))]
    thousands = all(THOUSANDS.fullmatch(number) for number in numbers if "," in number)
    try:
        values = [float(number.replace(",", "" if thousands else ".")) for number in numbers]
    except ValueError:  # such as a date, "1.5.1890"
        return None
    return values if len(values) == len(labels) == len(set(values)) else None


def _ranks(labels: Sequence[str]) -> list[float] | None:
    """The rank of each label on a scale in words; None if they are not steps of one."""
    for scale in _SCALES:
        rank_of = {name: float(rank) for rank, step in enumerate(scale) for name in step.casefold().split("|")}
        ranks = [rank_of.get(label, -1.0) for label in labels]
        if min(ranks, default=-1) >= 0 and len(set(ranks)) == len(ranks):
            return ranks
    return _between_poles(labels)


def _between_poles(labels: Sequence[str]) -> list[float] | None:
    """Places from the lower pole, below 0, to the upper one: "very sad", "sad", "neutral", "happy", "very happy"."""
    taken = [_degree(label) for label in labels]
    poles = {pole for _, pole in taken if pole}
    if any(_degree(pole)[1] != pole for pole in poles):
        return None  # "not very happy" is neither above nor below "happy" by its words
    plain = all(degree in (0.0, 1.0) for degree, _ in taken)
    centred = any(not pole for _, pole in taken)
    if len(poles) == 1:
        ranks = None if plain or centred else [degree for degree, _ in taken]
    elif opposites := next((pair for pair in _OPPOSITES if set(pair) == poles), None):
        attitude = (centred or len(labels) == 2) and opposites in _ATTITUDES
        low = opposites[0]
        ranks = None if plain and not attitude else [-degree if pole == low else degree for degree, pole in taken]
    else:
        ranks = None
    return ranks if ranks is not None and len(set(ranks)) == len(ranks) else None


def _degree(label: str) -> tuple[float, str]:
    """How far a label is from the centre, and its pole; 0 and "" for the centre itself."""
    if label in _CENTRES or label.startswith("neither "):
        return 0.0, ""
    for word in sorted(_DEGREES, key=len, reverse=True):
        if label.startswith(f"{word} "):
            return _DEGREES[word], label.removeprefix(f"{word} ")
    return 1.0, label
