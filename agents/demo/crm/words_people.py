"""Words for invented customers: per country the names, towns, phone prefix and how streets are written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """`phone` and `postcode` have a digit for each 9; `street` takes a name and a number."""

    code: str
    language: str
    weight: int
    first: tuple[str, ...]
    last: tuple[str, ...]
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    street: str
    postcode: str
    phone: str


def country(code: str, language: str, weight: int, *texts: str) -> Country:
    first, last, towns, streets, street, postcode, phone = texts
    return Country(
        code=code,
        language=language,
        weight=weight,
        first=tuple(first.split()),
        last=tuple(name.replace("_", " ") for name in last.split()),
        towns=tuple(name.replace("_", " ") for name in towns.split()),
        streets=tuple(name.replace("_", " ") for name in streets.split()),
        street=street,
        postcode=postcode,
        phone=phone,
    )


COUNTRIES = (
    country(
        "NO", "nb", 6,
        "Ingrid Kåre Sølvi Bjørn Åse Håkon Tuva Eirik Ragnhild Øystein Marte Sindre Gøril Torbjørn",
        "Åsnesli Fjellvoll Tjørnmo Brattskard Øverdal Lyngstøl Skogåsen Hellebø Rypelid Vassenget Sæterhaug Nordlykkja",
        "Trondheim Ålesund Bodø Røros Lillehammer Tromsø Voss",
        "Fjellveien Bjørkåsen Tjernstien Storgata Elvebakken Skiløperveien",
        "{name} {number}", "9999", "+47 999 99 999",
    ),
    country(
        "SE", "sv", 4,
        "Åsa Björn Linnéa Göran Maj-Britt Östen Tindra Håkan Elsa Märta Nils Saga",
        "Ljungåker Björkfors Ängsmyr Tallberga Sjöhed Granqvarn Råbäcken Östmossen Vintersten Fjällgren",
        "Östersund Umeå Kiruna Göteborg Växjö Åre Falun",
        "Fjällgatan Björkvägen Kvarnstigen Ängsgatan Sjövägen",
        "{name} {number}", "999 99", "+46 79 999 99 99",
    ),
    country(
        "DE", "de", 6,
        "Jürgen Käthe Björn Annegret Sönke Franziska Götz Maren Thorben Ulrike Jörg Heidrun Mats Wiebke",
        "Großhainer Müllenbrück Tannwälder Schönrode Kieferberg Osterbrügge Höllental Weißenfeldt Rübsamen Uhlenkötter",
        "Freiburg Göttingen Görlitz Münster Oberstdorf Kiel Würzburg",
        "Buchenweg Am_Mühlbach Höhenstraße Lärchenallee Ziegelgasse Kirchplatz",
        "{name} {number}", "99999", "+49 159 9999 9999",
    ),
    country(
        "FR", "fr", 3,
        "Zoé François Maëlle Loïc Anaïs Gaël Hélène Benoît Noémie Aurélien Clémence Jérôme",
        "Montbrelot Charvières d'Aubremont Le_Quénec Roche-Évrard Béliveau Lacroisette Tournevault Prévaux Guérinel",
        "Chambéry Annecy Besançon Grenoble Quimper Orléans",
        "rue_des_Érables chemin_du_Belvédère allée_des_Tilleuls rue_Haute impasse_du_Lavoir",
        "{number} {name}", "99999", "+33 6 99 99 99 99",
    ),
    country(
        "PL", "pl", 3,
        "Łukasz Małgorzata Zdzisław Agnieszka Paweł Grażyna Michał Świętosława Jędrzej Bożena",
        "Górnowski Świerczka Łąkotny Źródlański Brzezióra Wądołek Śnieżnicki Kołodrąb Jaworzec Halniak",
        "Zakopane Kraków Łódź Wrocław Bielsko-Biała Gdańsk",
        "ul._Górska ul._Świerkowa ul._Źródlana ul._Młyńska ul._Żeglarska",
        "{name} {number}", "99-999", "+48 799 999 999",
    ),
    country(
        "NL", "nl", 3,
        "Joost Anneloes Daniëlle Wout Fenna Sjoerd Zoë Rens Maaike Thijs",
        "van_der_Heuvelkamp de_Brinkhorst Waterlander ter_Veenstee Duinmeijer van_Lommerrijk IJsselborg Hoogdalem",
        "Arnhem Zwolle 's-Hertogenbosch Leeuwarden Maastricht Enschede",
        "Heideweg Dennenlaan Molenstraat Kanaaldijk Oude_Gracht",
        "{name} {number}", "9999 XK", "+31 6 9999 9999",
    ),
    country(
        "FI", "fi", 2,
        "Päivi Jyrki Äänö Tuulikki Väinö Riikka Lasse Helmi Ylermi Outi",
        "Hämäläkorpi Jääskivuori Tunturinen Käpylehto Suonperä Yläjoki Mäntyharju-Salo Pöllölä",
        "Rovaniemi Jyväskylä Oulu Hämeenlinna Kuusamo",
        "Mäntytie Järvenkatu Tunturitie Käpykuja Rantatie",
        "{name} {number}", "99999", "+358 49 999 9999",
    ),
    country(
        "CZ", "cs", 2,
        "Jiří Lenka Zdeněk Kateřina Ondřej Božena Tomáš Žaneta Vojtěch Růžena",
        "Horčička Dvořákovský Lesňák Říčanský Žďárek Větrovec Křišťál Běloušek",
        "Liberec Plzeň České_Budějovice Jeseník Olomouc",
        "Lesní Na_Stráni Horská Květinová U_Rybníka",
        "{name} {number}", "999 99", "+420 799 999 999",
    ),
    country(
        "ES", "es", 2,
        "Begoña Íñigo Nerea Joaquín María_José Andrés Sofía Álvaro Inés Raúl",
        "Montañera Peñalba_Soto Ibáñeta Riofrío Cañadilla Urkiolabeitia Valdesierra Llanogrande",
        "Jaca Oviedo León Granada Vitoria-Gasteiz",
        "Calle_del_Pinar Avenida_de_la_Peña Camino_Viejo Plaza_del_Río Calle_Mayor",
        "{name} {number}", "99999", "+34 699 999 999",
    ),
    country(
        "IS", "is", 1,
        "Þórdís Guðmundur Sæunn Ísak Ásdís Björk Hreiðar Æsa Össur",
        "Hrafnkelsdóttir Snæbjarnarson Þorvaldsdóttir Ketilsson Steinunnardóttir Úlfarsson",
        "Akureyri Ísafjörður Húsavík Reykjavík",
        "Fjallagata Hraunbær Vatnsstígur Lækjargata",
        "{name} {number}", "999", "+354 699 9999",
    ),
    country(
        "HU", "hu", 1,
        "Győző Zsófia Ödön Réka Lőrinc Ágnes Bálint Tünde",
        "Hegyközi Kőszegvári Tűzkövi Erdőhegyi Szélmalmi Nagyváradszki",
        "Győr Eger Kőszeg Szilvásvárad",
        "Erdő_utca Hegyalja_út Fűzfa_köz Kőbánya_utca",
        "{name} {number}.", "9999", "+36 70 999 9999",
    ),
    country(
        "IE", "en", 2,
        "Siobhán Oisín Aoife Cillian Gráinne Fionn Róisín Tadhg",
        "O'Carrowmore Mac_Gleannáin Ní_Bhraonlach Fennelroy O'Tullaghan Dunmoyle",
        "Galway Killarney Westport Dún_Laoghaire",
        "Hazel_Lane Lough_Road Quarry_Hill Mill_Street",
        "{number} {name}", "H91 XK99", "+353 89 999 9999",
    ),
    country(
        "GR", "el", 1,
        "Ελένη Γιώργος Χρυσούλα Νίκος Δέσποινα Θανάσης",
        "Πετροβούνης Ανεμοδούρα Λιθαράκης Ελατοπούλου Ραχιώτης",
        "Ιωάννινα Καλαμπάκα Βόλος",
        "Οδός_Ελάτης Ορεινής_Διαδρομής Πλατεία_Πηγής",
        "{name} {number}", "999 99", "+30 699 999 9999",
    ),
    country(
        "IT", "it", 2,
        "Niccolò Chiara Ubaldo Mirò Letizia Matteo Ambra Iacopo",
        "Montescuro D'Alpefonda Rifugiati Sassolungo Brentafiori Cà_del_Bosco Valfreddi",
        "Bolzano Aosta Forlì Belluno Cuneo",
        "Via_delle_Malghe Via_Larice Vicolo_Stretto Piazza_del_Pozzo",
        "{name} {number}", "99999", "+39 399 999 9999",
    ),
)  # fmt: skip

MAIL_DOMAINS = ("fjordpost.example", "mailkvist.example", "postbirke.example", "alpmail.example", "tarnnet.example",
    "quickletter.example", "werkstatt-nord.example", "studio-lume.example", "brevdue.example")  # fmt: skip

STAFF = (
    ("S-01", "Vilde Sørlykke", "support"),
    ("S-02", "Tobiasz Wrzoskowski", "support"),
    ("S-03", "Mérédith Aubépin", "support"),
    ("S-04", "Jón Hlíðarsson", "billing"),
    ("S-05", "Käthe Mittelstädt", "billing"),
    ("S-06", "Oskari Lumipuro", "warehouse"),
    ("S-07", "Dagný Bekkevold", "warehouse"),
)
