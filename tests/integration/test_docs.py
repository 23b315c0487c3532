"""Every command of the README is carried out, on tiny data where it trains; in the slow set, of the docs, too."""

import itertools
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from emotionart.cli.main import main as emotionart
from emotionart.cli.main import parse
from emotionart.cli.sweep import main as sweep
from emotionart.cli.train import main as train
from emotionart.config.compose import compose, compose_sweep_with_errors
from emotionart.config.validate import check
from tests.conftest import ROOT
from tests.data.tables.importers import layouts
from tests.integration.test_pages import PAGES

COMMANDS = {
    "README.md": 22,
    "docs/your-own-pictures.md": 5,
    "docs/other-layouts.md": 4,
    "docs/transfer.md": 10,
    "docs/unlabelled.md": 1,
    "docs/data.md": 11,
    "docs/sweeps.md": 11,
    "docs/gan.md": 9,
    "docs/zero-shot.md": 3,
    "docs/features.md": 12,
    "docs/explain.md": 5,
    "docs/recolour.md": 5,
    "docs/your-own-network.md": 1,
    "docs/share.md": 3,
    "docs/tracking.md": 2,
    "docs/clusters.md": 2,
}
"""How many commands each page has, so that none is overlooked where a page is written otherwise."""

TINY = ["trainer.max_epochs=1", "logger=none", "trainer.threads=1", "figures=later"]
GALLERY = ["data.count=160", "data.picture_size=32"]


def commands(page: str | Path) -> list[str]:
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


def own_option(page: str, file: Path) -> str:
    """Writes the option of a config group that a page shows, and gives the override that finds it."""
    text = re.search(r"```yaml\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert text
    file.parent.mkdir()
    file.write_text(text[1])
    return f"hydra.searchpath=[{file.parents[1]}]"


def carry_out(line: str, cache: Path, *own: str) -> None:
    words = shlex.split(line)
    words += own if words[0] == "python" or "=mine" in line else []
    if words[0] == "make":
        subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, check=True, capture_output=True)
        return
    if words[:2] == ["emotionart", "tune"]:
        assert emotionart([*words[1:], *TINY, *GALLERY, f"cache={cache}"]) == 0
        return
    if words[0] == "emotionart":
        assert emotionart([word.replace("200", "5") for word in words[1:]]) == 0
        return
    if words[1] == "sweep.py":
        gallery = not {"--help", "sweep=study_table"} & {*words}
        tiny = [] if "--help" in words else [*TINY, *(GALLERY if gallery else [])]
        whole = {"sweep=results_table", "sweep=cross_validation", "sweep=study_table"} & {*words}
        tiny += ["dry_run=true"] if whole else []  # VGG-16 at 224 pixels: in the slow set
        tiny += ["seeds=[0]"] if "sweep=mine" in words else []
        assert sweep([*words[2:], *tiny, f"cache={cache}"]) == 0
        return
    assert words[:2] == ["python", "train.py"]
    extra = [] if "--help" in words else [*TINY, f"cache={cache}"]
    if not any(word.startswith("data=") for word in words) and extra:
        extra += GALLERY
        stored = any(word.startswith(("model=transfer", "model=cv_fc")) for word in words)
        extra += [] if stored else ["model.representation.size=16"]
    if "model=transfer" in words:
        extra += ["model.backbone.size=64", "model.backbone.weights=random"]
    if "model=transfer_joined" in words:
        extra += ["model.size=64", "model.each.weights=random"]
    if any(word.startswith(("model=gan", "experiment=quick_gan")) for word in words):
        extra += ["model.report_every=64", "generator.width=2", "discriminator.width=2"]
    if "debug=fast" in words:
        extra.remove("trainer.max_epochs=1")
    assert train([*words[2:], *extra]) == 0


def test_every_command_of_every_page_is_found() -> None:
    found = {page.relative_to(ROOT).as_posix(): len(commands(page.relative_to(ROOT))) for page in PAGES}
    assert {page: count for page, count in found.items() if count} == COMMANDS


@pytest.mark.parametrize("line", commands("README.md"))
def test_a_command_of_the_readme_works(line: str, in_studio: Path, cache: Path) -> None:
    shutil.rmtree("outputs", ignore_errors=True)
    carry_out(line, cache)
    if line.startswith("python train.py") and "--help" not in line:
        assert len(list(Path("outputs").rglob("result.json"))) == (6 if "-m" in line else 1)


DOCUMENTED = [(page, line) for page in COMMANDS if page != "README.md" for line in commands(page)]


