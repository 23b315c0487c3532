import numpy as np
import pytest
from omegaconf import DictConfig, OmegaConf

from emotionart.config.compose import compose
from emotionart.errors import UserError
from emotionart.run.augmentation import build_augmentation


def transforms(*targets: dict) -> DictConfig:
    return OmegaConf.create({"augment": {"random": list(targets)}})


@pytest.mark.parametrize(
    ("transform", "says", "fix"),
    [
        (
            {"_target_": "albumentations.Normalize"},
            "Normalize makes float32 of shape (16, 16, 3)",
            "normalises by itself",
        ),
        ({"_target_": "albumentations.ToFloat"}, "ToFloat makes float32", "whole numbers from 0 to 255"),
        (
            {"_target_": "albumentations.Resize", "height": 8, "width": 8},
            "Resize makes uint8 of shape (8, 8, 3)",
            "size",
        ),
        ({"_target_": "albumentations.CenterCrop", "height": 8, "width": 8}, "CenterCrop makes", "leave it out"),
        ({"_target_": "albumentations.pytorch.ToTensorV2"}, "ToTensorV2 makes torch.uint8", "pictures become tensors"),
        ({"_target_": "torchvision.transforms.ColorJitter"}, "ColorJitter cannot change a picture", "albumentations"),
        ({"_target_": "albumentations.Normalize", "p": 0.01}, "Normalize makes float32", "normalises by itself"),
    ],
)
def test_what_does_not_give_the_picture_back_is_refused_with_what_to_do(transform: dict, says: str, fix: str) -> None:
    flip = {"_target_": "albumentations.HorizontalFlip"}
    with pytest.raises(UserError) as refused:
        build_augmentation(transforms(flip, transform), 16)
    message = str(refused.value)
    assert says in message
    assert "augment.random[1]" in message
    assert fix in message


def test_what_hides_within_another_transform_is_found() -> None:
    one_of = {"_target_": "albumentations.OneOf", "transforms": [{"_target_": "albumentations.Normalize"}], "p": 0.01}
    with pytest.raises(UserError, match="OneOf makes float32"):
        build_augmentation(transforms(one_of), 16)


@pytest.mark.parametrize("resolved", [False, True], ids=["of the command", "of a run's folder"])
def test_the_shipped_ones_are_accepted_and_change_pictures(resolved: bool) -> None:
    config = compose(["model=transfer", "model.backbone.name=squeezenet1_0", "augment=random"]).config
    change = build_augmentation(OmegaConf.create(OmegaConf.to_container(config, resolve=resolved)), 16)
    assert change is not None
    change.set_random_seed(1)  # type: ignore[attr-defined]
    picture = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    found = change(image=picture)["image"]
    assert found.shape == picture.shape
    assert (found != picture).any()
    assert build_augmentation(compose([]).config, 16) is None
