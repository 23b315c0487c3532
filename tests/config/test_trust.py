import hashlib
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from emotionart.config.groups import CONF
from emotionart.config.instantiate import instantiate
from emotionart.config.trust import own_sources, read_config, targets
from emotionart.errors import UserError

HEAD = {"_target_": "emotionart.networks.heads.FullyConnectedHead", "_partial_": True, "hidden": [2], "dropout": 0.0}

NETWORK = """
from torch import nn
class Own(nn.Module):
    pass
class Other:
    pass
def make():
    return Own()
from torch.nn import Linear
"""


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "joblib.load",
        "pandas.read_pickle",
        "torch.hub.load",
        "torch.load",
        "builtins.eval",
        "hydra.utils.instantiate",
        "emotionart.files.write_text",
        "emotionart.files.shutil.rmtree",
        "emotionart.networks.heads.nn.Linear",
        "emotionart.networks.heads.Standardise",
        "torch.nn.init.zeros_",
        "torch.nn.modules.linear.Linear",
        "torch.nn.Parameter",
        "torch.optim.swa_utils.AveragedModel",
        "torch.nn..Linear",
        "torch",
        "",
        "${evil}",
        "${oc.decode:'${evil}'}",
        "\\${evil}",
        "os.${name}",
    ],
)
@pytest.mark.parametrize("place", ["top", "nested", "listed"])
def test_nothing_but_harmless_classes_is_created(target: str, place: str, tmp_path: Path) -> None:
    node: dict[str, Any] = {"_target_": target}
    model = {
        "top": node,
        "nested": {**HEAD, "hidden": node},
        "listed": {"_target_": "torch.nn.Sequential", "_args_": [node]},
    }
    config = {"model": model[place], "evil": "os.system", "name": "system"}
    with pytest.raises(UserError, match=r"names code that is not|is damaged"):
        read_config(config, ("model",), folder=tmp_path)


def test_what_predicting_needs_and_no_more_is_kept(tmp_path: Path) -> None:
    config = {"model": {"network": HEAD}, "optimizer": {"_target_": "os.system"}, "seed": "${width}", "width": 3}
    kept = read_config(config, ("model", "seed", "absent"), folder=tmp_path)
    assert kept == {"model": {"network": HEAD}, "seed": 3}
    layers = {
        "_target_": "torch.nn.Sequential",
        "_args_": [{"_target_": "torch.nn.Linear", "in_features": 2, "out_features": 1}],
    }
    network = instantiate(read_config({"model": layers}, ("model",), folder=tmp_path).model)
    assert isinstance(network[0], nn.Linear)


def test_every_class_that_the_shipped_configuration_names_is_allowed(tmp_path: Path) -> None:
    import yaml

    for file in CONF.rglob("*.yaml"):
        for name in targets(yaml.safe_load(file.read_text())):
            # Sampling needs no discriminator, and so nothing that it looks through.
            if name.startswith(("emotionart.", "torch.")) and name != "emotionart.gan.frozen.load_pyramid":
                read_config({"model": {"_target_": name}}, ("model",), folder=tmp_path)


def test_trust_lets_everything_in_and_names_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        kept = read_config({"model": {"_target_": "math.sqrt", "_args_": [4]}}, ("model",), folder=tmp_path, trust=True)
    assert "math.sqrt" in caplog.text
    assert instantiate(kept.model) == 2


def test_an_own_network_loads_while_its_file_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tmp_path / "outputs" / "run"
    run.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "own_network_of_a_test.py"
    file.write_text(NETWORK)
    config = {"model": {"_target_": "own_network_of_a_test.Own"}}
    sources = own_sources(config)
    assert sources == {"own_network_of_a_test": hashlib.sha256(file.read_bytes()).hexdigest()}

    def load(config: Any, sources: dict[str, str], folder: Path = run) -> Any:
        return instantiate(read_config(config, ("model",), folder=folder, sources=sources).model)

    monkeypatch.syspath_prepend(tmp_path)  # as `python -m` does
    path = sys.path[:]
    assert isinstance(load(config, sources), nn.Module)
    assert sys.path == path
    for name in ("Other", "make", "Linear", "Missing"):
        with pytest.raises(UserError, match="no network"):
            load({"model": {"_target_": f"own_network_of_a_test.{name}"}}, sources)
    with pytest.raises(UserError, match="unknown"):
        load(config, {})
    with pytest.raises(UserError, match="not in the working folder"):
        load(config, sources, tmp_path)
    (run / "evil.py").write_text(NETWORK)
    monkeypatch.setattr("sys.modules", {**__import__("sys").modules})
    evil = {"model": {"_target_": "outputs.run.evil.Own"}}
    with pytest.raises(UserError, match="not in the working folder"):
        load(evil, own_sources(evil))
    file.write_text(NETWORK + "\n")
    with pytest.raises(UserError, match="has changed"):
        load(config, sources)
