import subprocess
import sys
from pathlib import Path

import evaluators

ROOT = Path(__file__).parents[2]


def test_the_public_names_are_these() -> None:
    assert evaluators.__all__ == [
        "DatasetScore",
        "FramePair",
        "ListedObject",
        "ObjectScore",
        "OverallScore",
        "ScoringError",
        "ScoringProtocol",
        "SequenceScore",
        "Statistics",
        "Throughput",
        "boundary_f",
        "boundary_map",
        "jaccard",
        "overall",
        "score_sequence",
        "statistics",
        "summarise_durations",
        "summarise_sequences",
    ]
    assert all(hasattr(evaluators, name) for name in evaluators.__all__)


def test_importing_needs_nothing_but_numpy_and_jaxtyping() -> None:
    program = (
        "import sys, evaluators; "
        "print(*{'torch', 'PIL', 'hydra', 'cv2', 'scipy', 'xmem', 'benchmarks', 'reports'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
