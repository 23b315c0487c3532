"""`predictions.csv` comes back as it was written, whatever the classes are called."""

from pathlib import Path

import numpy as np
import pytest

from emotionart.errors import UserError
from emotionart.run.predictions import Predictions


def test_predictions_come_back_and_are_written_as_csv_writes_them(tmp_path: Path) -> None:
    cells = {
        "id": ["a,b", "NA", 'say "so"'],
        "image": ["art/a.png", "NA", "=b.png"],
        "part": ["train", "test", "test"],
        "label": ["NA", "null", "$x$"],
        "predicted": ["null", "null", "NA"],
    }
    probabilities = np.array([[0.25, 0.7500004, 1e-7], [1 / 3, 1 / 3, 1 / 3], [1, 0, 0]])
    written = Predictions(
        **{name: np.array(values, dtype=object) for name, values in cells.items()},
        probabilities=probabilities,
        classes=("NA", "null", "$x$"),
    )
    file = tmp_path / "predictions.csv"
    written.write(file)
    assert file.read_text().splitlines() == [
        "id,image,part,class,predicted,p(NA),p(null),p($x$)",
        '"a,b",art/a.png,train,NA,null,0.25,0.75,1e-07',
        "NA,NA,test,null,null,0.333333,0.333333,0.333333",
        '"say ""so""",=b.png,test,$x$,NA,1,0,0',
    ]
    read = Predictions.read(file)
    assert read.classes == written.classes
    for name in cells:
        assert getattr(read, name).tolist() == cells[name]
    np.testing.assert_allclose(read.probabilities, probabilities, rtol=1e-5)
    assert read.of_part("test").id.tolist() == ["NA", 'say "so"']
    file.write_text("id,part,class,predicted,p(x)\na,test,x,x,1\n")
    with pytest.raises(UserError, match="This file is damaged: 'image'"):
        Predictions.read(file)
