"""What a run imports: each library costs every command that loads it a part of its start."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
def test_a_run_without_a_backbone_loads_no_library_that_only_others_need() -> None:
    unwanted = ("timm", "wandb", "ultralytics", "gradio", "captum", "optuna")
    told = f"import sys, emotionart.pipeline; print([name for name in {unwanted} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
