"""Files in every published layout, byte for byte in its quirks."""

import shutil
from collections.abc import Sequence
from pathlib import Path

EMOTIONS = (
    *("agreeableness", "anger", "anticipation", "arrogance", "disagreeableness", "disgust", "fear", "gratitude"),
    *("happiness", "humility", "love", "optimism", "pessimism", "regret", "sadness", "shame", "shyness", "surprise"),
    *("trust", "neutral"),
)
ARTEMIS_EMOTIONS = ("amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness")
BLOCKS = ("Art (image+title)", "ImageOnly", "TitleOnly")
MIKELS = ("Amusement", "Anger", "Awe", "Content", "Disgust", "Excitement", "Fear", "Sad")


def pictures(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"picture")
    return folder


def wikiart(path: Path, rows: list[tuple[list[str], dict[str, str]]], *, urls: bool = False) -> Path:
    about = ["ID", "Style", "Category", "Artist", "Title", "Year"]
    about += ["Image URL", "Painting Info URL", "Artist Info URL"] if urls else []
    about += ["Is painting", "Face/body", "Ave. art rating"]
    columns = [*about, *(f"{block}: {emotion}" for block in BLOCKS for emotion in EMOTIONS)]
    lines = ["\t".join(columns)]
    for cells, votes in rows:
        cells = [*cells[:6], *(["http://a", "http://b", "http://c"] if urls else []), *cells[6:]]
        lines.append("\t".join([*cells, *(votes.get(name, "0.0") for name in columns[len(about) :])]))
    path.write_bytes("\r\n".join([*lines, ",,,,,,", ",,,", ""]).encode())
    return path


VENUS = [
    "5772",
    "Pop Art",
    "Modern Art",
    "Bouguereau &amp; Son",
    'The "Birth" of Venus',
    "XV cent.",
    "yes",
    "body",
    "1.5",
]
CAT = ["57727a", "Pop Art, Neo-Dada", "Modern Art", "Anna;Bo", '"Caf&#233; ""Cat"""', "1906-1907", "yes", "none", "0"]


ARTEMIS = (
    "art_style,painting,emotion,utterance,repetition\r\n"
    'Post_Impressionism,vincent-van-gogh_the-starry-night-1889,awe,"It glows, and ""turns""",6\r\n'
    'Post_Impressionism,vincent-van-gogh_the-starry-night-1889,something else,"two\nlines",6\r\n'
    "Realism,vincent-van-gogh_the-starry-night-1889,fear,dark,5\r\n"
    "Post_Impressionism,vincent-van-gogh_the-starry-night-1889,Awe,calm,6\r\n"
    ",,,,\r\n,,\r\n"
)


def abstract(path: Path, *lines: str) -> Path:
    header = ",".join(["''", *(f"'{name}'" for name in MIKELS)])
    path.write_bytes("\r\n".join([header, *lines, ",,,,,,,,", ",,,,,", ""]).encode())
    return path


def write_all(folder: Path, files: Sequence[Path]) -> set[str]:
    """Small sets in the four published layouts, with these pictures under the names they want; their folders."""
    names = {
        "wikiart-emotions": [f"{number}.jpg" for number in range(len(files))],
        "wikiart": [f"Realism/ann_work-{number}-1889.jpg" for number in range(len(files))],
        "artphoto": [f"{('sad', 'awe')[number % 2]}_{number:04}.jpg" for number in range(len(files))],
        "abstract": [f"abstract_{number:04}.jpg" for number in range(len(files))],
    }
    for home, wanted in names.items():
        for file, name in zip(files, wanted, strict=True):
            (folder / home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / home / name)
    rows = [([str(number), *VENUS[1:]], {"ImageOnly: love": "0.6"}) for number in range(len(files))]
    wikiart(folder / "WikiArt-Emotions-All.tsv", rows)
    lines = ["art_style,painting,emotion,utterance,repetition"]
    lines += [
        f"Realism,ann_work-{number}-1889,{emotion},words,2"
        for number in range(len(files))
        for emotion in ("awe", "fear")
    ]
    (folder / "artemis_dataset.csv").write_text("\n".join(lines))
    votes = ("5,0,0,0,0,0,0,1", "0,0,4,0,0,2,0,0", "0,1,0,0,0,0,3,0")
    abstract(
        folder / "ABSTRACT_groundTruth.csv", *(f"'{name}',{votes[n % 3]}" for n, name in enumerate(names["abstract"]))
    )
    return set(names)
