"""How the size of an image is written in a message or a table."""


def size_text(size: tuple[int, ...]) -> str:
    """WIDTHxHEIGHT, as people write resolutions (854x480), of what arrays call (height, width)."""
    height, width = size
    return f"{width}x{height}"
