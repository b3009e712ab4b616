"""Words for the shop itself: suppliers, products, help articles, templates and settings."""

SUPPLIERS = (
    ("SUP-01", "Nordlys Telt AS", "ordre@nordlystelt.example", "NO", 14),
    ("SUP-02", "Daunenwerk Allgäu GmbH", "verkauf@daunenwerk.example", "DE", 21),
    ("SUP-03", "Góra Sprzęt sp. z o.o.", "zamowienia@gorasprzet.example", "PL", 10),
    ("SUP-04", "Atelier du Réchaud", "bonjour@atelier-rechaud.example", "FR", 28),
    ("SUP-05", "Kuura Optics Oy", "sales@kuura.example", "FI", 12),
    ("SUP-06", "Calzature Sasso & Figli", "ordini@sassofigli.example", "IT", 35),
    ("SUP-07", "Ullvarens Vänner AB", "hej@ullvarens.example", "SE", 9),
)

# sku, name, category, price in cents, supplier, description
PRODUCTS = (
    ("TNT-201", "Skarv 2 tunnel tent", "tents", 38900, "SUP-01", "Two people, four seasons, 2.6 kg."),
    ("TNT-202", "Rype 1 solo tent", "tents", 24950, "SUP-01", "One person, 1.2 kg, pitches with one pole."),
    ("TNT-203", "Lavvo 6 group tent", "tents", 64900, "SUP-01", "Six people, stove hatch, 9 kg."),
    ("TNT-204", "Tarp 3×4 m", "tents", 8990, "SUP-01", "Silnylon tarp with eight guy points."),
    ("TNT-205", "Steel pegs, set of 10", "tents", 1490, "SUP-03", "V-profile, 18 cm."),
    ("TNT-206", "Footprint for Skarv 2", "tents", 4900, "SUP-01", "Protects the groundsheet."),
    ("SLP-301", "Dun 400 sleeping bag", "sleeping", 27900, "SUP-02", "Goose down, comfort −4 °C."),
    ("SLP-302", "Dun 700 winter bag", "sleeping", 42900, "SUP-02", "Goose down, comfort −15 °C."),
    ("SLP-303", "Moss synthetic bag", "sleeping", 11900, "SUP-03", "Comfort +3 °C, washable at 40 °C."),
    ("SLP-304", "Silk liner", "sleeping", 5450, "SUP-04", "Mulberry silk, 130 g."),
    ("SLP-305", "Air mat Svev", "sleeping", 12900, "SUP-03", "R 4.1, 480 g, with pump sack."),
    ("SLP-306", "Camp pillow", "sleeping", 2490, "SUP-03", "Inflatable, brushed cover."),
    ("PCK-401", "Vidde 65 trekking pack", "packs", 21900, "SUP-03", "65 l, adjustable back."),
    ("PCK-402", "Haug 28 day pack", "packs", 10950, "SUP-03", "28 l with rain cover."),
    ("PCK-403", "Dry bag 13 l", "packs", 2290, "SUP-03", "Welded seams, roll closure."),
    ("PCK-404", "Rain cover 50–70 l", "packs", 2690, "SUP-03", "Bright orange."),
    ("PCK-405", "Hip pouch", "packs", 3450, "SUP-07", "Fits every Vidde pack."),
    ("COK-501", "Glo gas stove", "cooking", 6900, "SUP-04", "Folds to the size of a fist, 3 kW."),
    ("COK-502", "Braise multi-fuel stove", "cooking", 15900, "SUP-04", "Petrol, diesel and gas."),
    ("COK-503", "Titanium pot 0.9 l", "cooking", 5990, "SUP-04", "With lid and measuring marks."),
    ("COK-504", "Kuksa birch cup", "cooking", 3290, "SUP-07", "Carved by hand, each one differs."),
    ("COK-505", "Spork, recycled", "cooking", 690, "SUP-07", "Survives most dishwashers."),
    ("COK-506", "Water filter Kilde", "cooking", 4450, "SUP-05", "0.1 µm hollow fibre, 1500 l."),
    ("COK-507", "Vacuum flask 1 l", "cooking", 3990, "SUP-03", "Hot for 24 hours."),
    ("CLO-601", "Ull base layer, top", "clothing", 7900, "SUP-07", "200 g merino, mulesing-free."),
    ("CLO-602", "Ull base layer, leggings", "clothing", 7400, "SUP-07", "200 g merino."),
    ("CLO-603", "Regn shell jacket", "clothing", 28900, "SUP-07", "Three layers, 20 000 mm, PFC-free."),
    ("CLO-604", "Vind anorak", "clothing", 13900, "SUP-07", "Waxed cotton, kangaroo pocket."),
    ("CLO-605", "Knit cap Sau", "clothing", 2950, "SUP-07", "Felted wool from one farm."),
    ("CLO-606", "Mittens Lovikka style", "clothing", 4200, "SUP-07", "Thick enough for −25 °C."),
    ("CLO-607", "Hiking socks, two pairs", "clothing", 2790, "SUP-07", "70 % wool."),
    ("FTW-701", "Sasso GTX boots", "footwear", 23900, "SUP-06", "Resoleable, sizes 36–48."),
    ("FTW-702", "Sentiero low shoes", "footwear", 14900, "SUP-06", "Light shoes for dry trails."),
    ("FTW-703", "Gaiters", "footwear", 4950, "SUP-06", "Hook, strap and zip."),
    ("FTW-704", "Insoles, cork", "footwear", 2990, "SUP-06", "Heat-mouldable."),
    ("FTW-705", "Boot wax 100 ml", "footwear", 990, "SUP-06", "Beeswax, no perfume."),
    ("LGT-801", "Stjerne 400 head torch", "light", 5950, "SUP-05", "400 lm, USB-C, red light."),
    ("LGT-802", "Lykt camp lantern", "light", 4490, "SUP-05", "Warm light, dims to candle level."),
    ("LGT-803", "Power bank 10 000 mAh", "light", 3990, "SUP-05", "Works at −10 °C."),
    ("NAV-901", "Mirror compass", "navigation", 4790, "SUP-05", "Declination adjustment."),
    ("NAV-902", "Map case A4", "navigation", 1850, "SUP-03", "Touch-sensitive film."),
    ("NAV-903", "Monocular 8×25", "navigation", 11900, "SUP-05", "Waterproof, 210 g."),
    ("REP-951", "Seam sealer 28 g", "repair", 890, "SUP-03", "For silicone-coated fabric."),
    ("REP-952", "Pole repair sleeve", "repair", 650, "SUP-01", "For 8.5–9.5 mm poles."),
    ("REP-953", "Mat patch kit", "repair", 790, "SUP-03", "Six patches and glue."),
    ("REP-954", "Wool wash 250 ml", "repair", 1150, "SUP-07", "Lanolin, no bleach."),
)

