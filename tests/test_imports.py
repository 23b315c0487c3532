"""What a run imports, as each library costs a part of the start; what scripts import, which no other test runs."""

import ast
import importlib.util
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


@pytest.mark.parametrize("folder", ["docs", "studies", "benchmarks"])
def test_scripts_import_names_that_the_package_has(folder: str) -> None:
    checked = 0
    for script in sorted((ROOT / folder).glob("*.py")):
        for node in ast.walk(ast.parse(script.read_text())):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("emotionart"):
                continue
            module = importlib.import_module(str(node.module))
            for name in (alias.name for alias in node.names):
                inside = hasattr(module, "__path__") and importlib.util.find_spec(f"{node.module}.{name}")
                known = hasattr(module, name) or inside
                assert known, f"{script.name}: {node.module} has no {name}"
                checked += 1
    assert checked


@pytest.mark.parametrize("folder", ["docs", "studies", "benchmarks"])
def test_scripts_with_arguments_answer_help_with_their_docstring(folder: str) -> None:
    scripts = {script.name: script.read_text() for script in (ROOT / folder).glob("*.py")}
    asking = {name: text for name, text in scripts.items() if "sys.argv" in text or "parse_args" in text}
    assert asking
    assert [name for name, text in asking.items() if "__doc__" not in text] == []
