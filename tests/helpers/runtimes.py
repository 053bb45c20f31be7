"""What runs a model where the tests run: without torch, half of the runtimes and of the devices."""

from importlib.util import find_spec

RUNTIMES = ("onnx", "torch") if find_spec("torch") else ("onnx",)
RANKING_DEVICES = ("cpu", "cpu:0") if find_spec("torch") else ("cpu",)  # the second is one of torch's

# Tests, from the folder `tests`, of what is made of torch: they are collected only where it is installed.
OF_TORCH = (
    "*_in_torch.py",
    "e2e/test_training.py",
    "unit/models/torch",
    "unit/trainer/bundled",
    "unit/trainer/cli/test_commands.py",
    "unit/trainer/cli/test_train.py",
    "unit/trainer/data/test_loader.py",
    "unit/trainer/evaluate/test_calibrate.py",
    "unit/trainer/evaluate/test_class_texts.py",
    "unit/trainer/evaluate/test_embed.py",
    "unit/trainer/evaluate/test_features.py",
    "unit/trainer/evaluate/test_measure.py",
    "unit/trainer/evaluate/test_zero_shot.py",
    "unit/trainer/losses",
    "unit/trainer/models",
    "unit/trainer/publish",
    "unit/trainer/recipes",
    "unit/trainer/report",
    "unit/trainer/run",
    "unit/trainer/test_one_preprocessing.py",
    "unit/trainer/test_recipe.py",
)
