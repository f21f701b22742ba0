import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from pycocotools import mask as coco

from benchmarks.mask_sources.rle import decode_counts, encode_counts

# pycocotools 2.0.11 decodes in a way that NumPy 2 deprecates.
OLD_DECODER = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

MASKS = npst.arrays(np.bool_, npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40))
CODES = "".join(map(chr, range(48, 112)))


def text_of(*runs: int) -> str:
    """Run lengths as pycocotools writes them."""
    return coco.frPyObjects({"size": [1, sum(runs)], "counts": list(runs)}, 1, sum(runs))["counts"].decode()


@given(mask=MASKS)
@example(mask=np.zeros((3, 4), np.bool_))
@example(mask=np.ones((3, 4), np.bool_))
def test_a_mask_survives_encoding_and_decoding(mask: np.ndarray) -> None:
    height, width = mask.shape
    decoded = decode_counts(encode_counts(mask), height=height, width=width)
    assert decoded.dtype == np.bool_
    assert np.array_equal(decoded, mask)


@OLD_DECODER
@given(mask=MASKS)
def test_pycocotools_reads_what_is_written(mask: np.ndarray) -> None:
    assert np.array_equal(coco.decode({"size": list(mask.shape), "counts": encode_counts(mask).encode()}), mask)


@OLD_DECODER
@given(runs=st.lists(st.integers(0, 5000), min_size=1, max_size=30).filter(any))
@example(runs=[0, 12])
@example(runs=[100_000, 1, 70_000, 300_000, 2, 1])
def test_any_run_lengths_of_pycocotools_are_read_as_it_reads_them(runs: list[int]) -> None:
    # Over a hundred thousand and back to 1 takes differences of every sign and of several characters.
    size = (1, sum(runs))
    expected = coco.decode({"size": list(size), "counts": text_of(*runs).encode()})
    assert np.array_equal(decode_counts(text_of(*runs), height=size[0], width=size[1]), expected)


def test_runs_go_down_the_columns_and_begin_with_background() -> None:
    assert decode_counts("213", height=2, width=3).tolist() == [[False, True, False], [False, False, False]]
    assert decode_counts("06", height=2, width=3).all()


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ("", "expected runs that fill 3x2 pixels, found 0 instead of 6"),
        ("5", "found 5 instead of 6"),
        ("7", r"expected runs of 0\.\.6 pixels, found 7\.\.7"),
        ("333", "found 9 instead of 6"),
        ("O7", r"expected runs of 0\.\.6 pixels, found -1\.\.7"),
        ("210N", r"expected runs of 0\.\.6 pixels, found -1\.\.2"),
        ("P", "expected whole run lengths, found the last of them cut short"),
        ("6P", "expected whole run lengths, found the last of them cut short"),
        ("oooooooo6", "expected run lengths of at most 7 characters, found 9"),
        ("oooooo?", r"expected runs of 0\.\.6 pixels, found 17179869183"),
        ("0" * 50, "expected at most 7 runs in 3x2 pixels, found 50 characters"),
        ("6 ", r"expected run lengths in the characters 0 to o, found '6 '"),
        ("6/", "expected run lengths in the characters 0 to o"),
        ("6p", "expected run lengths in the characters 0 to o"),
        ("6\x00", "expected run lengths in the characters 0 to o"),
        ("6é", r"found '6\\xe9'"),
        ("6\ud800", r"found '6\\ud800'"),
    ],
)
def test_runs_that_are_none_or_do_not_fill_the_image_are_refused(counts: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode_counts(counts, height=2, width=3)


@OLD_DECODER
@given(counts=st.text(CODES, max_size=40) | st.text(max_size=10))
def test_whatever_the_text_it_is_a_mask_or_refused(counts: str) -> None:
    reason, mask = "", None
    try:
        mask = decode_counts(counts, height=5, width=7)
    except ValueError as refusal:
        reason = str(refusal)
    # Ours, not one of NumPy's or of an encoding; what is accepted is safe to be given to pycocotools.
    assert reason.startswith("expected ") or np.array_equal(
        mask, coco.decode({"size": [5, 7], "counts": counts.encode()})
    )
