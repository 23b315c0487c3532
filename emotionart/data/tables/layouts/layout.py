"""What a user says of a table: which column holds what, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from emotionart.data.tables.annotation import Annotation
from emotionart.data.tables.layouts.delimited import Format


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of a table of artworks.

    Args:
        image: column of picture paths, or of names that `root` and `extension` make paths.
        label: column of labels, or of a measured number for `labels=quantiles`; None for artworks without labels.
        votes: columns that hold the number of votes for the label of their name, or a pattern of such columns with a
            star in the label's place ("votes:*"); takes the place of `label`.
        rows: whether several rows of one picture are votes, or a contradiction.
        weight: column that says how much a row counts: a number of votes, or a share of them.
        label_separator: between several labels in a cell; None where a cell holds one.
        several_labels: whether each label in a cell is a vote, the first alone counts, or a cell is one label, whatever
            it holds.
        annotation: what the numbers of a label are; None judges by them.
        tags: column of tags, separated by ";".
        group: column of what the split keeps together (the artist).
        id: column of names for the artworks.
        split: column of "train", "validation" and "test" in their usual spellings; or a folder of lists, or a list for
            each of them; "anew" divides the artworks anew, as None does unless the table is a folder of parts.
        where: expression over the columns, as pandas' `DataFrame.query` reads it; other rows are left out.
        root: folder of the pictures, relative to the table's or to where the command runs; None is the table's own.
        extension: ending that the names of pictures lack.
        on_missing: whether a picture that is not there stops the run or is left out.
        separator: between the fields of a text table; None finds comma, semicolon or tab.
        columns: names of the columns where the first line does not give them.
    """

    image: str = "image"
    label: str | None = "label"
    votes: Sequence[str] | str | None = None
    rows: Literal["artworks", "votes"] = "artworks"
    weight: str | None = None
    label_separator: str | None = None
    several_labels: Literal["votes", "first", "one"] = "votes"
    annotation: Annotation | None = None
    tags: str | None = None
    group: str | None = None
    id: str | None = None
    split: str | Mapping[str, str] | None = None
    where: str | None = None
    root: str | None = None
    extension: str | None = None
    on_missing: Literal["error", "skip"] = "error"
    separator: str | None = None
    columns: Sequence[str] | None = None

    @property
    def form(self) -> Format:
        """How a text table is written down."""
        return Format(separator=self.separator, columns=self.columns)
