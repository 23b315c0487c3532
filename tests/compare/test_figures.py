from dataclasses import replace

from emotionart.compare.classifiers.differences import find_differences
from emotionart.compare.classifiers.table import Table
from emotionart.compare.figures import table_figure
from tests.compare.classifiers.test_differences import ARTWORKS, draw, row


def test_letters_and_asterisks_are_explained_in_the_figure_that_has_them() -> None:
    good, bad = row("good", draw(2, 0.8, 0)), row("bad", draw(2, 0.1, 1))
    for rows, letters, asterisk in (
        ((good, bad), True, False),
        ((replace(good, random_features=True), bad), True, True),
        ((good, row("like it", draw(2, 0.8, 2))), False, False),
    ):
        figure = table_figure(Table(rows, find_differences(rows), None, 0.8, 0.9, ARTWORKS, None))
        told = figure.get_supxlabel()
        assert ("rows without a common one differ" in told) == letters
        assert ("* on random features" in told) == asterisk
        assert any(text.get_text().endswith("*") for text in figure.axes[0].get_yticklabels()) == asterisk
