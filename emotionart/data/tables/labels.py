"""Grouping of raw labels into classes."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.meaning.missing_codes import is_missing_word
from emotionart.data.tables.meaning.scale import order_of, scale_hint
from emotionart.data.tables.measurement import measured_column
from emotionart.data.tables.noun import Noun
from emotionart.data.tables.prompts import Prompts, check_prompts
from emotionart.data.tables.table import ArtworkTable
from emotionart.data.tables.votes import fold
from emotionart.data.tables.wording import some
from emotionart.draws import artwork_keys, draw
from emotionart.errors import UserError, raise_together, suggest

log = logging.getLogger(__name__)

_TYPED = 12  # classes that fit on a command line


@dataclass(frozen=True)
class Grouping:
    """A map from raw labels to classes: the target of the config group `labels`.

    Args:
        classes: class -> its raw labels, compared trimmed and case-folded; None makes each raw label a class.
        unknown: whether a raw label that belongs to no class is an error ("error") or its votes are dropped ("drop").
        target: what a classifier learns: the share of each class among the votes ("votes"), or the class with the most
            votes ("majority").
        ordered: whether the classes have an order, as ratings do; raw labels are then sorted by their numbers, or as
            steps of a scale in words.
        prompts: sentences that describe a picture of each class, for an image-text model (model=zero_shot); a class may
            have none.
        noun: what a class is, in the words of pages and cards.
    """

    classes: Mapping[str, Sequence[str]] | None
    unknown: Literal["error", "drop"]
    target: Literal["votes", "majority"]
    ordered: bool = False
    prompts: Prompts | None = None
    noun: Noun = "class"

    def group(self, table: ArtworkTable) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """The names of the K classes, and the votes for each, (n, K).

        Raises:
            UserError: for classes without a list, labels that are not text or are in two classes, raw labels that
                belong to no class, prompts of an unknown class, and raw labels that should have an order and have none.
        """
        if table.measurement is not None and not table.labels:
            raise measured_column(table.measurement)
        raise_together(check_prompts(self.prompts or {}, list(self.classes or table.labels)))
        if self.classes is None:
            order = self._order(table.labels)
            return tuple(table.labels[index] for index in order), table.votes[:, order]
        raise_together(self._check_classes())
        member = self._membership(table.labels)
        unknown = np.flatnonzero((member.sum(axis=1) == 0) & (table.votes.sum(axis=0) > 0))
        if len(unknown):
            self._handle_unknown(table, unknown)
        histogram = (table.votes @ member).astype(np.float32)
        for name, votes in zip(self.classes, histogram.sum(axis=0), strict=True):
            if votes == 0:
                log.warning("No artwork has a label of class %r", name)
        return tuple(self.classes), histogram

    def pool(self, labels: Sequence[str], probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, K) probabilities of classes from those of raw labels (n, len(labels)), given that no label is dropped."""
        pooled = probability if self.classes is None else probability @ self._membership(labels)
        shares: NDArray[np.float64] = pooled / pooled.sum(axis=1, keepdims=True)
        return shares

    def labels_by_class(self, labels: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """The raw labels of each class."""
        if self.classes is None:
            return tuple((label,) for label in labels)
        member = self._membership(labels) > 0
        return tuple(tuple(labels[row] for row in np.flatnonzero(column).tolist()) for column in member.T)

    def hints(self, table: ArtworkTable, leave_out: Callable[[Sequence[str]], str]) -> list[str]:
        """Messages about raw labels that may be no classes: steps of a scale, and words for "no label".

        Args:
            table: the artworks.
            leave_out: how to leave out artworks with some labels; "" if no option does.
        """
        if self.classes is not None:
            return []
        ordered = order_of(table.labels) is not None  # "none" may be a step of a scale
        nothing = {} if ordered else {
            label: int((votes > 0).sum())
            for label, votes in zip(table.labels, table.votes.T, strict=True)
            if is_missing_word(label)
        }  # fmt: skip
        steps = [label for label in table.labels if label not in nothing]
        scale = None if self.ordered else scale_hint(steps, table.measurement is not None)
        hints = [] if scale is None else [scale]
        if nothing:
            named = some([f"{label!r} ({count})" for label, count in nothing.items()])
            verb = "is taken for a label" if len(nothing) == 1 else "are taken for labels"
            how = leave_out(list(nothing))
            hints.append(f"{named} {verb} like any other" + (f"; to leave such works out: {how}" if how else ""))
        return hints

    def _order(self, labels: Sequence[str]) -> list[int]:
        """Indices of raw labels in the order of their classes.

        Raises:
            UserError: if they should have an order and have none.
        """
        order = order_of(labels) if self.ordered else list(range(len(labels)))
        if order is None:
            raise UserError(
                f"These labels have no order of their own: {some([repr(label) for label in labels])}.",
                where="labels.ordered=true",
                fix=_in_your_order(labels),
            )
        return order

    def _membership(self, labels: Sequence[str]) -> NDArray[np.float64]:
        assert self.classes is not None
        home = {fold(raw): index for index, members in enumerate(self.classes.values()) for raw in members}
        member = np.zeros((len(labels), len(self.classes)))
        for row, label in enumerate(labels):
            if label in home:
                member[row, home[label]] = 1
        return member

    def _check_classes(self) -> list[UserError]:
        """Errors for classes without a list, labels that YAML did not read as text, and labels in two classes."""
        assert self.classes is not None
        errors: list[UserError] = []
        class_of: dict[str, str] = {}
        for name, members in self.classes.items():
            if not isinstance(members, Sequence) or isinstance(members, str):
                written = "" if members is None else _as_written(members)
                errors.append(
                    UserError(
                        f"A class has a list of labels, not {_yaml_kind(members)}.",
                        where=f"labels.classes.{name}",
                        fix=f"{name}: [{written}]",
                    )
                )
                continue
            for raw in [name, *members]:
                if not isinstance(raw, str):
                    errors.append(
                        UserError(
                            f"YAML reads this label as {_yaml_kind(raw)}, not as text.",
                            where=f"labels.classes.{name}",
                            fix=f'write it in quotes: "{_as_written(raw)}"',
                        )
                    )
            for raw in filter(lambda item: isinstance(item, str), members):
                other = class_of.setdefault(fold(raw), name)
                if other != name:
                    errors.append(
                        UserError(
                            f"Label {raw!r} stands in two classes, {other!r} and {name!r}.", where="labels.classes"
                        )
                    )
        return errors

    def _handle_unknown(self, table: ArtworkTable, unknown: NDArray[np.intp]) -> None:
        assert self.classes is not None
        counts = table.votes[:, unknown].sum(axis=0)
        named = ", ".join(f"{table.labels[index]!r} ({count:g})" for index, count in zip(unknown, counts, strict=True))
        if self.unknown == "drop":
            log.warning("Labels that no class names are dropped: %s", named)
            return
        known = [raw for members in self.classes.values() for raw in members]
        raise UserError(
            f"{'1 label belongs' if len(unknown) == 1 else f'{len(unknown)} labels belong'} to no class: {named}.",
            where="labels.classes",
            suggestions=suggest(table.labels[unknown[0]], known),
            fix=("labels.unknown=drop   or " if len(unknown) < len(table.labels) else "")
            + "labels=as_is   or a file of your own in conf/labels/",
        )


@dataclass(frozen=True)
class OneClass:
    """A grouping with every artwork in one class, for uses without labels."""

    target: Literal["votes"] = "votes"

    def group(self, table: ArtworkTable) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """The name of the class, and one vote of each artwork for it, (n, 1)."""
        return ("artwork",), np.ones((len(table), 1), dtype=np.float32)

    @property
    def ordered(self) -> bool:
        """Whether the classes have an order."""
        return False

    def pool(self, labels: Sequence[str], probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 1) probabilities of 1."""
        return np.ones((len(probability), 1))


def require_two_classes(
    classes: Sequence[str], label: NDArray[np.int64], raw: NDArray[np.object_], fix: Callable[[], str]
) -> None:
    """Checks that there are at least two classes to learn.

    Args:
        classes: names of the K classes.
        label: (n,) classes of the artworks, 0 to K - 1.
        raw: (n,) raw labels of the artworks.
        fix: finds out what helps if the raw labels are all the same, too.

    Raises:
        UserError: if all artworks are in one class.
    """
    used = np.unique(label)
    if len(used) == 1:
        raise UserError(
            f"All {len(label):,} labelled artworks are in one class, {classes[used[0]]!r}: there is nothing to learn.",
            where="data, labels",
            fix="another grouping, such as labels=as_is" if len(set(raw)) > 1 else fix(),
        )


def hard_labels(histogram: NDArray[np.float32], id: Sequence[str] | NDArray[np.object_]) -> NDArray[np.int64]:
    """(n,) class with the most votes; -1 without votes.

    Ties are broken at random, seeded by the artwork's id, so that no class is favoured.

    Args:
        histogram: (n, K) votes.
        id: (n,) ids of the artworks.
    """
    if histogram.shape[1] == 0:
        return np.full(len(histogram), -1, dtype=np.int64)
    best = _has_most_votes(histogram)
    ties = best.sum(axis=1)
    chosen = draw(artwork_keys(id)) % np.maximum(ties, 1).astype(np.uint64)
    index = np.cumsum(best, axis=1) - 1
    label = np.argmax(best & (index == chosen[:, None].astype(np.int64)), axis=1)
    return np.where(ties > 0, label, -1).astype(np.int64)


def raw_labels(table: ArtworkTable, id: NDArray[np.object_]) -> NDArray[np.object_]:
    """(n,) raw label with the most votes, "" without votes.

    Args:
        table: table of n artworks.
        id: (n,) ids of the artworks.
    """
    names = np.array([*table.labels, ""], dtype=object)
    return np.asarray(names[hard_labels(table.votes, id)])


def tied(histogram: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(n,) whether several classes of an artwork share the most votes, so that `hard_labels` draws one."""
    return np.asarray(_has_most_votes(histogram).sum(axis=1) > 1)


def _has_most_votes(histogram: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(n, K) whether no class of the artwork has more votes, and this one has some."""
    most = histogram.max(axis=1, initial=0, keepdims=True)
    return np.asarray((histogram == most) & (histogram > 0))


def _in_your_order(labels: Sequence[str]) -> str:
    """How to give labels an order by hand: overrides, or a file for names that Hydra does not take as keys."""
    plain = all(re.fullmatch(r"(?!(?:true|false|null)$)[a-z][\w -]*", label, re.ASCII) for label in labels)
    if len(labels) > _TYPED or not plain:
        return "conf/labels/mine.yaml with ordered: true, and the classes from lowest to highest"
    classes = ", ".join(f"{label}: [{label}]" for label in labels)
    return f"'labels.classes={{{classes}}}' labels.ordered=true   with the classes from lowest to highest"


def _yaml_kind(value: Any) -> str:
    kinds = {bool: "true or false", type(None): "nothing", int: "a number", float: "a number", str: "text"}
    return kinds.get(type(value), "a list")


def _as_written(value: Any) -> str:
    """The text that the user probably wrote: YAML reads `no` and `off` as false, `~` and `null` as null."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "null" if value is None else str(value)
