"""`split.csv` is read as it was written, or called damaged."""

from pathlib import Path

import pytest

from emotionart.errors import UserError
from emotionart.run.folder import RunFolder
from emotionart.run.split import pictures_tested, read_split

HEADER = "id,image,group,class,part,unit"


def test_texts_stay_texts(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert pictures_tested(folder) == []
    folder.split.write_text(f"{HEADER}\nNA,01.png,,null,train,0\n1e3,2.png,Ann,NA,test,1\n")
    split = read_split(folder)
    assert split["id"].tolist() == ["NA", "1e3"]
    assert split["group"].tolist() == ["", "Ann"]
    assert split["unit"].tolist() == ["0", "1"]
    assert pictures_tested(folder) == [Path("2.png")]


def test_a_missing_split_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"This file of the run is missing") as caught:
        read_split(RunFolder(tmp_path))
    assert (caught.value.where, caught.value.fix) == (f"{tmp_path}/split.csv", "a complete copy of the run")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe,\n",
        b"id,image,group,class,part\na,a.png,,joy,test\n",
        f"{HEADER}\na,b,c,d,e,0,g\nh,,,,,,,,i\n".encode(),
    ],
    ids=["empty", "no text", "without units", "ragged"],
)
def test_a_damaged_split_is_called_so(tmp_path: Path, content: bytes) -> None:
    folder = RunFolder(tmp_path)
    folder.split.write_bytes(content)
    with pytest.raises(UserError, match="This file is damaged: "):
        read_split(folder)
