"""The words that give an intent away, as patterns over lower-case text; pure."""

import re

CREDIT = re.compile(
    r"\b(?:give|grant|issue|offer|create|send|gets?|add|then|make|instead|wants?|please|with)\b[^.?!]*?"
    r"\b(?:(?:store|shop) credit|(?:gift )?vouchers?|gift cards?)\b|"
    r"\b(?:(?:store|shop) credit|(?:gift )?voucher|gift card)\b[^.?!]*\b(?:instead|then|please|pls)\b"
)
CREDIT_NEGATED = re.compile(
    r"\b(?:no|not|don't|dont|never|without|instead of|rather than|extend|redeem|void|cancel|check|already|used)\b"
    r"[^.?!]{0,25}\b(?:credit|vouchers?|gift cards?)\b"
)
EARLIER = re.compile(
    r"\b(?:what|which|who|whose|do you (?:remember|recall))\b[^.!]*\b(?:first|earlier|beginning|start|turn \d+|before)\b"
    r"[^.!]*\b(?:i|we)\b[^.!]*\b(?:ask\w*|talk\w*|spoke\w*|speak\w*|sa(?:y|id)|discuss\w*|beg[au]n|start\w*|"
    r"mention\w*|deal\w*|dealt)\b|"
    r"\b(?:what|which|who|whose)\b[^.!]*\b(?:i|we)\b[^.!]*\b(?:ask\w*|talk\w*|spoke\w*|said|say|discuss\w*|"
    r"beg[au]n|start\w*|mention\w*|dealt)\b[^.!]*\b(?:first|earlier|beginning|at the start|turn \d+|before)\b"
)
REFUND_VERB = re.compile(
    r"\brefund(?:s|ing)?\b|\brefunded\b|\breimburse\w*|\bmoney[\s-]+back\b|\brepay\b|\bcompensat\w+|\brembours\w+|"
    r"\berstatt\w+|\bzurück\s?(?:zahl|überweis|erstatt)\w*|\bkulanz\b|\bstorn\w+ (?:der |die )?zahlung|"
    r"\båterbetal\w*|\btilba[kg]ebetal\w*|\bmoney\b[^.;?!]{0,30}\bback\b|(?:€|euros?\b|eur\b)[^;?!]{0,20}\breturned\b|"
    r"\ball back\b|\breturn\s+(?:the )?(?:full )?\d+[.,]\d\d\b|"
    r"\bgeld zurück\b|(?:€|euros?\b|eur\b).*\bzurück|\brückerstatt\w+|\bchargeback\b|\bmake (?:her|him|them) whole\b|"
    r"\b(?:send|give|pay|transfer|return|get|wire|hand)(?:ing)?\b[^.;?!]{0,40}?\bback\b|\bback to (?:her|his|"
    r"their|the) (?:account|card)\b|"
    r"\breturn(?:ing)?\b[^.;?!]{0,20}?\b(?:money|payment|euros?|amount)\b|\bcredit(?:ed|ing)?\b(?! card)|"
    r"\bgoodwill\b|\brevers(?:e|ing) (?:the |her |his |their )?(?:payment|charge|debit)\b|"
    r"\b(?:take|knock) [^.;?!]{0,20}?\boff\b(?! our| the records| the system)"
)
MONEY_MOVES = re.compile(
    r"\b(?:give|gets?|receives?|promised|send|pay|transfer|owed?|deduct|discount|remove|take|return|issue|goes|go|wire)\b"
)
ERASE_OBJECT = (
    r"(?:customers?|client|account|accounts|data|datas|details|information|info|profile|records?|her|him|them|"
    r"everything|"
    r"person|name|history|file|entry|existence|trace|traces|me|user|contact|that lady|that man)"
)
ERASE_VERB = r"(?:delet\w+|kill|remov\w+|wip(?:e|ed|ing)|purg\w+|scrub\w*|destroy|get rid of|eliminate|expunge)"
ERASE = re.compile(
    r"\bvergessen\w*|\beras(?:e|ed|es|ing|ure)\b|\bforgotten\b|\b(?:article|art\.?) ?17\b|\banonymi[sz]\w+|"
    r"\bforget (?:her|him|them|customer|c-?\d|everything)"
)
ERASE_LOOSELY = re.compile(
    rf"\b{ERASE_VERB}\b[^.;?!]*\b{ERASE_OBJECT}\b|\b{ERASE_VERB}\b[^.;?!]*(?:\bc-?\d{{3,}}|@)|"
    rf"\b{ERASE_OBJECT}\b[^.;?!]*\b(?:gone|{ERASE_VERB})(?: from| out| off|\b)|\b(?:disappear|vanish)\b|"
    r"\btake [^.;?!]+ off (?:our|the|your) (?:records?|books|system|list|database)|\blösch\w+|\b(?:supprim|effac)\w+"
)
GDPR = re.compile(r"\b(?:gdpr|dsgvo|rgpd)\b(?!.*(?:\?|\b(?:copy|access|export|portab\w*|article 15|art\.? ?15)\b))")
ERASED_BEFORE = re.compile(
    r"\b(?:i|we|they|you|already)(?: have|'ve| had)?(?: already| just)? (?:deleted|erased|removed|wiped|"
    r"anonymi[sz]ed)\b"
)
NOT_ERASABLE = re.compile(
    rf"\b(?:{ERASE_VERB}|erase)\b\s+(?:(?!{ERASE_OBJECT}\b|and\b)[\w'-]+\s+){{0,5}}?"
    r"(?:orders?|tickets?|messages?|refunds?|notes?|lines?|items?|cookies|files?|bill|phone|address|"
    r"tags?)\b(?! history)"
)
STATED_QUESTION = re.compile(
    r"^(?:(?:should|shall|must|do|may) (?:i|we)|was|were|has|have|had|did|does|is|are|when|why|who|how|what|"
    r"which|where)\b|"
    r"^(?:can|could|may) (?!you\b|we\b|i\b|u\b)[^?]*\bbe (?:deleted|erased|removed|wiped)\b"
)
CAN_IT = re.compile(
    r"^(?:can|could|may|should|is|would) (?!you\b|we\b|i\b)[^?]*\b(?:be refunded|refundable|be reimbursed)\b|"
    r"^(?:(?:hi|hello|hey|so|and|ok|hm+)[\s,]+)*(?:should|shall|must|do|(?:how|when|why) (?:do|can|should|would|"
    r"must)) (?:i|we)\b"
    r"[^?]*\b(?:refund|reimburse|repay|pay back|give)\b"
)
WRITE = re.compile(
    r"^(?:(?:please|could you|can you|kindly|hi|hello|hey|also|and|now|then|would you|pls)[\s,]+)*"
    r"(?:write|e-?mail|message|send|drop|tell|inform|notify|let|reply|respond|answer|mail|contact|ask|remind|"
    r"apologi[sz]e)\b"
)
WRITE_SIGN = re.compile(
    r"\b(?:write|e-?mail|message|tell|inform|notify|reply|respond|mail|note|letter|line|know|contact|remind|"
    r"apologi[sz]e)\b|\bask\b"
)
LOOK_UP = re.compile(
    r"\b(?:what|what's|whats|which|when|where|who|whose|how (?:much|many)|show|list|look|lookup|find|search|"
    r"status|check|details?|"
    r"tell me|get me|give me|display|pull up|open|see|overview|info|information|read|summari[sz]e|has|was|"
    r"is there|did|does|"
    r"is|are|were|why|do we|any|retrieve|fetch)\b"
)
QUESTION = re.compile(
    r"^(?:(?:please|hi|hello|hey|so|and|also|ok)[\s,]+)*(?:can you (?:tell|show|check)|could you (?:tell|show|"
    r"check)|"
    r"what|which|when|where|who|whose|how|why|was|were|has|have|did|does|is|are|show|list|check|tell me|look)\b"
)
REFUND_QUESTION = re.compile(
    r"\b(?:was|were|has|have|had|is|been|already|how much|when|whether|what|which|why|did|any|status|if)\b[^.;]*"
    r"\b(?:refund(?:ed|able|s)?|reimbursed|credited|money back)\b"
)
REFUND_ASKED = re.compile(
    r"\b(?:please|can you|could you|i want|i'd like|wants?|needs?|should|asks?|asking|must|would like|demands?|"
    r"due|deserves?)\b"
    r"[^?.;]*?\b(?:refund|reimburse\w*|credit|money back|repay|be refunded)\b|^(?:refund|reimburse|credit)\b"
)
DOMAIN = re.compile(
    r"\b(?:customers?|clients?|orders?|ordered|tickets?|purchases?|bought|buy|email|e-mail|phone|address|account|"
    r"records?|"
    r"data|status|delivered|refunded|details|contact|complaint|written|wrote|file|profile|live|lives|city)\b|"
    r"^(?:who is|find|look up|lookup|search)\b"
)
OUTSIDE = re.compile(
    r"\b(?:weather|forecast|poem|joke|python|javascript|sql|script|recipe|translate|translation|news|capital of|"
    r"president|"
    r"stock price|stocks|bitcoin|subscription|unsubscribe|cancel\w*|exchange|replacement|replace|resend|reship|"
    r"upgrade|"
    r"password|book (?:a|me|the)|flight|hotel|song|story|essay|homework|math|discount code|coupon|voucher|"
    r"newsletter|"
    r"change (?:the|her|his|their) (?:address|name|email|phone)|update (?:the|her|his|their) |create (?:a|an) |"
    r"place an order|"
    r"new order|write (?:me |a |some |an )+(?:code|poem|song|story|essay|function|program|haiku)|sing|play)\b"
)
DONE_BEFORE = re.compile(r"\b(?:refunded|reimbursed|credited)\b|\b(?:got|received)\b[^;?!]*?\bback\b")
WISHED = re.compile(
    r"\b(?:wants?|wanted|wish\w*|needs?|should|must|be|gets?|getting|have|like|please|pls|asks?|asked|asking|"
    r"expects?|to)\b"
)
REFUND_MENTIONED = re.compile(
    r"\b(?:the|his|her|their|my|our|this|that|last|previous) refund\b[^.;?!]*\b(?:was|has|had|did|went|came|"
    r"should have)\b|"
    r"\brefund (?:polic(?:y|ies)|rules?|terms|conditions|process|procedure|history)\b|"
    r"^(?:did|has|have|had|was|were|is|are|does|who|why|when|explain)\b[^.;?!]*\b(?:refund|money back|reimburse)|"
    r"\bthreat\w*\b[^.;?!]*\b(?:chargeback|dispute)\b|"
    r"\b(?:tomorrow|next (?:week|month)|only if|unless|not (?:until|before)|as soon as|check with|"
    r"(?<!at )once (?:he|she|it|we|they|the))\b|"
    r"\bask \w+ first\b"
)
NEVER_OURS = re.compile(
    r"\b(?:undo|revert|roll ?back|claw ?back|cancel|reverse|withdraw|stop) (?:the|that|this|her|his|my|a|"
    r"your)\s+(?:\w+\s+)?"
    r"(?:refund|deletion|erasure)\b|\b(?:remove|delete|take|drop)\b[^.;?!]*\bfrom (?:the |our |all |any |your )*"
    r"(?:newsletters?|mailings?|mailing lists?|marketing|promotions?|vip)\b|\btake back\b[^;?!]*\brefund|"
    r"\b(?:store|shop) credit\b|\bgift card\b|"
    r"^(?:please\s+|pls\s+)?(?:restore|recover|undelete)\b|\b(?:add|leave|put|make) (?:a|an|"
    r"this)? ?(?:internal )?note\b"
)
ORDERED_ELSEWHERE = re.compile(
    r"^(?:(?:please|pls|hi|hello|hey|can you|could you|can u|now|and|also|then)[\s,]+)*"
    r"(?:(?:merge|close|reopen|assign|print|ship|dispatch|export|import|block|unblock|mark|charge|bill|book|tag|rename|"
    r"reset|restock|extend|schedule|upload|download|change|update|set|edit)\b(?! (?:it|that)\b)|"
    r"add (?:a|an|the) |send (?:out |a |an |the )*(?:payment )?reminder)"
)
GREETING = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|hallo|bonjour|moin|howdy|yo|hiya|servus|"
    r"guten tag)\b"
)
HELP = re.compile(
    r"\bwhat (?:can|do|could|are) you\b|\bwho are you\b|\bhelp\b(?!.*\d)|\bhow does this work\b|\bwhat is this\b|"
    r"\bwhat's this\b|"
    r"\byour (?:abilities|capabilities|tools|name)\b|\bwhat .*\bable to do\b|\bare you (?:a|an|the|real|human)\b|"
    r"\bintroduce yourself\b"
)
THANKS = re.compile(
    r"^(?:(?:ok|okay|great|perfect|super|cool|good|nice|many|all|right|lovely)[\s,!.]*)*(?:thanks|thank you|thx|"
    r"cheers|merci|danke|bye|goodbye|great|perfect|super|good job|well done|nice|cool)\b"
)
HANDLE = re.compile(
    r"\b(?:handle|process|deal with|take care of|work on|resolve|settle|sort out|solve|answer|do|look after|fix|"
    r"close)\b"
)
NEGATED = re.compile(
    r"\bno refund\b|\b(?:do not|don't|dont|never|wait with|hold off|hold back|hold the|postpone|no need to|"
    r"must not|shouldn't|not to|please no|without|stop|"
    r"avoid)\b(?! forget| hesitate)[^.,;]{0,25}\b(?:refund|reimburse|credit|erase|delete|remove)\w*|"
    r"\b(?:not|refus\w+|declin\w+|withdr\w+|cancel\w*|retract\w*)\s+(?:(?:to|want|need|like|wish|be|a|an|any|"
    r"the|her|his|their|my|"
    r"our|this|that|make|ask|for|yet|really|going|request)\s+)*(?:refund|reimburse|erase|erasure|delet|remove)\w*"
    r"|\bnot\s+(?:pay|give|send|transfer)\b[^.,;!?]{0,25}\bback\b"
)
STOPPING = re.compile(
    r"^(?:(?:ok|okay|oh|ah|hm+|well|sorry|please|pls|no|wait)[\s,.!]+)*(?:no|nope|nah|hold on|wait|one moment|not sure|"
    r"no idea|i(?:'ll| will) (?:ask|check)|let me (?:ask|check)|i don't know|never ?mind|forget it|forget that|"
    r"stop|cancel(?: that| it)?|leave it|don't|do not|nothing|"
    r"abort|skip it|not now)\b"
)
CORRECTING = re.compile(
    r"\b(?:make (?:it|that)|instead|rather|actually|i meant|change (?:it|that) to|sorry|correction|only|just)\b"
)
LATEST = re.compile(
    r"\b(?:last|latest|most recent|newest|recent)\b(?=[\w\s'’]{0,20}\b(?:orders?|purchases?|parcel|delivery|"
    r"one)\b)|\b(?:bought|buy|ordered|order) last\b|\bmost recently\b"
)
LETTER = re.compile(
    r"(?:\bthat\b|\bsaying\b|\bto say\b|\bthe following\b|:|\babout\b|\bknow\b,?|\bto tell (?:her|him|them)\b|"
    r"\bfor (?=the (?:delay|trouble|late|mix)))\s*(.+)$",
    re.DOTALL | re.IGNORECASE,
)
