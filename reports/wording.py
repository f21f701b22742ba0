"""Numbers in sentences."""


def counted(count: int, noun: str) -> str:
    """`1 frame`, `2 frames`; of nouns whose plural ends in s."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
