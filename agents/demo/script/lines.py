"""Which lines of an order a text means, by the words of their names; pure."""

import re

from .money import NUMBER_WORDS
from .replies import Fields
from .signs import REFUND_VERB
from .wording import number_in

_DULL = frozenset(
    "the and with for set pair pcs size one two black red blue green grey new incl from order her his".split()
)
_BREAK = re.compile(r"[,.;:!?()](?!\d)|\s[-–—]\s|\b(?:because|since|as|after|arrived|which|due to|who|that)\b")
_ORDER = re.compile(
    r"(?:\b(?:from|in|on|of|out of|with)\s+)?(?:the |her |his |their )?(?:\border\b|\bord\b|#)[^\d]{0,12}\d{3,}|"
    r"\b\d{4,6}\b"
)
_POINTING = re.compile(r"\s+(?:(?:just|only|for)\s+)*(?:it|them|that|this|those|these)\b")
_LAST = re.compile(r"\s*(?:please|pls|plz|thanks|thx|bitte)?\W*$")
_ONLY = re.compile(r"\b(?:just|only|merely|solely|nur|seulement|uniquement)\b([^,.;!?]*)")
_THEN_ONLY = re.compile(r"([^,.;:!?]*)\bonly\s*(?:please|pls)?\W*$")
_FOR = re.compile(r"(?<!because )\bfor (?:the|her|his|their|one|a|an|just|only)\b([^,.;!?]*)")
_EXTRA = re.compile(r"\b(?:shipping|postage|delivery|freight|handling|customs) (?:costs?|fees?|charges?)\b|\bpostage\b")
_GENERIC = frozenset(
    "order orders money amount customer price total rest remainder full whole value cost costs purchase payment "
    "sum balance lady "
    "gentleman man woman buyer client half euros euro eur everything remaining last latest item items goods "
    "product products thing "
    "part refund percent entire complete latter it them her him this that one parcel delivery card account "
    "invoice days inconvenience "
    "trouble delay same following outstanding paid paying".split()
)


def lines_meant(text: str, lines: list[Fields]) -> list[tuple[Fields, int]]:
    """The lines the text wants refunded with how many of each; none means the text does not single any out."""
    low = text.lower()
    for span in _spans(low):
        found = _named(span, lines)
        if found:
            return [(line, _quantity(low, line, words)) for line, words in found]
    return []


def lines_named(text: str, lines: list[Fields]) -> list[tuple[Fields, int]]:
    """The lines that an answer to `which of them?` names, wherever in it they stand."""
    low = text.lower()
    return [(line, _quantity(low, line, words)) for line, words in _named(low, lines)]


def unknown_item(text: str, lines: list[Fields]) -> str:
    """A thing the text wants refunded that the order does not have (`just the kettle`)."""
    low = text.lower()
    hits = [
        hit[1]
        for hit in re.finditer(
            r"\b(?:just|only|nur|seulement)(?: for)? (?:the|her|his|their|das|den|die|le|la|les) ([^\W\d_]+)", low
        )
    ]
    verb = REFUND_VERB.search(low)
    if verb:
        pattern = (
            r"\b(?:the|her|his|their)\s+([a-z]+(?: [a-z]+)?)\s+(?:from|in|of|on|out of)\s+(?:the |her |his |their "
            r")?(?:order|ord|#|\d)"
        )
        hits += [hit[1] for hit in re.finditer(pattern, _clause(low, verb.start()))]
    extra = _EXTRA.search(low)
    if extra and lines and not _words_used(extra[0], " ".join(str(line.get("name")) for line in lines)):
        return extra[0]
    strange = [hit for hit in hits if not _GENERIC & set(hit.split())]
    return strange[0] if strange and lines and not _named(low, lines) else ""


def match_score(text: str, name: str) -> int:
    """How many telling words of a name (or an order's summary) the text uses."""
    return len(_words_used(text.lower(), name))


