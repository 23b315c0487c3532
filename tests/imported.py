"""What every run imports, for the process that the tests' commands are forked from."""

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
