"""Words that say nothing about what a message is about: English and German, and how people speak of earlier. Pure."""

_ENGLISH = """
about above after again against ago all already also always and any anything are aren't around back because been before
being below between both but can can't cannot could couldn't did didn't does doesn't doing don't done down each either
else even ever every everything few for from further get gets give given goes going got had has have haven't having her
here hers him his how however i'd i'll i'm i've into isn't it's its just know let let's like look made make makes many
may maybe might mine more most much must need needs neither never new next nor not nothing now off okay old once one
only onto other our ours out over own per please quite rather really same see shall she should show since some somebody
someone something still such sure take tell than thank thanks that that's the their theirs them then there there's
these they thing things think this those though through thus too two under until upon use used using very want wants was
wasn't way well were weren't what what's whatever when where which while who whom whose why will with within without
won't would wouldn't yes yet you you're your yours
asked beginning conversation discussed discussion earlier first last mention mentioned message previous previously
mr mrs ms recall remember remind said say saying says session spoke spoken talked talking told wrote written
"""
_GERMAN = """
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist bitte bitten da dabei
dafür damit danach dann daran darauf daraus darin darüber das dass daß davon dazu dein deine dem den denn der deren des
dessen deshalb die dies diese diesem diesen dieser dieses doch dort du durch eben ein eine einem einen einer eines
einfach einige einmal er erst es etwas euch euer eure für ganz gar gegen geht gern gerne gewesen gib gibt habe haben hast
hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in indem ins ist jede jedem jeden
jeder jedes jene jetzt kann kannst kein keine keinen können könnte könnten machen mal man manche mehr mein meine meinem
meinen meiner mich mir mit möchte muss müssen muß nach nachdem nein nicht nichts noch nun nur ob oder ohne schon sehr
sein seine seinem seinen seiner seit sich sie sind so sobald soll sollen sollte sondern sonst soviel über um und uns
unser unsere unter viel viele vielen vielleicht vom von vor wann war waren warum was weil weiter welche welchem welchen
welcher welches wenn wer werde werden wessen wie wieder wieso will wir wird wirklich wo wollen worden wurde wurden würde
zu zum zur zwar zwischen danke hallo
anfang besprochen damals erinnern erinnerst erwähnt erwähnte früher gefragt gesagt gesprochen herr herrn frau geschrieben gespräch
nachricht sagte sagten sitzung vorher vorhin zuerst zuletzt
"""
STOP_WORDS = frozenset(f"{_ENGLISH} {_GERMAN}".split())
