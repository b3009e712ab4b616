"""Tells words that ask for a refund or an erasure from words that only mention one; pure."""

import re

from .signs import ERASE_VERB, REFUND_VERB

_SENTENCE = re.compile(r"(?:(?<!\bno)(?<!\bnr)[.;!]+(?=\s|$)|(?<=\?)\s+|\n)+")
_CLAUSE = re.compile(r",(?!\d)|:(?!\d)|\s[-–—/]\s|→|->|[()\"“”]|\b(?:but|because|since)\b")

_NOT_AT_ALL = re.compile(
    r"\b(?:no(?!\.?\s*(?:#|c-)?\d)|not|never|nothing|neither|nor|none|without|avoid\w*|refus\w+|declin\w+|reject\w*|"
    r"den(?:y|ies|ied)|"
    r"den(?:ied|ying)|instead of(?! \d)|rather than|against|[a-z]+n't(?! forget| hesitate)|dont(?! forget)|doesnt|"
    r"cant|wont|didnt|shouldnt|forbid\w*|"
    r"forbade|oppos\w+|stop\w*|cancel(?:l?ed)? (?:the|her|his|my|our|that))\b"
)
_NOT_NOW = re.compile(
    # perhaps
    r"\b(?:might|maybe|perhaps|possibl[ey]|probably|eventually|what if|(?<!even )if(?! possible| you can| that's ok)|"
    r"whether|unless|until|should (?:we|i)|shall (?:we|i)|may (?:we|have to|need|want)|remind\w*|reminder|consider\w*|"
    r"think\w*|thought|wonder\w*|guess|suppos\w+|discuss\w*|debat\w+|decid\w+|argu(?:e|es|ed|ing)|propos\w+|"
    r"suggest\w*|imagin\w+|hypothetical\w*|in case|how to|able to|allowed to|considering|talk(?:s|ed|ing)?|plan\w*|"
    r"will|going to|gonna|about to|(?:we|i|he|she|they|it)'ll|would (?:be|have|cost|mean|you (?:say|think))|"
    r"could (?:be|have)|used to|(?:can (?:i|he|she|they)|we can)|draft\w*|prepar\w+|pretend\w*|(?:an|for) example|"
    r"training|test case|"
    r"know|hop(?:e|es|ed|ing)|fear\w*|afraid|worr\w+|doubt\w*|tomorrow|later|next (?:week|month)|as soon as)\b|"
    # somebody else, or long ago
    r"\b(?:someone|somebody|nobody|no one|accident\w*|mistaken\w*|by mistake|already|yesterday|earlier|ago|"
    r"last (?:week|month|year)|bank|bounced|fail(?:s|ed)|(?:was|were|been|being|got) (?:\w+ )?(?:refund|reimburs|"
    r"credit)ed|(?:who|when|why|how) (?:was|did|do|has|is|are)|confus\w+|mention\w*|"
    r"told|heard|read|says? (?:we|you|the bank|that we)|said (?:we|you)|claim\w*|complain\w* (?:about|that)|"
    r"thank\w* (?:you )?(?:us )?for|happy (?:with|about)|pleased|apologi[sz]\w*|copy|receipt|proof|status of|"
    r"polic(?:y|ies)|explain\w*|describe|ow(?:es?|ed) (?:us|me)|dream\w*)\b|"
    # under pressure
    r"\b(?:threat\w*|warn\w*|sue[sd]?|suing|lawyer|court|blackmail\w*|or else)\b"
)
_SOMETHING_ELSE = re.compile(
    r"\b(?:please|pls|plz|kindly|you|to|just) (?:double-?)?\s?(?:check|review|verify|postpone|delay|hold|list|look|see|"
    r"find|show|tell|wait|put|keep|protect|note|count|compare|ask (?:her|him|them|the))\b"
    r"(?!.*\band (?:then )?(?:refund|erase|delete|reimburse|pay|give))|"
    r"\b(?:send|give|get|call) me (?!(?:all )?(?:my|the) money|a refund|\d|back)|\bcall \w+ back\b|"
    r"\b(?:get|write|come|report|go) back to (?:her|him|me|us|them|the customer)\b(?! account| card)"
)
_ASKS_ABOUT = re.compile(
    r"^(?:(?:hi|hello|hey|so|and|ok|also|then|well|hm+)[\s,]+)*(?:did|has|have|had|was|were|is|are|does|do (?:we|i|you|"
    r"they)|who|when|why|how|what|which|where|can i|could i|may i|will|would (?:it|we|he|she|that))\b(?![^?]*\?.*\?)"
)
_TRAILING_DOUBT = re.compile(
    r"\b(?:maybe|perhaps|not sure|or not|i guess|we'll see|one day|or should (?:we|i)|kidding|joking|joked|sa(?:id|"
    r"ys) no|what is better|which is better|what do you think|is that (?:right|ok)|"
    r"just a "
    r"(?:test|joke)|ask \w+ first|hypothetically)\b"
)
_WISH = re.compile(
    r"\b(?:wants?|wanted|wanting|would (?:really )?like|(?:i|he|she|they|we|who)'d like|wish\w*|needs?|asks?|asking|"
    r"asked|"
    r"requests?|requested|requesting|demands?|demanding|expects?|insists?|owed?|due|deserves?|entitled|must|should|"
    r"gets?|promised|agreed|approved|ha(?:s|ve) to|to be|forgot to|sa(?:id|ys) to|"
    r"(?:can|could|would|will) (?:you|u|someone|we please)|can we,? please|go ahead|let's|lets|"
    r"invok\w+|exercis\w+|right to|kannst|wants out|möchte|veux|i mean|now)\b"
)
_POLITE = re.compile(
    r"\b(?:please|pls|plz|svp|s'il vous|bitte|kindly|tack|thx|thanks|thank you|asap)\b|\b(?:erstatten|löschen)\W*$"
)
_QUIET = (
    r"(?:(?:don't|dont|not) forget to|remember to|hi|hello|hey|there|again|hej|ok|okay|yes|yep|sure|so|and|also|"
    r"then|now|just|only|simply|therefore|thus|well|"
    r"please|pls|plz|kindly|bitte|can|could|u|you|we|go|ahead|to|order|orders|ordr|ticket|bestellung|auftrag|nr|no|"
    r"number|customer|client|full|fully|partial|total|complete|completely|entire|whole|half|the|a|an|for|of|on|in|"
    r"from|re|fw|fwd|ref|gdpr|dsgvo|rgpd|art|article|account|data|request|process|do|make|issue|book|start|arrange|"
    r"initiate|trigger|run|give|send|pay|transfer|return|approve|grant|execute|finally|instead|rather|too|same|right|"
    r"goodwill|amt|amount|eur|euro|euros|quid|bucks|let|us|back|all|all of|her|him|them|his|their|it|that|this|"
    r"those|these|every|everything|with|cancel|money|plus|as|well|recht|auf|alle|daten|von|refund|five|ten|fifteen|"
    r"twenty|"
    r"thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|"
    r"[#№]?\s?[a-z]?-?\d[\d.,%]*(?:st|nd|rd|th)?|[€%$'.#+*~•)-]+)"
)
_TERSE = re.compile(rf"^\s*(?:{_QUIET}[\s€%.!…]*)*$")
_THE_REFUND = re.compile(r"\b(?:the|his|her|their|my|our|this|that|a|last|previous|any|some|every)\s+(?:\w+\s+)?$")
_DOES_IT = re.compile(
    r"\b(?:do|process|make|issue|book|start|arrange|initiate|trigger|run|give|send|pay|grant|approve|execute|"
    r"perform|handle|complete|file|go ahead with|proceed with|return|transfer|take)\b"
)
_ABOUT_IT = re.compile(
    r"\b(?:of|(?<!forgot to ask )about|(?<!insists )on|regarding|"
    r"(?<!ask )(?<!asks )(?<!asking )(?<!asked )(?<!request )(?<!wish )for|after|before|"
    r"from|despite|by|during|concerning)\s+(?:the|his|her|their|my|our|this|that|a|last|previous|"
    r"any|every)\s+(?:\w+\s+)?$"
)
_BECAME = re.compile(
    r"^\s*(?:request\s+)?(?:(?:of|for|on|to)\s+)?(?:order\s+|customer\s+|ticket\s+)?#?(?:c-)?\d+\s+(?:never\s+|then\s+|"
    r"still\s+)?"
    r"(?!need|request|want|approv|agree|confirm)(?:[a-z]{3,}ed|is|was|went|came|has|had|takes?|took|looks?|seems?|"
    r"makes?|"
    r"made|upset|annoys?|causes?|worries)\b|^\s*(?:reports?|lists?|statistics|numbers|team|process|rules?|polic\w+|"
    r"button|tool|template|training|history|deadline|dispute|went|came|annoy\w+|took|looks?|seems?|bug)\b"
)
_ERASE_SIGN = re.compile(
    rf"\beras(?:e|ed|es|ing|ure)\b|\b{ERASE_VERB}\b|\bforget\b|\bforgotten\b|\b(?:gdpr|dsgvo|rgpd)\b|\banonymi[sz]\w+|"
    r"\b(?:article|art\.?) ?17\b|\bgone\b|\bdisappear\b|\bvanish\b|\w*lösch\w*|\b(?:supprim|effac)\w+|"
    r"\bvergessen\w*|\btake\b[^.;?!]+\boff\b|\bout of our\b"
)
_ERASED = re.compile(
    r"\b(?:was|were|has been|have been|had been|got|being)\s+(?:\w+\s+)?(?:eras|delet|remov|wip|anonymi|forgott)\w+|"
    r"\b(?:address|number|phone|e-?mail|notes?|tags?|orders?) (?:erased|deleted|removed|wiped)\b|"
    r"\b(?:erased|deleted|wiped) (?:her|him|it|the|c-|my|our|them)"
)
_REFUND_SIGN = re.compile(
    rf"{REFUND_VERB.pattern}|\bback\b|\b(?:gets?|receives?|deduct|discount|pay|give|send|transfer|issue|return|wire|"
    r"take|remove|owed?|promised)\b|€|\beuros?\b|\beur\b|\d\s?%"
)


