"""Where artworks come from and how they are divided: the targets of the config group `data`."""

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
    """What every source of artworks has.

    Args:
        split_seed: seed of the split, apart from the run's, so that runs share one test set.
        split_by: "label" gives all parts the same share of each raw label, as well as groups allow; "hash" leaves that
            to chance, and moves no artwork when others are added.
        folds: number of parts that take turns as the test split; None divides once, by `test_share`.
        fold: the part that is tested, from 0.
        test_share: share of the test split where there are no folds.
        validation_share: share of validation in what is not test.
        validation_folds: number of parts of what is not test that take turns as validation, for choices that are to
            be made without the test split; None divides once, by `validation_share`.
        validation_fold: the part that is validation, from 0.
        train_count: artworks to learn from, if not all; validation shrinks as much, the test split does not.
        train_seed: of their draw.
        near_duplicates: bits in which the 64-bit perceptual hashes of two pictures may differ for the pictures to
            stay in one part, as mirrored, turned, cropped and recoloured copies do; None looks for neither.
        no_group: names in the group column that are nobody, in any spelling.
        fit: how pictures that are not square become so.
        on_bad: whether an unreadable picture stops the run or is left out.
        only: "portraits" leaves out everything else; None keeps all.
        unlabelled: folder or table of pictures without labels, from which a head on stored features learns as well.
        unlabelled_rounds: at most so many rounds of that; each may take twice as many of them as the one before.
        unlabelled_confidence: least probability with which a class must be predicted to be taken for a label.
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
        """The artworks that `only` asks for, and that folds may test; those of nobody have no group."""
        table = self._foldable(self.known_groups(self.read(cache)))
        if self.only is None:
            return table
        from emotionart.data.persons.portraits import keep_portraits

        return keep_portraits(table)

    def _foldable(self, table: ArtworkTable) -> ArtworkTable:
        """The table, for folds without the test part of a split that the data bring, which stays untouched."""
        import numpy as np

        if self.folds is None or table.split is None:
            return table
        kept = np.flatnonzero((table.split.part != "test") & (table.split.part != ""))
        log.info("folds are made of the %d artworks that %s does not test; the others are left out", len(kept),
                 table.split.source)  # fmt: skip
        return replace(table, split=None).take(kept)

    def known_groups(self, table: ArtworkTable) -> ArtworkTable:
        """The table with one spelling of each group's name, and none where that is nobody's."""
        import numpy as np

        from emotionart.data.tables.names import fold_name, unify_names

        nobody = set(map(fold_name, self.no_group))
        known = ["" if fold_name(name) in nobody else name for name in unify_names(table.group)]
        freed = sum(name != "" and who == "" for name, who in zip(table.group, known, strict=True))
        if freed:
            log.info("%d artworks have no known artist (data.no_group); each counts alone", freed)
        return replace(table, group=np.array(known, dtype=object))

    @abstractmethod
    def read(self, cache: Path) -> ArtworkTable:
        """The table of artworks; what has to be made for it is kept under `cache`."""

    def examine(self, cache: Path) -> Examined:
        """The table of artworks, and what is wrong with it."""
        import numpy as np

        from emotionart.data.tables.table import Examined

        table = self.read(cache)
        return Examined(table, (), np.arange(1, len(table) + 1))

    def without_labels(self) -> Source:
        """The same artworks for what looks at no labels, which then need not be there."""
        return self

    def nothing_labelled(self) -> UserError:
        """The mistake of data of which no artwork has a label."""
        return UserError("No labelled artwork is left.", where="data, labels")

    def divide(self, table: ArtworkTable, id: NDArray[np.object_], cluster: NDArray[np.intp]) -> NDArray[np.object_]:
        """The part of each artwork, (n,): that of the split that the data bring, else of one by whole groups.

        "" stands for artworks that `train_count` leaves out.

        Args:
            table: of the n artworks.
            id, cluster: as `split_artworks` takes them.
        """
        from emotionart.data.tables.given_split import complete
        from emotionart.data.tables.labels import raw_labels
        from emotionart.data.tables.split import fold_positions, limit_training, split_artworks

        label = raw_labels(table, id) if self.split_by == "label" else None
        units, seed = (id, table.group, cluster), self.split_seed
        inner = self.validation_folds
        validation = fold_positions(self.validation_fold or 0, inner) if inner else (0.0, self.validation_share)
        if table.split is not None:
            part = complete(table.split.part, *units, seed, label=label, validation=validation, anew=bool(inner))
        else:
            test = fold_positions(self.fold or 0, self.folds) if self.folds else (0.0, self.test_share)
            part = split_artworks(*units, seed, label=label, test=test, validation=validation)
        if self.train_count is None:
            return part
        return limit_training(part, *units, self.train_count, self.train_seed, label=label)

    @property
    def shares(self) -> Mapping[str, float]:
        """The shares of test and validation in all artworks."""
        test = 1 / self.folds if self.folds else self.test_share
        validation = 1 / self.validation_folds if self.validation_folds else self.validation_share
        return {"validation": (1 - test) * validation, "test": test}


@dataclass(frozen=True, kw_only=True)
class Table(Source, Layout):
    """A table of the user's own; see `emotionart.data.tables.layouts.layout.Layout` for its columns."""

    path: str

    @property
    def layout(self) -> Layout:
        """What is said of its columns."""
        return Layout(**{item.name: getattr(self, item.name) for item in fields(Layout)})

    def examine(self, cache: Path) -> Examined:
        """The artworks of the table, and everything that is wrong with it."""
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
        """The same table; its labels, where it has some, only make the parts those that a classifier has."""
        from emotionart.data.tables.layouts.reading import has_labels

        labelled = replace(self, rows="votes")
        return labelled if has_labels(Path(self.path), self.layout) else replace(labelled, label=None, votes=None)


@dataclass(frozen=True, kw_only=True)
class Folder(Source):
    """A folder of pictures per class, or of such folders per part of a split; other pictures have no label.

    Args:
        path: of the folder.
        split: None takes folders called train and test for parts; "anew" does so and divides the pictures anew; "none"
            takes such folders for classes; a folder of lists, or a list for each part, divides as they say.
    """

    path: str
    split: str | Mapping[str, str] | None

    def read(self, cache: Path) -> ArtworkTable:
        """The pictures of the folder."""
        from emotionart.data.tables.layouts.folder import read_folder

        return read_folder(Path(self.path), self.split)

    def nothing_labelled(self) -> UserError:
        """The mistake of pictures that lie in no folder of a class."""
        from emotionart.data.tables.layouts.folder import table_beside

        beside = table_beside(Path(self.path))
        return UserError(
            "No labelled artwork is left: a picture's label is the folder that it lies in, and no picture lies in one.",
            where=self.path,
            fix=beside or "data=table data.path=labels.csv   or a folder for each class",
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
        """The gallery with these settings, painted the first time it is asked for."""
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
