from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets import open_dataset
from benchmarks.errors import InputError
from evaluators import ScoringProtocol

DAVIS_2017 = DatasetConfig(
    name="davis17_val",
    title="DAVIS 2017 validation",
    layout=Layout.DAVIS_2017,
    root="DAVIS",
    scoring=ScoringProtocol.DAVIS_2017,
)
IMAGES = Path("DAVIS/2017/trainval/JPEGImages/480p")
MASKS = Path("DAVIS/2017/trainval/Annotations/480p")


def fingerprint(data: Path, *, names: tuple[str, ...] | None = None) -> str:
    return open_dataset(DAVIS_2017, data=data, size=480, names=names).fingerprint()


def repaint(path: Path) -> None:
    with Image.open(path) as image:
        pixels = image.copy()
    pixels.putpixel((40, 40), 1 if pixels.mode != "RGB" else (255, 0, 0))
    pixels.save(path)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def rename_everywhere(data: Path, old: str, new: str) -> None:
    for path in sorted(data.rglob(f"dog/{old}.*")):
        path.rename(path.with_stem(new))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a frame of another length": lambda data: lengthen(data / IMAGES / "dog/00003.jpg"),
    "a frame of another name": lambda data: rename_everywhere(data, "00005", "00006"),
    "another first mask": lambda data: repaint(data / MASKS / "dog/00000.png"),
    "the other sequence alone": lambda data: (data / "DAVIS/2017/trainval/ImageSets/2017/val.txt").write_text("cow\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_model_is_given_changes_the_fingerprint(davis_2017: Path, change: str) -> None:
    before = fingerprint(davis_2017)
    CHANGES[change](davis_2017)
    assert fingerprint(davis_2017) != before


def test_how_a_sequence_is_prompted_and_written_changes_the_fingerprint(davis_2017: Path) -> None:
    dataset = open_dataset(DAVIS_2017, data=davis_2017, size=480, names=("dog",))
    (dog,) = dataset.sequences
    ways = (
        dog,
        replace(dog, single_object=True),
        replace(dog, void=None),
        replace(dog, written=frozenset({"00001"})),
        replace(dog, written_like=None),
        replace(dog, written_like=dog.frames[0]),
    )
    assert len({replace(dataset, sequences=(one,)).fingerprint() for one in ways}) == len(ways)


def test_truth_that_is_only_scored_does_not_change_the_fingerprint(davis_2017: Path) -> None:
    before = fingerprint(davis_2017)
    repaint(davis_2017 / MASKS / "dog/00003.png")
    assert fingerprint(davis_2017) == before


def test_the_fingerprint_does_not_depend_on_where_the_dataset_lies(davis_2017: Path) -> None:
    before = fingerprint(davis_2017)
    assert fingerprint(davis_2017.rename(davis_2017.with_name("elsewhere"))) == before


def test_fewer_sequences_have_another_fingerprint(davis_2017: Path) -> None:
    assert len({fingerprint(davis_2017, names=names) for names in (None, ("cow",), ("dog",))}) == 3


def test_a_link_to_nowhere_is_an_error_that_names_it(davis_2017: Path) -> None:
    path = davis_2017 / IMAGES / "dog/00003.jpg"
    path.unlink()
    path.symlink_to(davis_2017 / "unmounted/00003.jpg")
    with pytest.raises(InputError, match=f"^{path}: expected a file of sequence dog, cannot read it: No such file"):
        fingerprint(davis_2017)