@pytest.mark.parametrize(("page", "line"), DOCUMENTED, ids=[line[:60] for _, line in DOCUMENTED])
def test_a_command_of_the_docs_is_understood(
    page: str, line: str, in_studio: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(line)
    if "model=zero_shot" in words:
        pytest.importorskip("open_clip", reason="the extra clip is not installed")
    if words[0] == "emotionart":
        assert callable(parse(words[1:]).run)
    elif words[:2] == ["python", "train.py"]:
        mine = {"labels=mine": tmp_path / "labels/mine.yaml", "model=tiny": tmp_path / "model/tiny.yaml"}
        own = [own_option(page, file) for word, file in mine.items() if word in words]
        asked = [word for word in words[2:] if word not in ("-m", "--help")]
        jobs, mistakes = compose_sweep_with_errors([*asked, *own])
        assert jobs
        assert not [*mistakes, *(mistake for job in jobs for mistake in check(job))]
    else:
        assert words[0] == "make" or words[1] in ("sweep.py", "-m") or Path(ROOT / words[1]).exists()


@pytest.mark.slow
def test_your_own_pictures(in_studio: Path, cache: Path, tmp_path: Path) -> None:
    lines = commands("docs/your-own-pictures.md")
    own = own_option("docs/your-own-pictures.md", tmp_path / "labels/mine.yaml")
    for line in lines:
        carry_out(line, cache, own)


def test_another_layout(in_studio: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/other-layouts.md").read_text(), re.DOTALL)
    names = [path.relative_to("pictures").as_posix() for path in Path("pictures").glob("*/*.png")]
    said = [["joy", "awe"], ["joy"], ["sadness"]]
    works = [
        {"file": name, "artist": f"artist {index}", "answers": said[index % 2 :]} for index, name in enumerate(names)
    ]
    Path("answers.json").write_text(json.dumps(works))
    said_by = [f"pictures/{name},{name.split('/')[0]},joy,sadness" for name in names]
    Path("annotators.csv").write_text("\n".join(["image,annotator_1,annotator_2,annotator_3", *said_by]))
    people = [",".join([f"day {n}", *(name.split("/")[0] if n else "joy" for name in names)]) for n in range(3)]
    Path("form.csv").write_text("\n".join([",".join(["Timestamp", *(f"pictures/{name}" for name in names)]), *people]))
    for code in blocks:
        exec(compile(code, "docs/other-layouts.md", "exec"), {})
    for line in commands("docs/other-layouts.md"):
        carry_out(line, cache)
    assert "works.csv: labels are votes of people" in capsys.readouterr().out


def test_your_own_network_in_three_steps(in_studio: Path, cache: Path, tmp_path: Path) -> None:
    own = own_option("docs/your-own-network.md", tmp_path / "model/tiny.yaml")
    (line,) = commands("docs/your-own-network.md")
    carry_out(line, cache, own)


@pytest.mark.slow
def test_transfer_learning(in_studio: Path, cache: Path) -> None:
    lines = commands("docs/transfer.md")
    for line in lines:
        carry_out(line if "cache" not in line else f"{line} --cache {cache}", cache)


@pytest.mark.slow
def test_from_a_pile_of_art_to_a_data_set(in_studio: Path, cache: Path) -> None:
    seen = layouts.write_all(in_studio, sorted(in_studio.glob("pictures/*/*.png")))
    lines = commands("docs/data.md")
    for line in lines:
        carry_out(line, cache)
    for table in ("wikiart.csv", "artemis.parquet", "artphoto.csv", "abstract.csv", "studio.csv", "curated.csv"):
        assert (in_studio / table).exists()
    assert seen == {"wikiart-emotions", "wikiart", "artphoto", "abstract"}


@pytest.mark.slow
def test_sweeps(in_studio: Path, cache: Path, tmp_path: Path) -> None:
    lines = commands("docs/sweeps.md")
    own = own_option("docs/sweeps.md", tmp_path / "sweep/mine.yaml")
    for line in lines:
        carry_out(line, cache, own)
    assert len(list(Path("outputs/sweeps/mine").glob("*/result.json"))) == 4


@pytest.mark.slow
def test_the_studys_table(tmp_path: Path, cache: Path) -> None:
    small = [*TINY, "data.count=110", "data.picture_size=32", "seeds=[0]", "augment=none"]
    assert sweep(["sweep=results_table", f"folder={tmp_path}", *small, f"cache={cache}"]) == 0
    assert len(list(tmp_path.glob("results_table/*/result.json"))) == 7


def test_what_wandbs_sweep_can_ask_for_composes() -> None:
    parameters = yaml.safe_load((ROOT / "docs/wandb-sweep.yaml").read_text())["parameters"]
    ends = [
        [
            f"{key}={value}"
            for value in given.get("values") or [given[end] for end in ("value", "min", "max") if end in given]
        ]
        for key, given in parameters.items()
    ]
    asked = list(itertools.product(*ends))
    assert len(asked) == 6
    assert not [mistake for overrides in asked for mistake in check(compose(overrides))]


@pytest.mark.slow
def test_gans(in_studio: Path, cache: Path) -> None:
    lines = commands("docs/gan.md")
    for line in lines:
        carry_out(line, cache)


@pytest.mark.slow
def test_features(in_studio: Path, cache: Path) -> None:
    lines = commands("docs/features.md")
    for line in lines:
        carry_out(line, cache)
    assert {path.name for path in in_studio.glob("*") if path.suffix in (".csv", ".parquet", ".png")} >= {
        "art.csv",
        "rich.parquet",
        "explained.png",
    }


@pytest.mark.slow
def test_recolouring(in_studio: Path, cache: Path) -> None:
    shutil.rmtree("art", ignore_errors=True)  # another page makes one, too
    for line in commands("docs/recolour.md"):
        carry_out(line, cache)
    assert "p(neutral)" in Path("sad/table.csv").read_text().splitlines()[0]


@pytest.mark.slow
def test_explanations(in_studio: Path, cache: Path) -> None:
    lines = commands("docs/explain.md")
    for line in lines:
        carry_out(line if line.startswith("python") else line.replace("outputs/pooled", "outputs/pooled --n 4"), cache)
    assert len(list(Path("outputs").rglob("explain/*/gallery.html"))) == 4


@pytest.mark.slow
def test_sharing(in_studio: Path, cache: Path) -> None:
    for line in commands("docs/share.md"):
        carry_out(line, cache)
    assert (in_studio / "shared.onnx").stat().st_size > 10_000
