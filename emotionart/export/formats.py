"""File formats of exported networks, and their metadata."""

from __future__ import annotations

import importlib
import json
import logging
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.export import Dim, ExportedProgram

from emotionart.errors import UserError

Format = Literal["onnx", "torch"]
Answer = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

INPUT, OUTPUT, ABOUT = "pictures", "probabilities", "about.json"
"""Names of a file's input and output, and of the metadata in a torch file."""
_EXAMPLE = (2, 48, 56, 3)  # distinct sizes other than 1: tracing treats equal ones as the same and 1 as constant


def trace(network: nn.Module) -> ExportedProgram:
    """A network traced to a graph for batches of any number of pictures of any size."""
    sizes = ({0: Dim.DYNAMIC, 1: Dim.DYNAMIC, 2: Dim.DYNAMIC},)
    example = (torch.zeros(_EXAMPLE, dtype=torch.uint8),)
    return torch.export.export(network, example, dynamic_shapes=sizes)


def write(program: ExportedProgram, kind: Format, about: Mapping[str, str], file: Path) -> None:
    """Writes a graph and its metadata.

    Raises:
        UserError: if the format needs a package that is not installed.
    """
    if kind == "torch":
        with file.open("wb") as target:
            torch.export.save(program, target, extra_files={ABOUT: json.dumps(about, ensure_ascii=False)})
        return
    require_packages(kind)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names that become unused by its own rewriting
        exported: Any = torch.onnx.export(
            program, input_names=[INPUT], output_names=[OUTPUT], external_data=False, verbose=False
        )
    exported.model.metadata_props.update(about)
    exported.save(file)


def require_packages(kind: Format) -> None:
    """Checks, before anything is computed, that the packages that a format needs are installed.

    Raises:
        UserError: if one is missing.
    """
    needed = ("onnx", "onnxscript", "onnxruntime") if kind == "onnx" else ()
    for name in needed:
        try:
            importlib.import_module(name)
        except ImportError:
            raise UserError(
                f"ONNX files need the package {name}, which is not installed.",
                where=f"--to {kind}",
                fix="pip install 'emotionart[export]'   or --to torch",
            ) from None


def read(kind: Format, file: Path) -> Answer:
    """A function from pictures (B, H, W, 3) to a file's probabilities, which uses only onnxruntime or torch."""
    if kind == "torch":
        with file.open("rb") as source:
            module = torch.export.load(source).module()
        return lambda pictures: module(torch.from_numpy(pictures)).numpy()
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return lambda pictures: session.run([OUTPUT], {INPUT: pictures})[0]
