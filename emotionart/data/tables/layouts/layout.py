"""The user's description of a table: its columns and its format."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from emotionart.data.tables.annotation import Annotation
from emotionart.data.tables.formats.delimited import Format
from emotionart.errors import UserError
from emotionart.quoting import override


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of a table of artworks.

    Args:
        image: column of picture paths, or of names that `root` and `extension` complete to paths.
        label: column of labels, or of a measured number for `labels=quantiles`; None for artworks without labels.
        votes: columns with the number of votes for the label that each is named after, or a pattern of such columns
            with a star in place of the label ("votes:*"); replaces `label`.
        rows: whether several rows of one picture are votes ("votes"), or must agree ("artworks").
        weight: column with the weight of each row: a number of votes, or a share of them.
        label_separator: separator of several labels in a cell; None if a cell holds one.
        several_labels: whether each label in a cell is a vote ("votes"), only the first counts ("first"), or the whole
            cell is one label ("one").
        annotation: meaning of the numbers of a label; None infers it from the numbers.
        tags: column of tags, separated by ";".
        title: column of titles, shown with the pictures; None for the only one called "title" or "name_of_work".
        group: column of groups that the split keeps together (the artist).
        id: column of unique names of the artworks.
        split: column of "train", "validation" and "test" in their usual spellings, or the column of pictures if folders
            in its paths are called so; or a folder of lists, or a list for each part; "anew" makes a new split, as does
            None unless the table is a folder of parts.
        where: expression over the columns, as for pandas' `DataFrame.query`; other rows are left out.
        root: folder of the pictures, relative to the table's or the working folder; None for the table's folder.
        extension: ending that is missing from the names of pictures.
        on_missing: whether a missing picture stops the run ("error") or is left out ("skip").
        separator: separator of fields in a text table, a backslash and "t" for a tab; None detects comma, semicolon or
            tab.
        columns: names of the columns if they are not in the first line.
    """

    image: str = "image"
    label: str | None = "label"
    votes: Sequence[str] | str | None = None
    rows: Literal["artworks", "votes"] = "artworks"
    weight: str | None = None
    label_separator: Annotated[str, Field(min_length=1)] | None = None
    several_labels: Literal["votes", "first", "one"] = "votes"
    annotation: Annotation | None = None
    tags: str | None = None
    title: str | None = None
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
        """The format of a text table.

        Raises:
            UserError: for a separator of several characters.
        """
        separator = "\t" if self.separator == r"\t" else self.separator
        if separator and len(separator) > 1:
            turned = f"sep={re.escape(separator)!r}, engine='python').to_csv('labels.csv', index=False)"
            raise UserError(
                f"Fields are separated by one character, not by {separator!r}.",
                where=override("data.separator", separator),
                fix=r"""'data.separator="\t"'   for tabs""" + f"   or pd.read_csv(TABLE, {turned}   in Python",
            )
        return Format(separator=separator, columns=self.columns)
