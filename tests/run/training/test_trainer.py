from pathlib import Path

import pytest
from pytorch_lightning.demos.boring_classes import BoringModel

from emotionart.config.compose import compose
from emotionart.errors import UserError
from emotionart.run.folder import RunFolder
from emotionart.run.training.trainer import build_trainer, fit_module


def test_nothing_is_said_of_frozen_parts(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    model = BoringModel()
    model.layer.eval()
    config = compose(["logger=none", "trainer.accelerator=cpu"]).config
    build_trainer(config, RunFolder(tmp_path), [], lambda _: [], max_epochs=1, limit_train_batches=1).fit(model)
    assert not [warning for warning in recwarn if "eval mode" in str(warning.message)]


def test_settings_that_do_not_fit_the_data_are_a_mistake(tmp_path: Path) -> None:
    config, folder = compose(["logger=none", "trainer.accelerator=cpu"]).config, RunFolder(tmp_path)
    trainer = build_trainer(config, folder, [], lambda _: [], max_epochs=1, limit_train_batches=0.001)
    with pytest.raises(UserError, match=r"0\.001 \* 64 < 1"):
        fit_module(trainer, BoringModel(), None, folder)
