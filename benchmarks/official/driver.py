"""Asks the official package for its figures: a script that runs where nothing of ours can be imported.

driver.py DAVIS_ROOT MASKS ANSWER
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Write to ANSWER what the package says of every object, or which package it lacks."""
    root, masks, answer = sys.argv[1:]
    try:
        from davis2017.evaluation import DAVISEvaluation  # noqa: PLC0415
    except ModuleNotFoundError as error:
        Path(answer).write_text(json.dumps({"lacks": error.name}), encoding="utf-8")
        return
    found = DAVISEvaluation(davis_root=root, task="semi-supervised", gt_set="val").evaluate(masks)
    figures = {
        metric: {name: [float(value) for value in of[name]] for name in ("M", "R", "D")} for metric, of in found.items()
    }
    objects = list(found["J"]["M_per_object"])
    Path(answer).write_text(json.dumps({"objects": objects, **figures}), encoding="utf-8")


if __name__ == "__main__":
    main()
