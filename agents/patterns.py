"""Regular expressions written by admins and tool authors, searched in text written by a model. Pure.

`re` cannot be interrupted: `(a|a)*$` freezes the whole program on thirty characters. `regex` gives up in time.
"""

import regex  # type: ignore[import-untyped]

LONGEST_PATTERN = 500
LONGEST_TEXT = 10_000
TIMEOUT_SECONDS = 0.05
"""Ordinary patterns need microseconds on texts of this size; what takes longer is running away."""


class CannotSearch(ValueError):
    """Says in a few words why the pattern could not be searched for."""


def found(pattern: str, text: str) -> bool:
    """Whether `pattern` occurs anywhere in `text`, as `re.search` has it."""
    if len(pattern) > LONGEST_PATTERN:
        raise CannotSearch(f"the pattern is longer than {LONGEST_PATTERN} characters")
    if len(text) > LONGEST_TEXT:
        raise CannotSearch(f"the text is longer than {LONGEST_TEXT:,} characters")
    try:
        return regex.search(pattern, text, timeout=TIMEOUT_SECONDS) is not None
    except regex.error as problem:
        raise CannotSearch(f"the pattern is not valid ({problem})") from None
    except TimeoutError:
        raise CannotSearch("the pattern takes too long on this text") from None
    except RecursionError:
        raise CannotSearch("the pattern is nested too deeply") from None
