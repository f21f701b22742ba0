"""The one exception that means: the masks given cannot be scored."""


class ScoringError(ValueError):
    """Masks or scores are not what the protocol needs.

    The message is one line for the user: it names the sequence, the frame and the label where there is one, what was
    expected and what to do.
    """
