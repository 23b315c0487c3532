"""Every command of the README and of the docs is carried out, on tiny data where it trains."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.app.cli import main as emotionart
from emotionart.experiment.command import main as train
from tests.conftest import ROOT

TINY = ["trainer.max_epochs=1", "logger=none", "trainer.threads=1"]


def commands(page: str) -> list[str]:
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a user's: tables, pictures, a grouping and a network of their own."""
    folder = tmp_path_factory.mktemp("studio")
    generator = np.random.default_rng(0)
    rows, votes, counts = ["image,label,artist,tags"], ["image,label"], ["image,joy,sadness"]
    for number in range(60):
        label = ("joy", "sadness")[number % 2]
        path = folder / "pictures" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (24, 24, 3), dtype=np.uint8)).save(path)
        name = path.relative_to(folder)
        rows.append(f"{name},{label},artist {number // 2},portrait;oil")
        votes += [f"{name},{label}", f"{name},joy"]
        counts.append(f"{name},{number % 3},2")
    for name, lines in (("labels", rows), ("votes", votes), ("counts", counts)):
        (folder / f"{name}.csv").write_text("\n".join(lines))
    code = re.search(r"```python\n(.*?)```", (ROOT / "docs/your-own-network.md").read_text(), re.DOTALL)
    assert code
    (folder / "my_networks.py").write_text(code[1])
    return folder


@pytest.fixture
def in_studio(studio: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Path:
    monkeypatch.chdir(studio)
    monkeypatch.syspath_prepend(studio)
    return studio


def own_option(page: str, file: Path) -> None:
    text = re.search(r"```yaml\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert text
    file.write_text(text[1])


def carry_out(line: str, cache: Path) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, check=True, capture_output=True)
        return
    if words[0] == "emotionart":
        assert emotionart([word.replace("200", "5") for word in words[1:]]) == 0
        return
    assert words[:2] == ["python", "train.py"]
    extra = [] if "--help" in words else [*TINY, f"cache={cache}"]
    if not any(word.startswith("data=") for word in words) and extra:
        extra += ["data.count=160", "data.picture_size=32"]
        stored = any(word.startswith(("model=transfer", "model=cv_fc")) for word in words)
        extra += [] if stored else ["model.representation.size=16"]
    if "model=transfer" in words:
        extra += ["model.backbone.size=64", "model.backbone.weights=random"]
    if "debug=fast" in words:
        extra.remove("trainer.max_epochs=1")
    assert train([*words[2:], *extra]) == 0


@pytest.mark.parametrize("line", commands("README.md"))
def test_a_command_of_the_readme_works(line: str, in_studio: Path, cache: Path) -> None:
    shutil.rmtree("outputs", ignore_errors=True)
    carry_out(line, cache)
    if line.startswith("python") and "--help" not in line:
        assert len(list(Path("outputs").rglob("result.json"))) == (6 if "-m" in line else 1)


def test_the_readme_has_the_commands_that_were_counted() -> None:
    assert len(commands("README.md")) == 16


def test_your_own_pictures(in_studio: Path, cache: Path) -> None:
    lines = commands("docs/your-own-pictures.md")
    assert len(lines) == 5
    mine = ROOT / "conf/labels/mine.yaml"
    own_option("docs/your-own-pictures.md", mine)
    try:
        for line in lines:
            carry_out(line, cache)
    finally:
        mine.unlink()


def test_your_own_network_in_three_steps(in_studio: Path, cache: Path) -> None:
    tiny = ROOT / "conf/model/tiny.yaml"
    own_option("docs/your-own-network.md", tiny)
    try:
        (line,) = commands("docs/your-own-network.md")
        carry_out(line, cache)
    finally:
        tiny.unlink()


def test_transfer_learning(in_studio: Path, cache: Path) -> None:
    lines = commands("docs/transfer.md")
    assert len(lines) == 8
    for line in lines:
        carry_out(line if "cache" not in line else f"{line} --cache {cache}", cache)


def test_links_between_pages_lead_somewhere() -> None:
    checked = 0
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert target.startswith("http") or (page.parent / target).exists(), (page.name, target)
            checked += 1
    assert checked >= 10


def test_every_page_that_a_figure_needs_is_there() -> None:
    python = re.findall(
        r"python (benchmarks/\S+|docs/\S+)\b", "".join(p.read_text() for p in (ROOT / "docs").glob("*.md"))
    )
    assert python
    assert all((ROOT / name).exists() for name in python)
