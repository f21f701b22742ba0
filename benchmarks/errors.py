"""The one exception that means: the user can mend this."""


class InputError(ValueError):
    """Something the user gave is not as expected.

    The message names the file or option, what was expected, what was found and what to do; entry points print it as
    one line and exit with status 2. Anything else that escapes is a bug and keeps its traceback.
    """