def _spans(low: str) -> list[str]:
    """Where a thing named is a thing to refund: after `only`, as the verb's object, after `for the`."""
    spans = [hit[1] for pattern in (_ONLY, _THEN_ONLY) for hit in pattern.finditer(low)]
    for verb in REFUND_VERB.finditer(low):
        clause = _clause(low, verb.start())
        order = _ORDER.search(clause)
        object_first = clause[: order.start()] if order else clause
        bare = not re.sub(REFUND_VERB, " ", object_first).strip(" \t\n")
        by_preposition = order is not None and re.match(r"(?:from|in|on|out of)\b", order[0].strip())
        spans.append(clause if bare and by_preposition else object_first)
        if _LAST.match(low, verb.end()) and "full" not in low:
            spans.append(_ORDER.sub(" ", _BREAK.split(low[: verb.start()])[-1]))
        if _POINTING.search(object_first) or _POINTING.match(low, verb.end()):
            before = low[: verb.start()]
            order_before = _ORDER.search(before)
            spans.append(before[: order_before.start()] if order_before else before)
            spans.append(before[order_before.end() :] if order_before else "")
    return [*spans, *(hit[1] for hit in _FOR.finditer(low))]


def _clause(low: str, start: int) -> str:
    rest = low[start:]
    verb = REFUND_VERB.match(rest)
    first = verb.end() if verb else 0
    end = _BREAK.search(rest, first)
    return rest[: end.start()] if end else rest


def _named(span: str, lines: list[Fields]) -> list[tuple[Fields, set[str]]]:
    """Lines by how many words they share with the span; a word counts for the line that uses it best."""
    scored = [(line, _words_used(span, str(line.get("name", "")))) for line in lines]
    for line in lines:
        sku = str(line.get("sku") or "").lower()
        if len(sku) > 2 and sku in span:
            return [(line, {sku})]
    found: list[tuple[Fields, set[str]]] = []
    taken: set[str] = set()
    for line, words in sorted(scored, key=lambda entry: -len(entry[1])):
        rivals = [other for other, same in scored if other is not line and same == words]
        if words - taken or (words and rivals and any(words == used for _, used in found)):
            found.append((line, words))
            taken |= words
    return found


def ambiguous(found: list[tuple[Fields, int]], text: str) -> bool:
    """Whether two of the lines found are told apart by nothing in the text."""
    used = [tuple(sorted(_words_used(text.lower(), str(line.get("name", ""))))) for line, _ in found]
    return len(set(used)) < len(used) and not re.search(r"\b(?:both|all|every)\b", text.lower())


def _words_used(span: str, name: str) -> set[str]:
    words = {word for word in re.findall(r"[^\W\d_]{3,}", name.lower()) if word not in _DULL}
    said = {_singular(word) for word in re.findall(r"[^\W\d_]{3,}", span)}
    return {word for word in words if _singular(word) in said}


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _quantity(low: str, line: Fields, words: set[str]) -> int:
    """`one of the two stoves` and `1 stove` are one; all of the line otherwise. May be more than there are."""
    whole = max(int(number_in(line, "quantity")), 1)
    verb = REFUND_VERB.search(low)
    numbers = "|".join([*NUMBER_WORDS, r"\d{1,2}"]).replace("a|an|", "a single|")
    for label, digits in re.findall(r"([^\W\d_]+) (\d+)\b", str(line.get("name", "")).lower()):
        low = low.replace(f"{label} {digits}", label)
    for word in words:
        thing = re.escape(_singular(word))
        for pattern in (
            rf"\b({numbers})\s+of\s+(?:(?:the|her|his|their|my|those|these)\s+)?(?:\w+\s+){{0,3}}?{thing}",
            rf"\b({numbers})\s+(?:(?:pairs?|sets?|pieces?)\s+of\s+)?(?:\w+\s+)?{thing}",
        ):
            hit = (verb and re.search(pattern, low[verb.start() :])) or re.search(pattern, low)
            if hit:
                count = int(hit[1]) if hit[1].isdigit() else NUMBER_WORDS.get(hit[1].split()[-1], 1)
                return max(count, 1)
    return whole
