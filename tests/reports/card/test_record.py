"""The file of a card."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reports.card.record import Card, CardError, card_bytes, card_file, read_card


def test_a_card_is_read_as_it_was_written(card: Card, tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_bytes(card_bytes(card))
    assert read_card(path) == card
    assert path.read_bytes().endswith(b"}\n")


def test_a_card_lies_beside_its_weights() -> None:
    assert card_file(Path("xmem/weights/xmem_tiny.safetensors")) == Path("xmem/weights/xmem_tiny.json")


def test_a_card_that_is_not_there_is_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"x\.json: expected a card, cannot read it: No such file.*again, with --log$"):
        read_card(tmp_path / "x.json")


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-3],
        lambda content: content.replace(b'"parameters"', b'"size"'),
        lambda _: b"",
        lambda _: b"[]",
        lambda _: b'{"schema": "1"}',
        lambda content: content.replace(b"A CPU", b"\xff"),
    ],
)
def test_a_damaged_card_is_refused(card: Card, damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(damage(card_bytes(card)))
    with pytest.raises(CardError, match=r"x\.json: expected a card, found a damaged or foreign file .*with --log$"):
        read_card(path)


def test_a_card_of_another_schema_is_refused_before_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"schema": 3}')
    with pytest.raises(CardError, match=r"x\.json: expected a card of schema 2, found 3; make the card again"):
        read_card(path)
