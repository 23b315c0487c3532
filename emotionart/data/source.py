"""Sources of artworks and how they are split: the targets of the config group `data`."""

from __future__ import annotations

import hashlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from emotionart.data.pictures.fit import Fit
from emotionart.data.tables.annotation import Annotation  # noqa: F401 - validation reads the hints of `Layout` here
from emotionart.data.tables.layouts.layout import Layout
from emotionart.errors import UserError
from emotionart.ranges import Count, Seed, Share, Side, SplitShare

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from emotionart.data.tables.table import ArtworkTable, Examined


log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Source(ABC):
    """Base class of sources of artworks, with the settings that all of them share.

    Args:
        split_seed: seed of the split, separate from the run's seed, so that runs share one test set.
        split_by: "label" stratifies the parts by raw label as far as groups allow; "hash" splits at random, and adding
            artworks moves none of the others.
        folds: number of cross-validation folds that take turns as the test split; None splits once, by `test_share`.
        fold: number of the test fold, from 0.
        test_share: fraction of artworks in the test split if there are no folds.
        validation_share: fraction of the artworks outside the test split that go to validation.
        validation_folds: number of folds of the artworks outside the test split that take turns as validation, for
            choices to be made without the test split; None splits once, by `validation_share`.
        validation_fold: number of the validation fold, from 0.
        train_count: number of training artworks, if not all; validation shrinks in proportion, the test split does not.
        train_seed: seed of their selection.
        near_duplicates: maximum number of differing bits between the 64-bit perceptual hashes of two pictures that are
            kept in one part, as are mirrored, rotated, cropped and recoloured copies; None ignores duplicates.
        no_group: names in the group column that stand for an unknown artist, in any spelling.
        fit: how to make pictures square.
        on_bad: whether an unreadable picture stops the run ("error") or is left out ("skip").
        only: "portraits" leaves out all other artworks; None keeps all.
        unlabelled: folder or table of unlabelled pictures from which a head on stored features learns as well.
        unlabelled_rounds: maximum number of pseudo-labelling rounds; each may use twice as many pictures as the one
            before.
        unlabelled_confidence: minimum predicted probability of a class to become a pseudo-label.
    """

    split_seed: Seed
    split_by: Literal["label", "hash"]
    folds: Annotated[int, Field(ge=2, le=100)] | None
    fold: Annotated[int, Field(ge=0, le=99)] | None
    test_share: SplitShare
    validation_share: SplitShare
    validation_folds: Annotated[int, Field(ge=2, le=100)] | None
    validation_fold: Annotated[int, Field(ge=0, le=99)] | None
    train_count: Count | None
    train_seed: Seed
    near_duplicates: Annotated[int, Field(ge=0, le=31)] | None
    no_group: Sequence[str]
    fit: Fit
    on_bad: Literal["error", "skip"]
    only: Literal["portraits"] | None
    unlabelled: str | None = None
    unlabelled_rounds: Annotated[int, Field(ge=1, le=20)] = 5
    unlabelled_confidence: Share = 0.5

    def artworks(self, cache: Path) -> ArtworkTable:
        """The artworks selected by `only` and usable for folds, with unified groups; "" for unknown artists."""
        table = self.foldable(self.known_groups(self.read(cache)))
        if self.only is None:
            return table
        from emotionart.data.persons.portraits import keep_portraits

        return keep_portraits(table)

    def foldable(self, table: ArtworkTable) -> ArtworkTable:
        """The table; with folds, without the test part of a split that comes with the data, which stays unused.

        Raises:
            UserError: if nothing is left for folds.
        """
        import numpy as np

        if self.folds is None or table.split is None:
            return table
        kept = np.flatnonzero((table.split.part != "test") & (table.split.part != ""))
        if not len(kept):
            raise UserError(
                f"Folds are made of what the given split does not test, which is nothing: {table.split.source}.",
                where="data.folds, data.split",
                fix="data.split=anew   to make folds of all artworks",
            )
        log.info("folds are made of the %d artworks that %s does not test; the others are left out", len(kept),
                 table.split.source)  # fmt: skip
        return replace(table, split=None).take(kept)

    def known_groups(self, table: ArtworkTable) -> ArtworkTable:
        """The table with one spelling of each group's name, and "" for unknown artists."""
        import numpy as np

        from emotionart.data.tables.names import fold_name, unify_names

        nobody = set(map(fold_name, self.no_group))
        groups = ["" if fold_name(name) in nobody else name for name in unify_names(table.group)]
        freed = sum(name != "" and who == "" for name, who in zip(table.group, groups, strict=True))
        if freed:
            log.info("%d artworks have no known artist (data.no_group); each counts alone", freed)
        return replace(table, group=np.array(groups, dtype=object))

    def leave_out(self, labels: Sequence[str]) -> str:
        """How to leave out the artworks with these labels, or votes for them; "" if no option does."""
        return ""

    def find_other_labels(self) -> str:
        """What gives the artworks more than one label."""
        return "another column of labels"

    @abstractmethod
    def read(self, cache: Path) -> ArtworkTable:
        """The table of artworks; files made for it are stored under `cache`."""

    def examine(self, cache: Path) -> Examined:
        """The table of artworks and its mistakes."""
        import numpy as np

        from emotionart.data.tables.table import Examined

        table = self.read(cache)
        return Examined(table, (), np.arange(1, len(table) + 1))

    def without_labels(self) -> Source:
        """The same source for uses without labels, which then may be missing."""
        return self

    def nothing_labelled(self) -> UserError:
        """The error for data without any labelled artwork."""
        return UserError("No labelled artwork is left.", where="data, labels")

    def divide(self, table: ArtworkTable, id: NDArray[np.object_], cluster: NDArray[np.intp]) -> NDArray[np.object_]:
        """(n,) part of each artwork: from the split that comes with the data, or else from a split by whole groups.

        Artworks left out by `train_count` have the part "".

        Args:
            table: table of the n artworks.
            id, cluster: as for `SplitKeys`.
        """
        from emotionart.data.tables.labels import raw_labels
        from emotionart.data.tables.splits.given import complete
        from emotionart.data.tables.splits.split import fold_positions, limit_training, split_artworks
        from emotionart.data.tables.splits.units import SplitKeys

        label = raw_labels(table, id) if self.split_by == "label" else None
        keys, seed = SplitKeys(id, table.group, cluster), self.split_seed
        inner = self.validation_folds
        validation = fold_positions(self.validation_fold or 0, inner) if inner else (0.0, self.validation_share)
        if table.split is not None:
            part = complete(table.split, keys, seed, label=label, validation=validation, anew=bool(inner))
        else:
            test = fold_positions(self.fold or 0, self.folds) if self.folds else (0.0, self.test_share)
            part = split_artworks(keys, seed, label=label, test=test, validation=validation)
        if self.train_count is None:
            return part
        return limit_training(part, keys, self.train_count, self.train_seed, label=label)

    @property
    def shares(self) -> Mapping[str, float] | None:
        """Fractions of all artworks in test and validation; None if `train_count` changes them."""
        if self.train_count is not None:
            return None
        test = 1 / self.folds if self.folds else self.test_share
        validation = 1 / self.validation_folds if self.validation_folds else self.validation_share
        return {"validation": (1 - test) * validation, "test": test}


