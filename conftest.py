"""Settings for pytest that pyproject.toml cannot express; tests and notebooks share them."""

import os
from pathlib import Path

SANITIZE = Path(__file__).parent / "tests" / "sanitize.cfg"


def pytest_configure(config):
    # The saved outputs come from a CPU; kernels inherit this variable.
    os.environ.setdefault("PYTORCH_IN_PRACTICE_DEVICE", "cpu")
    # nbval looks for the file from the working folder, which need not be this one.
    if not config.option.nbval_sanitize_with:
        config.option.nbval_sanitize_with = str(SANITIZE)