ARTICLES = (
    ("A-01", "Returns within 30 days", "Unused goods may be returned within 30 days. Send them with the label."),
    ("A-02", "When we refund", "Refunds up to 50 EUR may be granted at the desk; above that billing decides."),
    ("A-03", "Delivery times", "Nordic countries 2–4 days, the rest of Europe 4–8 days. Shipping is free."),
    ("A-04", "Washing down", "Wash down bags at 30 °C with down soap and dry them slowly with tennis balls."),
    ("A-05", "Warranty on tents", "Poles and seams are covered for five years, coatings for two."),
    ("A-06", "Resoling boots", "Sasso boots can be resoled twice. Allow six weeks and 89 EUR."),
    ("A-07", "Erasure requests", "Check the identity through the address on file before erasing an account."),
    ("A-08", "Lost parcels", "After ten days without a scan a parcel counts as lost: send again or refund."),
    ("A-09", "Vouchers", "Vouchers are valid for a year and cannot be paid out."),
    ("A-10", "Cleaning stoves", "Poke the jet with the needle supplied; never with wire."),
)

TEMPLATES = (
    ("delay", "Your order is delayed", "Dear {name},\n\nyour order will leave us a few days late. Sorry!"),
    ("newsletter", "New at Fjell & Tarn", "Hello {name},\n\nthe autumn catalogue is here."),
    ("refund", "Your refund is on its way", "Dear {name},\n\nyou will see the money within five working days."),
    ("return-label", "How to send it back", "Dear {name},\n\nplease print the label and hand in the parcel."),
    ("review", "How was it out there?", "Hello {name},\n\ntell others how your equipment did."),
)

SETTINGS = (
    ("opening_hours", "Mon–Fri 09:00–17:00"),
    ("goodwill_limit_eur", "50"),
    ("return_days", "30"),
    ("sender_address", "hello@fjell-og-tarn.example"),
    ("webshop_banner", "Free shipping in all of Europe"),
    ("low_stock_mail", "on"),
)

WEBHOOKS = (
    ("https://books.fjell-og-tarn.example/hooks/orders", "order.placed"),
    ("https://books.fjell-og-tarn.example/hooks/refunds", "order.refunded"),
)

NOTES = (
    "Prefers to be called after 16:00.",
    "Guide at a mountaineering school, buys for groups.",
    "Allergic to down: only suggest synthetic bags.",
    "Moved house in spring, old address in the carrier's system.",
    "Parcel once left with the neighbour at number 14, was not happy about it.",
    "Writes in capitals but is friendly.",
    "Owns a Skarv 2 from the first series (serial 0017).",
    "Asked twice about spare poles for Lavvo 6.",
    "Invoice always to the club's treasurer.",
)

TAGS = ("vip", "guide", "club", "press", "wholesale", "slow-payer", "repair-fan", "winter")