@dataclass(frozen=True, kw_only=True)
class Table(Source, Layout):
    """The user's table; see `emotionart.data.tables.layouts.layout.Layout` for its columns."""

    path: str

    @property
    def layout(self) -> Layout:
        """The settings of the table's layout."""
        return Layout(**{item.name: getattr(self, item.name) for item in fields(Layout)})

    def leave_out(self, labels: Sequence[str]) -> str:
        """A filter of rows, or the other columns of votes."""
        from emotionart.data.tables.meaning.missing_codes import without_words
        from emotionart.data.tables.votes import fold
        from emotionart.quoting import override_list

        if self.votes is None and self.label is not None and self.label_separator is None:
            return without_words(self.label, labels) or ""
        if self.votes is None or isinstance(self.votes, str):
            return ""
        return override_list("data.votes", [name for name in self.votes if fold(name) not in labels])

    def examine(self, cache: Path) -> Examined:
        """The artworks of the table and all its mistakes."""
        from emotionart.data.tables.layouts.reading import examine_table

        return examine_table(Path(self.path), self.layout, cache / "embedded")

    def read(self, cache: Path) -> ArtworkTable:
        """The artworks of the table."""
        from emotionart.errors import raise_together

        examined = self.examine(cache)
        raise_together(examined.mistakes)
        assert examined.table is not None
        return examined.table

    def without_labels(self) -> Source:
        """The same table; labels, if any, only serve to make the same split as for a classifier."""
        from emotionart.data.tables.layouts.reading import has_labels

        labelled = replace(self, rows="votes")
        return labelled if has_labels(Path(self.path), self.layout) else replace(labelled, label=None, votes=None)


@dataclass(frozen=True, kw_only=True)
class Folder(Source):
    """A folder of pictures with one folder per class, or per part of a split and class; other pictures have no label.

    Args:
        path: path of the folder.
        split: None treats folders called train and test as parts; "anew" does so too, but makes a new split; "none"
            treats such folders as classes; a folder of lists, or a list for each part, gives the split.
    """

    path: str
    split: str | Mapping[str, str] | None

    def read(self, cache: Path) -> ArtworkTable:
        """The pictures of the folder."""
        from emotionart.data.tables.layouts.folder import read_folder

        return read_folder(Path(self.path), self.split)

    def find_other_labels(self) -> str:
        """The table in the folder, or next to it, or made of the pictures' names, or a folder for each class."""
        from emotionart.data.tables.layouts.folder import import_by_names, table_above, table_beside

        path = Path(self.path)
        return (
            table_beside(path)
            or table_above(path)
            or import_by_names(path)
            or "data=table data.path=labels.csv   or a folder for each class"
        )

    def leave_out(self, labels: Sequence[str]) -> str:
        """What no option does, but the file system."""
        return "move their folders elsewhere"

    def nothing_labelled(self) -> UserError:
        """The error for pictures that are not in class folders."""
        return UserError(
            "No labelled artwork is left: a picture's label is the folder that it lies in, and no picture lies in one.",
            where=self.path,
            fix=self.find_other_labels(),
        )


@dataclass(frozen=True, kw_only=True)
class Gallery(Source):
    """The built-in procedural paintings; see `GallerySettings`."""

    count: Annotated[int, Field(ge=10, le=10_000_000)]
    gallery_seed: Seed
    global_cues: Share
    local_cues: Share
    annotators: Count
    picture_size: Side

    def read(self, cache: Path) -> ArtworkTable:
        """The gallery with these settings, painted on first use."""
        from emotionart.data.gallery.gallery import GallerySettings, read_gallery, write_gallery

        settings = GallerySettings(
            count=self.count,
            seed=self.gallery_seed,
            global_cues=self.global_cues,
            local_cues=self.local_cues,
            annotators=self.annotators,
            size=self.picture_size,
        )
        digest = hashlib.blake2b(repr(settings).encode(), digest_size=6).hexdigest()
        folder = cache / "gallery" / f"{self.count}-{digest}"
        write_gallery(folder, settings)
        return read_gallery(folder)
