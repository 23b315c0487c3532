"""What every run imports, and prepares once, for the process that the tests' commands are forked from."""

import gc
from importlib import import_module

for name in (
    "hydra.main",
    "emotionart.cli.resume",
    "emotionart.cli.sweep",
    "emotionart.cli.train",
    "emotionart.config.compose",
    "emotionart.config.checks.rehearse",
    "emotionart.data.datamodule",
    "emotionart.explain.explain",
    "emotionart.pipeline",
    "emotionart.run.sharing.card",
    "emotionart.sweeps.launch",
    "matplotlib.backends.backend_agg",
    "sklearn.linear_model",
    "timm",
    "torchmetrics.image",
    "torchvision.models",
    "wandb.analytics.opentelemetry.opentelemetry_proxy",
    "wandb.sdk.launch",
    "wandb.sdk.wandb_init",
):
    import_module(name)

from emotionart.config.compose import compose  # noqa: E402
from emotionart.config.validate import check  # noqa: E402

assert check(compose([])) == []  # plugins are found, grammars and types are built
gc.collect()
gc.freeze()  # or the first collection in each fork would copy all that is shared
