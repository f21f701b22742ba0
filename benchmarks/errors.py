"""The exceptions that mean: the user can mend this."""


class InputError(ValueError):
    """Something the user gave is not as expected.

    The message names the file or option, what was expected, what was found and what to do; entry points print it as
    one line and exit with status 2. Anything else that escapes is a bug and keeps its traceback.
    """


class MismatchError(InputError):
    """One place that does not hold what it should; in parts, for those who collect what is wrong and do not stop.

    Args:
        place: the file or folder.
        expected: what should be there.
        found: what is.
        remedy: what to do.
    """

    def __init__(self, place: str, *, expected: str, found: str, remedy: str) -> None:
        super().__init__(f"{place}: expected {expected}, found {found}; {remedy}")
        self.place = place
        self.expected = expected
        self.found = found
        self.remedy = remedy
