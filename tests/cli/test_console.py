import logging

import pytest

from emotionart.cli.console import log_to_console


def test_a_warning_that_cells_repeat_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    with log_to_console():
        for _ in range(2):
            logging.getLogger("emotionart.inputs.pretrained").warning("these features are random")
            logging.getLogger("emotionart.sweeps.job").info("a cell is done")
    told = capsys.readouterr().out
    assert told.count("these features are random") == 1
    assert told.count("a cell is done") == 2
