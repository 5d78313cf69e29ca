"""What tests share."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def rscript() -> str:
    """The path of an Rscript that has metafor; skips without one, or fails where everything is required."""
    path = shutil.which("Rscript")
    probe = (
        "quit(status = !all(sapply(c('metafor', 'metadat', 'jsonlite'), requireNamespace, quietly = TRUE)))"
    )
    if path and subprocess.run([path, "-e", probe], capture_output=True).returncode == 0:
        return path
    reason = "Rscript with metafor, metadat and jsonlite is absent, so the reference was not recomputed"
    if os.environ.get("TAPREV_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
