"""Apps on the real JavaScript SDK: programs that are started with JSON and answer with JSON."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.folders import ROOT
from local.node import find_node

HERE = Path(__file__).parent


def findings(
    program: str,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 180,
    **scene: Any,
) -> Any:
    """Run a program of this folder in a scene, and return what it found."""
    ended = subprocess.run(
        [str(find_node()), str(HERE / program), json.dumps(scene)],
        cwd=ROOT,
        env=os.environ | dict(environment or {}) | {"NODE_NO_WARNINGS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )

    assert 0 == ended.returncode, ended.stderr
    return json.loads(ended.stdout)
