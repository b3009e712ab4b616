"""The words the script knows, so that what is left over can be a name; and typos mended; pure."""

import re

_KNOWN = """
a about above according account action actually add address addresses after again ago all already also although am
amount an and another any anything apologies are around arrived article as ask asked asking asks at away back bad be
because been before bent best bestellung billing both bought box boots broken broke bucks but buy by call called can
cannot case cash cent cents check clerk client close code come comes compensate complain complained complains
complaint complete completely confirm confirmation contact could cracked credit crm customer customers cust damaged
data database date day days dear deal defective delete deleted deletes deleting deletion delivered delivery details
did didn different do does doesn doing done don down drop due each email emails entire entirely entry erase erased
erases erasing erasure euro euros eur every everything exercise exercised exercises except faulty few file file's
filed files find first fix for forever forget forgets forgotten found frau from full fully further gdpr dsgvo rgpd get
gets getting give given go going good goods goodwill got great guy had half handle has have having he hello help her
here herr hers hey hi him his hold hope how however i id if in info inform information instead into invoice is issue
issued it item items its just keep kind kindly know lady last late latest least left let letter like line list little
ll look looking lookup lost lot lots ma'am made mail mailed make makes man many matter may me mean message messages
minus miss missing mister monday tuesday wednesday thursday friday saturday sunday january february march april june
july august september october november december money more most mr mrs ms much must my name named names need needed
needs never new newest next nice no nobody none nor not note nothing now nr number numbers of off ok okay old oldest
on once one only open or order orders ordered other others our ours out over overview own owner package paid parcel
parcels part partial partially pay payment payments people per percent permanently person personal phone placed please
pls plus poor possible post previous price prior privacy process profile promise provide pull purchase purchased
purchases purge put que question quick quickly ready really reason received recent recently record records reference
refund refundable refunded refunding refunds refuse regarding regards reimburse reimbursed reimbursement remain
remaining remainder remove removed removal repay reply request requested requesting requests require required requires
rest return returned returns right rights same say says scrub search second see seems send sends sent set she shipping
shop short should show sie silvester sincerely since sir so some someone something soon sorry spoke staff start state
stating status still stop subject sum support sure system take taken takes tell tells than thank thanks that the their
them then there therefore these they thing things think third this those though thus ticket tickets till time tkt to
today together told tomorrow too took torn total totally transfer tried try two under until up update upset urgent us
use used user using via want wanted wants was wasn we well were what what's whatever when where whether which while
who whole whom whose why will wipe wish wishes with within without won wondering word work would write writes writing
wrong wrote year years yes yesterday yet you your yours apart excluding including hereby immediately invoke invokes
invoked invoking accordance comply purposes consent leak leaks leaking leaky rip ripped scratched hole holes size
small big large early tent tents pole poles stove stoves jacket jackets backpack backpacks boot sleeping bag bags mat
mats lamp headlamp bottle bottles shoe shoes pan pot pots gas cartridge rope ropes knife compass socks gloves shirt
trousers hammock tarp filter sofort bitte rückerstattung erstatten löschen für von der die das und kunde kundin
rembourser commande thing's that's it's she's he's there's i'm i'd i've let's don't doesn't can't won't isn't wasn't
hasn't haven't didn't weren't aren't shouldn't couldn't they're we're we've you're he'd she'd morning afternoon
evening anyone somebody everybody listed themselves herself himself belonging belongs belong kindest madam apparently
supposedly maybe perhaps fine correct exactly precisely three four five six seven eight nine ten eleven twelve
thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
hundred quarter thirds behind beside between across among onto during through against toward towards nearby someone's
colour red blue green black white grey worst bit worth charge charged chance decent extra fast slow happy unhappy
angry sad cheap expensive heavy light wet dry unused snapped tear tears tore zipper zip strap straps seam seams buckle
lid wheel tyre valve battery bulb charger cable week weeks month months hour hours minute minutes night noon weekend
spring summer autumn winter colleague colleagues manager boss team desk agent operator company world president england
france germany norway sweden currently previously originally finally simply directly instantly asap urgently straight
promptly head torch torches lantern peg pegs liner liners pillow pillows flask mug cup spork map anorak cap caps mittens
insoles pouch pack packs cover gaiters leggings layer wax sealer monocular footprint kit löschanfrage löschung antrag
recht vergessenwerden daten konto auftrag zahlung lieferung ware paket données compte toutes fw fwd whoever
registered living lives based held stored holds store stores storing tied linked associated attached
"""
KNOWN = frozenset(_KNOWN.split())
PARTICLES = frozenset("van von der den de da di du del la le af av ten ter zu bin al".split())
_MENDED = (
    "refund refunded refunds reimburse reimbursed customer customers order orders ticket tickets erase erased erasure "
    "delete deleted money forgotten euros euro status please"
).split()
_REAL = frozenset(
    "phrase border older elder ordeal wicket thicket picket cricket rickets ease eased relate related statue "
    "money honey "
    "monkey deleted deletes erases erase customs custom orderly ordered stats begotten refunding releases leased "
    "pleased "
    "pleas grease crease tease lease cease raised rase refuted defund refuse rider oder".split()
)


def known(word: str) -> bool:
    word = word.lower().replace("’", "'")
    return word in KNOWN or word.removesuffix("'s") in KNOWN or (word.endswith("s") and word[:-1] in KNOWN)


def mended(text: str) -> str:
    """The text with misspelt request words put right (`refnud`, `custmer`, `ordr`)."""
    return re.sub(r"[A-Za-z]{4,}", lambda hit: _mended_word(hit[0]), text)


def _mended_word(word: str) -> str:
    low = word.lower()
    if low in KNOWN or low in _REAL or low in _MENDED:
        return word
    for right in _MENDED:
        if len(right) >= 5 and low[0] == right[0] and one_slip_apart(low, right):
            return right.capitalize() if word[0].isupper() else right
    return word


def one_slip_apart(left: str, right: str) -> bool:
    """One letter added, dropped or replaced, or two neighbours swapped."""
    if abs(len(left) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    a, b = left[start:], right[start:]
    swapped = len(a) > 1 and len(a) == len(b) and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return swapped or a[1:] == b[1:] or a == b[1:] or a[1:] == b
