"""Finds the names of people in free text by capitals and by where a word stands; pure."""

import re
import unicodedata

from .vocabulary import PARTICLES, known

_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?\.?")
_TITLE = re.compile(r"\b(?:mr|mrs|ms|miss|frau|herr|dr)\b\.?\s*$", re.IGNORECASE)
_CUED = re.compile(
    r"\b(?:for|of|from|by|to|with|customer|client|named|called|erase|delete|forget|remove|wipe|purge|scrub|refund|"
    r"reimburse|does|did|has|is|about|find|who|name|customer's|user|give|pay|credit|on|mr|mrs|ms|frau|herr|dr)\b[\s.:,\"'“]*$",
    re.IGNORECASE,
)
_VOCATIVE = re.compile(r"\b(?:hi|hello|hey|dear|thanks|thank you|regards|cheers|best|thx)\b[\s,!.]*$", re.IGNORECASE)
_ABOUT_A_PERSON = re.compile(
    r"^\s*(?:'s|’s|,?\s*(?:who|is|has|had|was|wants|would|asks|asked|bought|ordered|have)\b)", re.IGNORECASE
)
_LOWER = re.compile(
    r"\b(?:erase|delete|forget|remove|wipe|purge|scrub|anonymi[sz]e|refund|reimburse|customer|client|named|called|"
    r"mr|mrs|"
    r"ms|herr|frau|does|did|find|look up|lookup|(?:number|e-?mail|address|phone|account) of|"
    r"orders (?:of|from|by|for)|data (?:of|on|about|for)|order (?:of|"
    r"from|by|for)|"
    r"who is|everything about|written to|write to|email|tell|inform|notify|remind|let|name "
    r"is)\b[\s.:]+((?:[^\W\d_][\w'’-]*[ ]?){1,4})",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"((?:[^\W\d_][\w-]*[ ]){1,3})(?:wants?|asks?|asked|would like|has (?:asked|requested)|requests?|requested|"
    r"bought|wishes|"
    r"is (?:asking|requesting|entitled))\b",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"((?:[^\W\d_][\w-]*[ ]){0,2}[^\W\d_][\w-]*)['’]s\b", re.IGNORECASE)

_ELIDED = re.compile(r"[a-z]{1,2}['’][A-ZÀ-Þ]")
_SIGNED = re.compile(r"\b(?:regards|sincerely|grüße|hilsen|cordialement)[\s,!.]*$", re.IGNORECASE)
_OWN_DATA = re.compile(
    r"\bmy (?:\w+ )?(?:data|account|details|records?)\b|\b(?:erase|delete|forget) me\b", re.IGNORECASE
)
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"})


def names_in(text: str) -> tuple[str, ...]:
    """Names, the likeliest first; text in capitals throughout is read as lower case."""
    if text.isupper():
        text = text.lower()
    runs = [
        run
        for run in _capitalised(text)
        if not _VOCATIVE.search(text[: run[0]]) or _ABOUT_A_PERSON.match(text[run[1] :]) or _signature(text, *run)
    ]
    ranked = sorted(runs, key=lambda run: -_weight(text, *run))
    found = [_clean(text[start:end]) for start, end in ranked if _weight(text, start, end) > 0]
    return tuple(dict.fromkeys(name for name in found if name)) or _lower_case(text)


def several(text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that stand side by side in a list (`Ann Beck, Bo Lind and Cy Moe`), the first alone otherwise."""
    joined = [name for name in names[1:] if re.search(rf"(?:,|\band\b|&)\s+{re.escape(name)}", text) and " " in name]
    return names[:1] + tuple(joined)


def _capitalised(text: str) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for word in _WORD.finditer(text):
        token = word[0].rstrip(".")
        particle = token.lower() in PARTICLES and bool(runs) and text[runs[-1][1] : word.start()] == " "
        proper = (token[0].isupper() or _ELIDED.match(token)) and not known(token)
        if not (particle or proper):
            continue
        end = word.end() if len(token) == 1 else word.start() + len(token)
        if runs and text[runs[-1][1] : word.start()] == " " and not _ends_possessive(text[runs[-1][0] : runs[-1][1]]):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((word.start(), end))
    return runs


def _signature(text: str, start: int, end: int) -> bool:
    """The full name under a forwarded letter in which somebody writes of their own data."""
    return " " in text[start:end] and bool(_SIGNED.search(text[:start]) and _OWN_DATA.search(text))


def _ends_possessive(run: str) -> bool:
    return run.endswith(("'s", "’s"))


def _weight(text: str, start: int, end: int) -> int:
    """How sure the run is a name; a lone capitalised word that opens a sentence is none."""
    run, before = text[start:end], text[:start]
    if re.search(r"[A-ZÀ-Þ]\w+,? (?:from|in|of) $", before):
        return 0
    several_words, cued = " " in run, bool(_CUED.search(before) or _TITLE.search(before))
    follows = _ends_possessive(run) or bool(_ABOUT_A_PERSON.match(text[end:]))
    alone = len(text.split()) <= 3
    opens = not before.strip() or before.rstrip()[-1] in ".!?:\n"
    if not several_words and opens and not (follows or cued or alone):
        return 0
    return 1 + 2 * several_words + 2 * cued + follows


def _clean(run: str) -> str:
    words = re.sub(r"['’]s$", "", run.strip(" .,")).split()
    while words and words[-1].lower() in PARTICLES:
        words.pop()
    return " ".join(words)


def _lower_case(text: str) -> tuple[str, ...]:
    for hit in [*_LOWER.finditer(text), *_POSSESSIVE.finditer(text), *_SUBJECT.finditer(text)]:
        words: list[str] = []
        for word in hit[1].split():
            if known(word) and not (words and word.lower() in PARTICLES):
                if words:
                    break
                continue
            words.append(word)
        name = _clean(" ".join(words))
        if len(name) >= 3:
            return (name,)
    return ()


def folded(text: str) -> str:
    """Without case, accents and strokes, as people type foreign names."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_STROKES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
