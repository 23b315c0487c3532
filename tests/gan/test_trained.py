import numpy as np

from emotionart.gan.trained import findings
from emotionart.statistics.image_quality import classification_report


def test_a_judge_that_always_sees_the_same_class_is_right_by_chance() -> None:
    probabilities = np.tile([0.9, 0.1], (10, 1))
    report = classification_report(probabilities, ["joy", "fear"], np.arange(10) // 7)
    result = {
        "generator": "cnn", "discriminator": "cnn", "images": 100, "pictures": {"train": 10},
        "monitor": {"state": "healthy", "told": [], "grace": 0},
        "metrics": dict.fromkeys(("gan/sign_real", "gan/sign_heldout", "gan/sign_fake"), 0.0),
        "judged": {"judge": "net", **report, "recall_on_real": {"all": 0.5, "joy": 1.0, "fear": 0.0}},
    }  # fmt: skip
    assert "it sees the requested class in 70% (chance 70%)" in findings(result)[-1]
