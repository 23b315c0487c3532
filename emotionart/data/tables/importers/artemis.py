"""ArtEmis (Achlioptas et al. 2021): a row a vote, of which every artwork has at least five."""

from __future__ import annotations

from pathlib import Path

from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.delimited import Format
from emotionart.data.tables.importers.imported import VOTES, Imported, find_column, pictures_beside, report_lines


def read_artemis(source: Path, pictures: Path | None) -> Imported:
    """The artworks of ArtEmis, each with the histogram of its votes.

    A painting's name alone does not tell it apart: the same one occurs under several styles. The artist is what
    stands before the first underscore of the name.

    Args:
        source: `artemis_dataset_release_v0.csv` or one like it.
        pictures: folder of `<art_style>/<painting>.jpg`; None takes the file's own.

    Raises:
        UserError: for a column that is missing.
    """
    import pandas as pd

    frame = read_cells(source, Format(padded=False, separator=","))
    style, painting, emotion = (find_column(frame, name, source) for name in ("art_style", "painting", "emotion"))
    broken = (frame[[style, painting, emotion]] == "").any(axis=1)
    report_lines(frame.index[broken].tolist(), "name no painting or no emotion and are left out", source)
    frame = frame[~broken]
    image = frame[style] + "/" + frame[painting] + ".jpg"
    votes = pd.crosstab(image, frame[emotion].str.casefold())
    first = frame.loc[~image.duplicated()]
    found = pd.DataFrame(
        {
            "image": image[first.index],
            "title": first[painting].str.partition("_")[2].str.replace("-", " "),
            "artist": first[painting].str.partition("_")[0].str.replace("-", " "),
            "tags": first[style].str.replace("_", " "),
        }
    )
    found = found.join(votes.add_prefix(VOTES), on="image")
    return Imported(found, pictures_beside(source, pictures), "artemis")
