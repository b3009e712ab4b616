"""What support staff might type about refunds, and what has to come of it; the other topics are in `phrasings_more`.

Rows start with the seed of the CRM they speak about, then the words; a tuple of words is several turns.
"""

from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`clear` and `or_ask` rows end with the wanted call's values; `ask` rows must not change anything.

    A question is fine for `or_ask`; for `clear` it is the exception. `acts_first`: the first turn changes something.
    """

    name: str
    toolset: str = "support-desk"
    clear: tuple[Row, ...] = ()
    or_ask: tuple[Row, ...] = ()
    ask: tuple[Row, ...] = ()
    acts_first: bool = False


FULL = Scenario(
    name="full refund of a named order",
    clear=(
        (1, "Please refund order 1757 in full, the stove leaks.", 1757, 159.0),
        (1, "1755 full refund pls", 1755, 389.0),
        (1, "hi, can u pls give mr le quénec all his money back for ordr 1755? he's pretty upset", 1755, 389.0),
        (1, "refund #1776 completely", 1776, 69.0),
        (1, ("Customer Outi Jääskivuori sent the Dun 400 back unused. Order no. 1719, return arrived this morning in "
            "the warehouse, everything ok. Please pay it back."), 1719, 279.0),
        (1, ('FW: "Hello, Skarv 2 tunnel tent from order 1750 leaks. I would like a full refund, please. Saga Ängsmyr"'
            "\n\ncan you do this one?"), 1750, 389.0),
        (1, "bitte bestellung 1723 komplett erstatten, matte hält die luft nicht", 1723, 129.0),
        (1, "Kannst du die 109,50 für Auftrag 1718 zurückzahlen? Danke", 1718, 109.5),
        (1, "remboursement total de la commande 1743 svp, mauvaise taille", 1743, 149.0),
        (1, "Pls sort ticket 7172, she gets everything back.", 1776, 69.0),
        (1, "ticket 7175: agnes wants her money back for the compass, go ahead", 1739, 47.9),
        (1, ("The boots in 1799 never made it out of the sorting centre, the parcel is lost. Give Jörg Schönrode his "
            "money back, all of it."), 1799, 239.0),
        (1, "order 1758 – refund whatever is left on it", 1758, 35.93),
        (1, "i need you to refund 1747 the full amount of 89,90€ thx", 1747, 89.9),
        (1, ("Can we please, PLEASE finally pay back order 1798? This is the third time this customer is asking and "
            "nobody does anything!!!"), 1798, 289.0),
        (1, "Money back for order 1715, all three items, customer used his 14 days withdrawl right", 1715, 90.9),
        (1, "what a mess... customer of 1770 got the wrong tarp twice now, she doesnt want a third one. just refund",
            1770, 89.9),
        (1, "Hej, återbetala order 1766 tack. Mittens too small", 1766, 42.0),
        (1, "refnud order 1778 fully, gas stove is faulty", 1778, 69.0),
        (1, "Refund the stove Ondřej Dvořákovský bought (order 1778).", 1778, 69.0),
        (2, "Order 1753 for Íñigo Cañadilla: full refund, tent leaks.", 1753, 389.0),
        (2, "pls process full refund -> 1760", 1760, 429.0),
        (2, ("Good morning! Hope you had a nice weekend. Could you have a look at 1745 for me? The soles came off on "
            "the first hike, so Łukasz should get back what he paid. Thank you so much!"), 1745, 149.0),
        (2, "ticket #7177 full refund please", 1759, 6.9),
        (2, ("Customer complained on the phone about 1772, head torch dead on arrival. She dont want replacement, she "
            "want money back. Please do the refund of whole order."), 1772, 59.5),
        (2, "ref. order no 1734, EUR 49.00 to be returned in full", 1734, 49.0),
        (2, "1741 → money back. no questions asked", 1741, 119.0),
        (2, "reimburse order 1751 (249.50 EUR), goods returned on 20.11.2026", 1751, 249.5),
        (1, "Could you pls return the full 59,50 on order 1720? Lamp flickers.", 1720, 59.5),
        (1, "order 1747 was delivered to the wrong address and is gone. refund everything", 1747, 89.9),
        (1, "1777 all back please, patch kit was empty", 1777, 7.9),
        (2, "refund order 1781 fully, it never arrived and the customer is not willing to wait until christmas",
            1781, 69.0),
        (2, "Order 1746 got lost. Refund.", 1746, 29.5),
        (2, "Storno der Zahlung für Bestellung Nr. 1771 bitte, Kunde hat widerrufen", 1771, 27.9),
    ),
    or_ask=(
        (1, "7178 - full refund, approved by Käthe", 1757, 159.0),
        (2, "cancel and refund 1788, not needed anymore", 1788, 279.0),
        (2, "Sorry I meant order 1753, not 1763. Full refund.", 1753, 389.0),
        (2, "refund orders 1753 and 1771 please, both wrong size", 1753, 389.0),
    ),
    ask=(
        (1, "Do NOT refund order 1755 yet, I'm waiting for the photos."),
        (1, "Was order 1755 refunded already?"),
        (1, "dont refund 1776 please, she keeps the stove"),
        (2, "should we refund 1760 or not?"),
        (2, "How do I refund order 1760?"),
        (1, "if 1755 is not refunded yet tell me"),
        (1, "I already refunded 1755 yesterday"),
        (1, "please check whether we refunded 1757"),
        (1, "the refund for 1776 was wrong, it should have been 20"),
        (1, "no refund for 1755!"),
        (1, "tell me if 1755 can be refunded"),
        (1, "wait with the refund of 1757"),
        (2, "refund order 1753 tomorrow"),
        (2, "who refunded 1724"),
        (2, "refund orders 1753, 1745 or 1741"),
        (1, "tell the customer of 1755 we can not refund"),
        (1, "is a refund of 1755 ok for you?"),
        (2, "last refund on 1742 was how much"),
        (2, "I'd rather not refund 1753"),
        (2, "she refuses the refund for 1753"),
        (2, "the customer of 1753 does not want a refund, he wants a new tent"),
        (2, "cancel my request to refund 1753"),
        (1, "has the customer of 1755 asked for a refund?"),
        (1, "refund policy for 1755?"),
        (1, "she got 20 euros back on 1755 yesterday"),
        (2, "did 1753 ask for money back?"),
        (2, "explain why 1753 got no refund"),
        (2, "Jón thinks we should not pay anything back on 1753"),
        (2, "customer threatens with chargeback on 1753"),
    ),
)  # fmt: skip

AMOUNT = Scenario(
    name="partial refund by amount",
    clear=(
        (1, "Refund 15 euros on order 1755.", 1755, 15.0),
        (1, "give her 20 back on 1743, scratches on the shoe", 1743, 20.0),
        (1, "1755: 50€ kulanz pls", 1755, 50.0),
        (1, "€ 12.50 back for order 1776 please", 1776, 12.5),
        (1, "Please pay back 12,50 EUR on order no. 1757 because delivery took 3 weeks.", 1757, 12.5),
        (1, "15 EUR Erstattung auf Bestellung 1719, Lieferung zu spät", 1719, 15.0),
        (1, "take 10 off order 1713 and pay it back to the customer", 1713, 10.0),
        (1, "customer on 1740 found the pack 30 euro cheaper elsewhere, refund him the difference pls", 1740, 30.0),
        (1, "partial refund order 1731 - amt 39.00", 1731, 39.0),
        (1, "EUR 1.000,00 back on 1748 pls, that was agreed w/ Jón", 1748, 1000.0),
        (1, "refund 1,200.50 on order 1769", 1769, 1200.5),
        (1, "Ticket 7170 — offer accepted, he keeps the tent and gets 80 euros.", 1755, 80.0),
        (1, "8 quid... i mean 8 euros back to Wiebke for the dry bag in 1751", 1751, 8.0),
        (1, "We charged shipping twice on 1744, 4.90 each. Please return 4.90.", 1744, 4.9),
        (1, "hi again :) pls 5,- on 1756 for the torn packaging, refund", 1756, 5.0),
        (1, "Rembourser 25 euros sur la commande 1707 s'il vous plaît", 1707, 25.0),
        (1, "there is 2 years warranty but we refund only 40 on 1720", 1720, 40.0),
        (1, "order 1754 / refund 19.99 / late delivery", 1754, 19.99),
        (1, "Goodwill of 7.50 for Mats Uhlenkötter's order 1753, zipper of the pack sticks", 1753, 7.5),
        (2, "1760: 100 eur back. customer keeps the bag", 1760, 100.0),
        (2, "refund €60 to Łukasz Jaworzec for 1745, heel came loose", 1745, 60.0),
        (2, "plz refund 35 EUR order 1753, tent arrived w/ a hole (hole is ca. 5 cm)", 1753, 35.0),
        (2, "The 1736 thing: I promised her 45 euros. can u book it?", 1736, 45.0),
        (2, "20€ on #1728 please, burner ring bent", 1728, 20.0),
        (2, "10.5 euro refund for 1733 thanks", 1733, 10.5),
        (2, "The customer says order 1731 came 10 days late, so refund 10 euros.", 1731, 10.0),
        (2, "hey, 1733: 5 euros discount because of scratches, pay it back pls", 1733, 5.0),
    ),
    or_ask=(
        (1, "refund fifteen euros on order 1755", 1755, 15.0),
        (2, "Please return half... no wait, just 70 euro on order 1745", 1745, 70.0),
        (2, "twenty back on 1736 pls", 1736, 20.0),
        (2, "refund 20 to 1753 and 10 to 1745", 1753, 20.0),
        (1, "make it 25 instead of 20 for 1755 (refund)", 1755, 25.0),
    ),
    ask=(
        (1, "refund 500 on order 1756"),
        (1, "refund 1800 on 1755"),
        (1, "refund 0 EUR on order 1755"),
        (2, "pay back minus 20 euros on 1753"),
        (2, "refund between 20 and 30 euros on order 1753, you decide"),
        (2, "customer of 1753 says 20 euros refund is not enough"),
        (1, "refund max 20 euros on 1755, ask Jón first"),
    ),
)

PART = Scenario(
    name="partial refund of an item or a percentage",
    clear=(
        (1, "Refund only the gaiters in order 1701.", 1701, 49.5),
        (1, "1705: one of the three head torches is broken, refund that one", 1705, 59.5),
        (1, "10% back on order 1755 please", 1755, 38.9),
        (1, "10 % Nachlass auf 1719, bitte erstatten", 1719, 27.9),
        (1, "refund half of order 1776", 1776, 34.5),
        (1, "half the price of 1757 back pls", 1757, 79.5),
        (1, "customer keeps the tent but wants money for the pack back, order 1753", 1753, 219.0),
        (1, "the camp pillow in 1715 has a hole, pls refund it", 1715, 24.9),
        (1, "the two wool washes from 1729 leaked in the parcel, refund these", 1729, 23.0),
        (1, "refund the anorak (1728)", 1728, 139.0),
        (1, "in order 1731 the pegs are missing. pls refund pegs only.", 1731, 14.9),
        (1, "Please reimburse the boots of order 1736; the rest stays with the customer", 1736, 239.0),
        (1, "Refund 20 percent of order 1740, cosmetic damage", 1740, 72.68),
        (1, "Refund all 3 silk liners from 1734", 1734, 163.5),
        (1, "two of the three silk liners in 1734 are torn, refund those two", 1734, 109.0),
        (1, "one dry bag from order 1736 is leaking, refund one of them", 1736, 22.9),
        (1, "1763: the knit cap was the wrong colour → money back for the cap", 1763, 29.5),
        (1, "refund both map cases and the insoles of order 1707", 1707, 66.9),
        (2, "1768 steel pegs bent, refund the pegs", 1768, 14.9),
        (2, "Refund the Sentiero shoes from 1737 please, rest is fine", 1737, 149.0),
        (2, "order 1727 flask is dented, she wants her money back just for that", 1727, 39.9),
        (1, "the knit caps (1741) shrank, refund one", 1741, 29.5),
        (2, "order 1732 pillow and dry bag refund please", 1732, 47.8),
        (1, "hi colleague, 1808: one of three lanterns doesn't light up, money back for that one", 1808, 44.9),
        (1, "partial refund 1810: gaiters only", 1810, 49.5),
        (2, "order 1776 liners are the wrong colour. refund both liners", 1776, 109.0),
        (2, "pay back 50% of 1753", 1753, 194.5),
        (2, "15 % back on order 1760 thx", 1760, 64.35),
        (2, "ticket 7184, refund half", 1771, 13.95),
        (1, "order 1734: 1 silk liner torn, refund it", 1734, 54.5),
        (1, "refund 2 of the 3 hip pouches in 1796", 1796, 69.0),
        (2, "customer bought 3 footprints (1719), 2 of them have wrong size, refund 2 footprints", 1719, 98.0),
        (2, "One pair of boots of 1717 is too tight, refund that pair", 1717, 239.0),
        (2, "the lavvo in 1722 has a broken stove hatch, refund the lavvo pls, pillow is ok", 1722, 649.0),
    ),
    or_ask=(
        (1, "25% on 1743 pls, sole slightly worn", 1743, 37.25),
        (1, "Bestellung 1744: nur das Zelt erstatten", 1744, 389.0),
        (1, "a third of 1708 back please, one of three stoves is a dud", 1708, 69.0),
        (2, "refund 1706 except the lantern", 1706, 359.0),
        (2, "1737 refund everything but the dry bag", 1737, 158.9),
        (2, "a quarter of the price of 1770 as refund", 1770, 72.25),
    ),
    ask=(
        (1, "refund the kuksa cup on order 1755"),
        (1, "refund 150% of 1755"),
        (1, "refund one item of order 1705"),
        (2, "refund 4 knit caps of order 1709"),
        (1, "refund either the tent or the pack in 1753"),
    ),
)

NO_ORDER = Scenario(
    name="refund without an order",
    or_ask=(
        (1, "refund Ambra Cà del Bosco, 25 euros for the wrong map case", 1707, 25.0),
        (1, "Refund Fionn Dunmoyle's order in full", 1791, 64.9),
        (1, "Refund the Skarv tent of Saga Ängsmyr", 1750, 389.0),
        (2, "refund C-1009's sentiero shoes", 1745, 149.0),
        (2, "the last order of Łukasz Jaworzec, refund 20 eur", 1745, 20.0),
    ),
    ask=(
        (1, "I want my money back."),
        (1, "refund please"),
        (1, "can you do a refund?"),
        (1, "The customer wants a refund, item arrived broken."),
        (1, "Refund Benoît Le Quénec."),
        (1, "Please refund Saga Ängsmyr, her things arrived wet."),
        (1, "give aoife o'carrowmore 20 euros back"),
        (1, "refund 30 EUR"),
        (1, "refund the customer from yesterday"),
        (1, "Tindra Granqvarn needs a full refund"),
        (1, "refund michal"),
        (1, "pls refund order"),
        (1, "refund order 17"),
        (1, "refund order 9999 in full"),
        (1, "ticket 7164 refund please"),
        (1, "do what ticket 7164 says"),
        (1, "Please sort out ticket 7163, it is urgent"),
        (1, "Geld zurück bitte!!"),
        (1, "je veux être remboursé"),
        (1, "refund her the 20 we talked about"),
        (1, "same as last time please"),
        (1, "refund customer C-1003 in full"),
        (1, "The tent leaks. Customer is angry. Money back asap."),
        (1, "pls refund 1755 or 1757, not sure which one it was"),
        (2, "łukasz wants a refund for his shoes"),
        (2, "Björn Rübsamen wants 15 euros back"),
        (2, "thijs.ijsselborg@brevdue.example is asking for money back again"),
        (2, "refund the 2 orders from last week"),
        (1, "refund all orders of Saga Ängsmyr"),
    ),
)

REFUNDS = (FULL, AMOUNT, PART, NO_ORDER)
