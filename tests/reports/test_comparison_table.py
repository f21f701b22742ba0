import dataclasses

import pytest

from evaluators import DatasetScore, OverallScore
from reports.comparison import Agreement, PairedFigure, compare_scores
from reports.comparison_table import comparison_table, signed


def agreement_of(name: str, equal: int, *, unpaired: int = 0) -> Agreement:
    return Agreement(
        name=name,
        frames=2,
        unpaired=unpaired,
        pixels=1_000_000,
        equal_pixels=equal,
        first_difference=None if equal == 1_000_000 else "00001",
    )


AGREEMENTS = (agreement_of("cow", 1_000_000), agreement_of("dog", 999_999, unpaired=1))


def test_without_truth_the_table_says_where_masks_agree() -> None:
    # Rounded down: 100 % would hide the one pixel.
    assert comparison_table(AGREEMENTS, None) == (
        "| sequence   |   frames |   equal pixels |   differ from |\n"
        "|:-----------|---------:|---------------:|--------------:|\n"
        "| cow        |        2 |       100.00 % |             - |\n"
        "| dog        |   2 of 3 |        99.99 % |         00001 |\n"
        "| **all**    |   4 of 5 |        99.99 % |     in 1 of 2 |"
    )


def test_with_truth_it_says_which_scores_better_as_well(scores: DatasetScore) -> None:
    comparison = compare_scores(scores, scores)
    worse = comparison.sequences[1]
    figure = PairedFigure(first=worse.j_and_f.first, second=0.625)
    changed = type(comparison)(
        objects=comparison.objects,
        sequences=(comparison.sequences[0], type(worse)(name="dog", objects=2, j_and_f=figure)),
        j_and_f=comparison.j_and_f,
        j=comparison.j,
        f=comparison.f,
        g=None,
    )
    assert comparison_table(AGREEMENTS, changed).splitlines() == [
        "| sequence   |   objects |   J&F of A |   J&F of B |   A - B |   frames |   equal pixels |   differ from |",
        "|:-----------|----------:|-----------:|-----------:|--------:|---------:|---------------:|--------------:|",
        "| cow        |         1 |       85.0 |       85.0 |     0.0 |        2 |       100.00 % |             - |",
        "| dog        |         2 |       50.0 |       62.5 |   -12.5 |   2 of 3 |        99.99 % |         00001 |",
        "| **all**    |         3 |       61.7 |       61.7 |     0.0 |   4 of 5 |        99.99 % |     in 1 of 2 |",
        "",
        "A scores better in 0 and B in 1 of 2 sequences. B gains most in dog (+12.5).",
    ]


def test_a_sequence_that_was_not_scored_has_a_row_all_the_same(scores: DatasetScore) -> None:
    comparison = compare_scores(scores, scores)
    table = comparison_table((*AGREEMENTS, agreement_of("emu", 0)), comparison)
    assert "| emu        |         - |          - |          - |       - |        2 |         0.00 % |" in table


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.0, "0.0"), (-0.0, "0.0"), (0.0004, "0.0"), (-0.0004, "0.0"), (0.25, "+25.0"), (-1.0, "-100.0")],
)
def test_a_difference_has_its_sign_unless_it_is_none(fraction: float, text: str) -> None:
    assert signed(fraction) == text


def test_where_g_is_the_headline_it_is_compared_too(scores: DatasetScore, local_g: OverallScore) -> None:
    one = dataclasses.replace(scores, overall=local_g)
    other = dataclasses.replace(scores, overall=dataclasses.replace(local_g, g=0.625))
    line = "G (local): 50.0 of A, 62.5 of B, A - B -12.5. local: computed here, from the truth at hand"
    assert line in comparison_table(AGREEMENTS, compare_scores(one, other))
    lacking = dataclasses.replace(scores, overall=dataclasses.replace(local_g, g=None, reason="nothing was seen"))
    assert "G (local)" not in comparison_table(AGREEMENTS, compare_scores(one, lacking))
