"""A card on its two pages."""

from dataclasses import replace

from reports.card.markdown import FULL, SHORT, curve_name, full_card, short_card
from reports.card.record import Card


def test_in_short_a_run_is_a_row_and_training_is_a_sentence(card: Card) -> None:
    assert short_card(card) == (
        "| dataset     |   sequences |   J&F |    J |    F |             settings |   device |\n"
        "|:------------|------------:|------:|-----:|-----:|---------------------:|---------:|\n"
        "| davis16_val |     2 of 20 |  65.0 | 60.0 | 70.0 | fp32, 480p, top_k_20 |    A GPU |\n"
        "\n"
        "Trained on drawn video alone: 8,000 iterations, 64,000 clips, 1.9 hours on A CPU, A GPU. "
        "1,234,567 parameters, 2.3 MB."
    )


def test_in_full_there_is_every_sequence(card: Card) -> None:
    table = (
        "### davis16_val, fp32, 480p, top_k_20, on A GPU\n"
        "\n"
        "| sequence   |   objects |   J&F |    J |    F |\n"
        "|:-----------|----------:|------:|-----:|-----:|\n"
        "| cow        |         1 |  85.0 | 80.0 | 90.0 |\n"
        "| dog        |         2 |  55.0 | 50.0 | 60.0 |\n"
        "| **all**    |         3 |  65.0 | 60.0 | 70.0 |\n"
        "\n"
        "- 2 of 20 sequences. J&F, J and F in percent: means over objects.\n"
        "- Not the whole dataset: 2 of 20 sequences were run.\n"
        f"- Run `{'a' * 64}`, by commit `0123abc`."
    )
    assert full_card(card).endswith(table)


def test_in_full_there_is_the_file_and_how_it_was_trained_with_a_picture(card: Card) -> None:
    assert full_card(card).startswith(
        "### File\n"
        "\n"
        "- `xmem_tiny.safetensors`: 1,234,567 parameters, 2.3 MB.\n"
        "- Kept after iteration 7,500: held-out J&F 81.2.\n"
        f"- SHA-256 `{'b' * 64}`\n"
        "\n"
        "### Training\n"
        "\n"
        "- Trained on drawn video alone: 8,000 iterations, 64,000 clips, 1.9 hours on A CPU, A GPU.\n"
        "- 2 sessions, the first on 2026-11-27T12:00:00+00:00; torch 2.13.0, seed 3.\n"
        "- By commit `0123abc`.\n"
        "- Best on held-out clips after 7,500 iterations: J&F 75.0, J 70.0, F 80.0.\n"
        f"- SHA-256 of the log `{'c' * 64}`\n"
        "\n"
        "![Loss and held-out J&F over the iterations of training](xmem_tiny_training_1.svg)\n"
    )
    assert curve_name(card.weights, 2) == "xmem_tiny_training_2.svg"


def test_training_that_did_not_come_to_its_end_says_so(card: Card) -> None:
    unfinished = replace(card, rounds=(replace(card.rounds[0], planned=9000),))
    assert "\n- Not finished: 9,000 iterations were planned.\n" in full_card(unfinished)


def test_without_held_out_scores_there_is_no_best(card: Card) -> None:
    assert "Best on" not in full_card(replace(card, rounds=(replace(card.rounds[0], best=None),)))


def test_code_that_is_no_commit_does_not_pass_for_one(card: Card) -> None:
    (run,) = card.measured
    changed = replace(card, measured=(replace(run, modified=True),))
    assert "by commit `0123abc` with uncommitted changes." in full_card(changed)
    outside = replace(card, measured=(replace(run, commit=None, modified=None),))
    assert "by code outside a checkout." in full_card(outside)


def test_one_page_may_have_both(card: Card) -> None:
    page = f"{SHORT.begin}\n{SHORT.end}\n{FULL.begin}\n{FULL.end}\n"
    placed = FULL.place(SHORT.place(page, short_card(card)), full_card(card))
    assert SHORT.place(placed, short_card(card)) == placed