def refund_asked(low: str) -> bool:
    return _asked(low, _REFUND_SIGN)


def erasure_asked(low: str) -> bool:
    return not _ERASED.search(low) and _asked(low, _ERASE_SIGN)


def erasure_mentioned(low: str) -> bool:
    return bool(_ERASE_SIGN.search(low))


def doubtful(low: str) -> bool:
    """Whether an answer takes itself back (`ok, maybe tomorrow`, `yes, remind me`)."""
    return bool(re.search(r"\b(?:maybe|perhaps|might|remind|consider|tomorrow|later|not|unless|until|if)\b", low))


def _asked(low: str, sign: re.Pattern[str]) -> bool:
    return not _TRAILING_DOUBT.search(low) and any(_asks(sentence.strip(), sign) for sentence in _SENTENCE.split(low))


def _asks(sentence: str, sign: re.Pattern[str]) -> bool:
    """Doubt counts when it comes before the sign or in its own clause; a reason given after it may say anything."""
    if _ASKS_ABOUT.search(sentence):
        return False
    start = 0
    for end in [*(hit.start() for hit in _CLAUSE.finditer(sentence)), len(sentence)]:
        doubt = (
            _NOT_AT_ALL.search(sentence, start, end)
            or _NOT_NOW.search(sentence[:end])
            or _SOMETHING_ELSE.search(sentence[:end])
        )
        if doubt and sign.search(sentence, start, end):
            return False
        if any(_wanted(sentence, start, hit, end) for hit in sign.finditer(sentence[:end], start)):
            return True
        start = end
    return False


def _wanted(sentence: str, start: int, hit: re.Match[str], end: int) -> bool:
    """A wish, an imperative or a terse request; `the refund of 1753 came` is none."""
    before = sentence[start : hit.start()].lstrip(' ,:-–—/→>()"“”')
    if _ABOUT_IT.search(before) or _BECAME.search(sentence[hit.end() : end]):
        return False
    if _THE_REFUND.search(before) and not (_DOES_IT.search(before) or _WISH.search(before)):
        return False
    if _TERSE.search(before) and not hit[0].endswith("ed"):
        return True
    polite = _POLITE.search(sentence) and not _SOMETHING_ELSE.search(sentence)
    return bool(_WISH.search(sentence[:end]) or polite)
