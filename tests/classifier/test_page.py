"""The cards of a run's page."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from emotionart.classifier.evaluation.page import classifier_sections
from emotionart.classifier.evaluation.tested import load_tested
from emotionart.run.folder import RunFolder
from emotionart.run.page import Picture

Run = tuple[Path, dict]


def size_of(card: Picture) -> tuple[int, int]:
    with Image.open(io.BytesIO(base64.b64decode(card.source.partition(",")[2]))) as picture:
        return picture.size


@pytest.fixture(scope="module")
def cards(done_run: Run, tmp_path_factory: pytest.TempPathFactory) -> list[Picture]:
    """Of a run whose files are wide pictures now; that of its worst mistake is gone."""
    folder, _ = done_run
    tested = load_tested(RunFolder(folder))
    wide = tmp_path_factory.mktemp("files") / "wide.png"
    Image.new("RGB", (800, 400), "red").save(wide)
    image = tested.artworks.image.copy()
    image[:] = str(wide)
    predictions = tested.predictions.of_part("test")
    wrong = predictions.predicted != predictions.label
    worst = predictions.id[wrong][predictions.probabilities[wrong].max(axis=1).argmax()]
    image[tested.artworks.id == worst] = str(wide.with_name("gone.png"))
    sections = classifier_sections(RunFolder(folder), tested.result, replace(tested.artworks, image=image), predictions)
    return list(next(one for one in sections if one.title == "The most confident mistakes").cards)


def test_mistakes_are_shown_from_their_files_at_their_own_aspect(cards: list[Picture]) -> None:
    assert len(cards) > 1
    assert {size_of(card) for card in cards[1:]} == {(256, 128)}


def test_a_missing_file_is_replaced_by_the_networks_view_and_says_so(cards: list[Picture]) -> None:
    assert size_of(cards[0]) == (16, 16)
    assert "the network's view" in cards[0].caption[-1]
    assert not any("the network's view" in line for card in cards[1:] for line in card.caption)
