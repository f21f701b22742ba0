"""The card in this repository, and the pages that show it. Weights that are there need one."""

import hashlib
from pathlib import Path

import pytest

from reports.card.markdown import FULL, SHORT, curve_name, full_card, short_card
from reports.card.record import Card, card_file, read_card
from reports.card.weights import describe_weights

ROOT = Path(__file__).parents[3]
WEIGHTS = ROOT / "xmem/weights/xmem_tiny.safetensors"
PAGES = {ROOT / "README.md": SHORT, ROOT / "docs/xmem_tiny.md": FULL}


@pytest.fixture
def committed() -> Card:
    if not WEIGHTS.exists() and not card_file(WEIGHTS).exists():
        pytest.skip("neither weights nor a card are there yet")
    return read_card(card_file(WEIGHTS))


def test_the_card_is_of_the_weights_beside_it(committed: Card) -> None:
    assert committed.weights == describe_weights(WEIGHTS)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_has_one_place_for_the_card(path: Path) -> None:
    assert PAGES[path].place(path.read_text(encoding="utf-8"), "card")


def test_the_readme_shows_what_the_card_says(committed: Card) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert SHORT.place(page, short_card(committed)) == page, "run `make card`"


def test_the_page_of_the_network_shows_all_that_the_card_says(committed: Card) -> None:
    page = (ROOT / "docs/xmem_tiny.md").read_text(encoding="utf-8")
    assert FULL.place(page, full_card(committed)) == page, "run `make card`"


def test_pictures_of_training_and_its_logs_are_the_cards(committed: Card) -> None:
    for number, one in enumerate(committed.rounds, 1):
        picture = ROOT / "docs" / curve_name(committed.weights, number)
        assert hashlib.sha256(picture.read_bytes()).hexdigest() == one.curve_sha256
        assert hashlib.sha256(picture.with_suffix(".jsonl").read_bytes()).hexdigest() == one.log_sha256
