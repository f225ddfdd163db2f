"""The words of prompts, English and German, as patterns, in the order `prompt` looks for them.

Written for text in lower case, without umlauts (`ae`, `ss`) and without hyphens. In a table of
(word, pattern) the first pattern that is found decides, so the order of rows matters.
"""

from __future__ import annotations

import re

SPELL = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'", "-": " ", "‑": " "})
# Words that may stand between a colour and the noun it belongs to: no article, no preposition.
BETWEEN = (
    r"(?!(?:an?|the|and|or|with|in|on|over|by|at|ein\w*|de[rmns]|die|das|und|oder|mit|ueber|auf|am"
    r"|im|an|hills?|huegel\w*|sky|himmel|sea|meer|sun|sonne|water|wasser|sand|snow|schnee)\b)\w+"
)
WORN = (
    r"^(?: \w+)?,? (?:dressed in|in|wearing|mit)(?: an?| einem| einer)? (?:{})\b"
    r"(?! (?:\w+ )?(?:hills?|valleys?|plains?|country\w*|winter\w*|light|licht|huegel\w*|tal))"
)
LEFT, RIGHT = r"\bleft\w*|\blink(?:s|e[nrms]?)\b", r"\bright\w*|\brecht(?:s|e[nrms]?)\b"

LOOKS = (
    ("black-and-white", r"black (?:and|&|n) white(?: \w*aufnahme)?|b ?& ?w|b/w|monochrom\w*"
                        r"|schwarz ?weiss\w*(?: aufnahme)?"),
    ("warm", r"warm\w* (?:colou?rs?|tones?|grad\w+|farb\w*|toene\w*|look|palette|hues?)"
             r"(?: grade| palette)?"),
    ("cold", r"(?:cold|cool|kalt\w*|kuehl\w*) (?:colou?rs?|tones?|grad\w+|farb\w*|toene\w*|look"
             r"|palette|hues?)(?: grade| palette)?"),
    ("colour", r"\bin colou?r\b|natural colou?rs|\bin farbe\b|natuerlichen farben"),
)  # fmt: skip
# A few words between a move and its direction: no stop or comma, nothing that leads to an object.
N = (
    r"(?:(?: (?!(?:from|of|along|past|across|over|on|in|into|out|an?|with|ueber|weg|hin|um|ein\w*"
    r"|von|mit|vorbei)\b)\w+){0,4}?)"
)
CAM = r"(?:camera|we|kamera|wir|lens)"
IN, OUT = r"(?:in|into|closer|forwards?)\b", r"(?:out|back|backwards?|away)\b"
UP, DOWN = r"(?:up\w*|nach oben|aufwaerts)", r"(?:down\w*|nach unten|abwaerts)"
SIDEWAYS = r"(?:track\w*|truck\w*|slid(?:e|es|ing)|lateral|sideways|sidewards|travell?ing)"
FAHRT = r"(?:\b\w*fahrt\b|\b(?:kamera|wir) (?:faehrt|fahren)\b)"
STILL = (
    r"static (?:shot|camera|frame)|locked (?:off|down)(?: camera| shot)?|tripod(?: shot)?"
    rf"|(?:fixed|still) {CAM}|{CAM} (?:stands? still|does not move|doesn't move|is static"
    r"|is locked off|stays? fixed|holds still)|statisch\w* (?:kamera|einstellung|aufnahme)"
    r"|(?:feststehend\w*|starr\w*|unbewegt\w*|fest\w*) (?:kamera|einstellung)|stativaufnahme"
    r"|vom stativ|kamera (?:steht still|bewegt sich nicht|bleibt (?:starr|unbewegt)|ruht)"
)
# Patterns with a direction in them carry it as a group; `{}` becomes the move's own side.
MOVES: tuple[tuple[str, str], ...] = (
    ("static", STILL),
    ("zoom in", rf"\bzoom\w*{N} {IN}|heranzoom\w*|hineinzoom\w*|zoomt?{N} (?:heran|hinein"
                rf"|ins?)\b"
                r"|zoomen (?:\w+ ){0,2}(?:heran|hinein)"),
    ("zoom out", rf"\bzoom\w*{N} {OUT}|herauszoom\w*|zoom\w*{N} (?:heraus|zurueck|raus)\b"),
    ("orbit {}", rf"(?:orbit\w*|\barc(?:s|ing)?\b|circl\w+|kreis\w*|umkreis\w*|bogenfahrt"
                 rf"|{FAHRT}(?: \w+){{0,2}} im (?:bogen|kreis)){N}(?: to"
                 rf"| nach)?(?: the)? (?:{{side}})"
                 r"|(?:{side}) (?:orbit|arc)"),
    ("pan {}", rf"(?:\bpan(?:s|ning)?\b|\w*schwenk\w*|{CAM} turns?|kamera dreht){N} (?:{{side}})"
               r"|(?:left|right)wards? pan\b|{german}schwenk"),
    ("tilt up", rf"(?:tilt\w*|\w*schwenk\w*|\w*neig\w+){N} {UP}|upwards? tilt|aufwaertsschwenk"),
    ("tilt down", rf"(?:tilt\w*|\w*schwenk\w*|\w*neig\w+){N} {DOWN}|downwards? tilt"
                  r"|abwaertsschwenk"),
    ("crane up", rf"(?:\bcran\w+|boom\w*|\bjib){N} {UP}|rising crane(?: shot)?"
                 rf"|aufsteigend\w* kran\w+"
                 rf"|{CAM} (?:rises|lifts|ascends|moves{N} {UP}|steigt|hebt sich"
                 rf"|schwebt{N} {UP})"
                 rf"(?: \w+ly)?(?: {UP})?|{FAHRT}{N} {UP}"),
    ("crane down", rf"(?:\bcran\w+|boom\w*|\bjib){N} {DOWN}|descending crane(?: shot)?"
                   rf"|absteigend\w* kran\w+|{CAM} (?:descends|sinks|lowers|moves{N} {DOWN}"
                   rf"|senkt sich|sinkt|schwebt{N} {DOWN})(?: \w+ly)?|{FAHRT}{N} {DOWN}"),
    ("truck {}", rf"(?:\bdolly|\bdollies|{SIDEWAYS}|{CAM} (?:moves?|travels?|glides?|drifts?"
                 rf"|gleitet|gleiten)"
                 rf"|\bfahrt|{FAHRT}|seitlich\w* \w+){N}(?: to| nach"
                 rf"| towards)?(?: the)? (?:{{side}})"),
    ("dolly in", rf"\bdoll(?:y|ies|ying)\b{N} {IN}|push(?:es|ing)?{N} in\b|forward dolly"
                 rf"|{CAM} (?:moves?|travels?|creeps?|flies|glides?){N} {IN}|moving forwards?"
                 r"|vorwaertsfahrt|ranfahrt|heranfahrt|zufahrt|kamera naehert sich"
                 rf"|{FAHRT}{N} (?:heran|nach vorne?|vorwaerts)"),
    ("dolly out", rf"\bdoll(?:y|ies|ying)\b{N} {OUT}|pull(?:s|ing)?{N} (?:back|out|away)"
                  rf"|backward dolly"
                  rf"|{CAM} (?:moves?|travels?|backs|retreats?){N} {OUT}|{CAM} retreats"
                  r"|moving backwards?|rueckwaertsfahrt|rueckfahrt|kamera entfernt sich"
                  rf"|kamera zieht sich{N} zurueck|{FAHRT}{N} (?:zurueck|nach hinten"
                  rf"|rueckwaerts)"),
)  # fmt: skip
# How the camera moves, in the words of an adverb; before the move, adjectives count as well.
ADVERBS = (
    ("slow", r"slow(?:ly)?|gently|leisurely|langsam|sanft|ruhig"),
    ("medium", r"steadily|moderately|at an? (?:even|medium) pace|gleichmaessig|stetig"),
    ("fast", r"fast|quickly|rapidly|swiftly|schnell|rasch|zuegig|rasant"),
)
ADJECTIVES = (
    ("slow", r"slow|gentle|leisurely|(?:langsam|sanft|ruhig)(?:e[rsnm]?)"),
    ("medium", r"steady|even|medium speed|moderate|(?:gleichmaessig|stetig)(?:e[rsnm]?)"),
    ("fast", r"fast|quick|rapid|swift|(?:schnell|rasch|zuegig|rasant)(?:e[rsnm]?)"),
)
SUBJECTS = (
    ("lighthouse", r"\blighthouses?\b|\w*leuchtt(?:urm\w*|uerme\w*)"),
    ("balloon", r"\b(?:hot air )?balloons?\b|\w*ballons?\b"),
    ("ship", r"\b(?:(?:tall|sailing|large|big|three masted) )*ships?\b|\bgalleon\b"
             r"|\b(?!raum|luft)\w*schiffe?[ns]?\b|\bdreimaster\w*|\bfrigate\b|\bfregatte\b"),
    ("boat", r"\b(?:sail|row|fishing |sailing |rowing |motor)?boats?\b|\bsloop\b"
             r"|\b(?!u\b)\w*boot(?:e[ns]?|s|es)?\b|\bdinghy\b|\bkahn\b|\byachts?\b"),
    ("car", r"\bcars?\b|\bautomobiles?\b|\w*autos?\b|\bwagens?\b|\bpkw\b"),
    ("plane", r"\b(?:air|aero)?planes?\b|\baircrafts?\b|\w*flugzeuge?[ns]?\b|\bfliegers?\b"),
    ("birds", r"\b(?:flocks?|groups?) of (?:birds|gulls|seagulls|geese|crows)|\bbirds?\b"
              r"|\b(?:sea)?gulls?\b|\b\w*voegel\w*|\bvogel\w*|\b\w*schwarm\w* voegel|\bmoewen?\b"
              r"|\bgeese\b|\bwildgaense\b|\bcrows?\b|\bkraehen?\b|\bkranich\w*|\bcranes\b"),
    ("campfire", r"\b(?:camp|bon|open )?fires?\b(?! escape)|\b\w*lagerfeuer\w*|\bfeuers?\b"),
    ("house", r"\bhouses?\b|\bcottages?\b|\b(?:farm|log )?(?:house|cabin)s?\b|\bhuts?\b"
              r"|\b(?:bauern|land|wohn|holz)?(?:haus(?:es)?|haeuschen)\b|\b\w*huetten?\b"),
    ("person", r"\bpersons?\b|\bfigures?\b|\b(?:wo)?m[ae]n\b|\bwalkers?\b|\bwanderers?\b"
               r"|\bhikers?\b"
               r"|\bpedestrians?\b|\bsomeone\b|\bgestalt(?:en)?\b|\bpersonen\b|\bwanderern?\b"
               r"|\bspaziergaenger\w*|\bmensch(?:en)?\b|\bfrau\b|\bmann\b|\bjemand\b"
               r"|\btraveller\b"),
)  # fmt: skip
COLOURS = (
    ("red", r"red|rot(?:e[nrms]?)?|crimson|scarlet"), ("yellow", r"yellow|gelb(?:e[nrms]?)?"),
    ("white", r"white|weiss(?:e[nrms]?)?"), ("blue", r"blue|blau(?:e[nrms]?)?"),
    ("orange", r"orange(?:ne?[nrms]?|farben\w*|n)?"), ("green", r"green|gruen(?:e[nrms]?)?"),
    ("black", r"black|schwarz(?:e[nrms]?)?"),
)  # fmt: skip
HOURS = (
    ("dusk", r"last light(?: of the day)?|letzte[ns]? tageslicht|letzten licht"
             r"|golden(?:e[nr]?)? stunde"
             r"|golden hour|magic hour|blue hour|blaue[nr]? stunde|nightfall|setting sun|sun sets?"
             r"|sun is setting|untergehende[nr]? sonne|sonne \w*unter\w*|\bsundown"
             r"|einbruch der dunkelheit"),
    ("dawn", r"dawns?\b|sunrise|daybreak|crack of dawn|first light|early(?: in the)? morning"
             r"|(?:sun rises|rising sun|sun is rising)|\w*sonnenaufgang\w*|morgengrauen"
             r"|tagesanbruch"
             r"|morgendaemmerung|ersten licht|morgenlicht\w*|morgenrot|aufgehende[nr]? sonne"
             r"|frueh(?:e[rmn]?)?(?: am)? morgen|\bmorgen(?:s|himmel|stimmung|nebel)?\b"
             r"|\bmornings?\b"),
    ("night", r"middle of the night|\b(?:mid)?nights?\b|night ?time|\bafter dark|dark of night"
              r"|under the stars|starry|starlit"
              r"|\bmoon\w*|\bstars\b|\b(?:mitter)?nacht\w*|\bnaechtlich\w*|\bnaechte\w*|\bmond\w*"
              r"|\bstern\w*"),
    ("dusk", r"\bdusk|sunset\w*|twilight|\bevenings?\b|\w*sonnenuntergang\w*|\babend\w*"
             r"|\w*daemmerung"),
    ("noon", r"middle of the day|\b(?:after)?noon|mid ?day|daylight|day ?time|\bday\b|\bsunny\b"
             r"|sunshine|\w*mittag\w*"
             r"|tageslicht|tagsueber|\btags?\b|helllicht\w*|sonnenschein|\bsonnig\w*"),
)  # fmt: skip
DAY = (
    r"(?:day|morning|evening|night|noon|dawn|dusk|weather|wetter|tag\w*|morgen|abend|nacht|mittag)"
)
WEATHERS = (
    ("clear", r"not a cloud|\bno clouds?|cloudless|keine wolken?\w*|wolkenlos\w*"
              r"|clear (?:blue )?sk\w+"
              rf"|clear {DAY}|sky is clear|weather is clear|klar\w* (?:himmel|{DAY})|blue sk\w+"
              r"|(?:himmel|wetter) ist klar|blauer? himmel|blauem himmel|\bsunny|\bsonnig\w*"
              r"|strahlend\w* sonnenschein"),
    ("snow", r"snowing|snows\b|snowfall|snow ?storm|blizzard|falling snow|driving snow|snow ?flakes"
             rf"|snow (?:is falling|falls|drifts down)|snowy {DAY}|\bschneit\b|schneefall"
             rf"|schneetreiben"
             r"|schneesturm\w*|schneeflocken|schnee faellt|fallende[rmn]? schnee|schneereich\w*"),
    ("rain", r"\brain(?!bow|forest)\w*|down ?pour|drizzl\w*|\b\w*regen(?!bogen)\w*|\bregne\w*"
             r"|verregnet\w*"
             r"|giesst in stroemen|\bschauer\b|thunderstorm|gewitter\w*"),
    ("fog", r"\bfog\w*|\bmist(?:y|s)?\b|\bhaz[ey]\b|\b\w*nebe?l\w*|\bdunst\w*|\bdiesig\w*"),
    ("cloud", rf"\bcloud\w*|overcast|\b(?:gr[ea]y|graue?[rmn]?) (?:{DAY}|sk(?:y|ies)|himmel)"
              r"|\b\w*wolke(?!nkratzer)\w*|\bwolkig\w*|bewoelkt\w*|bedeckt\w* himmel"
              r"|himmel ist bedeckt|\btrueb\w*"),
)  # fmt: skip
GO = (
    r"(?:drift|float|glid|sail|cruis|driv|roll|mov|fl[yi]|soar|walk|wander|stroll|head|travel"
    r"|run|go)(?:s|es|e|ies|ing|d)?"
)
HEADINGS = (
    ("closer", r"towards? (?:the )?(?:camera|us|viewer)|\bcloser\b|in richtung kamera"
               r"|kamera entgegen"
               r"|auf (?:die kamera|uns) zu\w*"),
    ("away", r"away(?: from (?:the )?(?:camera|us))?|into the distance|in die ferne|in die tiefe"
             r"|von (?:der kamera|uns) weg\w*"),
    ("left", rf"\bleftwards?|(?<!left )to(?:wards?)? the left(?! (?:side|third|hand|of)\b)"
             rf"|\b{GO}(?: \w+)? left\b|nach links"),
    ("right", rf"\brightwards?|(?<!right )to(?:wards?)? the right(?! (?:side|third|hand|of)\b)"
              rf"|\b{GO}(?: \w+)? right\b|nach rechts"),
    ("up", r"\brises?\b|\brising\b|\bupwards?\b|\bup\b|\bclimb\w*|ascend\w*|\bhigher\b|nach oben"
           r"|aufwaerts|in den himmel|in die hoehe|steig\w*|aufsteig\w*"),
)  # fmt: skip
SIDES = (
    ("centre", r"cent(?:re|er)(?:ed)?\b|in the middle(?: of the (?:frame|picture|image)|(?! of))"
               r"|\bmittig"
               r"|bildmitte|in der mitte(?! der| des)|mitten im bild|zentrum des bildes"
               r"|im zentrum"),
    ("left", LEFT), ("right", RIGHT),
)  # fmt: skip
SNOW_PLACE = r"(?:plains?|landscapes?|fields?|tundra|wastes?|steppe)"
SETTINGS = (
    ("coast", r"coast\w*|\bcliffs?\b|\bshoreline\b|(?:rocky|sea) ?shore|\b\w*kueste\w*"
              r"|\bklippen?\b"),
    ("street", r"\b(?:streets?|avenue|boulevard)\b|\b\w*strassen?\b|haeuserschlucht\w*|\bgasse\b"),
    ("snowfield", r"snow ?fields?|winter(?:y|landschaft\w*| landscape)|\barctic|\bartic|tundra"
                  rf"|(?:snow covered|snowy|white|frozen)(?: winter)? {SNOW_PLACE}|schneefeld\w*"
                  r"|schneelandschaft\w*|arktis\w*|schneebedeckt\w* (?:ebene|felder\w*|landschaft)"
                  r"|verschneit\w* (?:ebene|felder\w*|landschaft)"),
    ("lake", r"mountain lakes?|\blakes?\b|\blakeside|\bponds?\b|\b(?:berg|wald|stau|alpen"
             r"|gebirgs)seen?s?\b"
             r"|\bseeufer\w*|\bweiher\b|\bteich\w*"
             r"|(?<!offene )(?<!offenen )(?<!offener )(?<!hohe )(?<!hoher )(?<!auf )(?<!auf der )"
             r"(?<!we )(?<!you )(?<!to )(?<!can )(?<!i )(?<!and )\bsee[ns]?\b"),
    ("valley", r"\bvalleys?\b|\brivers?\b|\b(?:fluss|berg|alpen|wiesen)?tal(?:es|s)?\b|\w*taeler\w*"
               r"|\bfluss(?:es)?\b"),
    ("desert", r"\bdeserts?\b|\bdunes?\b|\bsahara\b|\b\w*wuesten?\w*|\b\w*duenen?\w*"),
    ("forest", r"\bforests?\b|\bwoods\b|\bwood(?:land|ed)\b|\bbewaldet\w*|\bwald\w*"
               r"|\w*wald(?:es)?\b"
               r"|\w*waelder\w*"),
    ("hills", r"\bhills?\b|\bhilly\b|countryside|\bmeadows?\b|huegel\w*|\bwiesen?\b"),
    ("skyline", r"\w*skyline|skyscrapers?|\bcity\b|\bcityscape\b|metropolis|hochhaeuser\w*"
                r"|wolkenkratzer\w*|\b(?:gross)?stadt\w*|\bcities\b"),
    ("sea", r"\bseas?\b|\boceans?\b|seascapes?|open water|\bwaves\b|\b(?:nord|ost)see\b"
            r"|\bmeer(?:es)?\b"
            r"|\bmeeres\w+|\bozeans?\b|\b(?:offene|hohe)[nr]? see\b|\bauf (?:der )?see\b"
            r"|\bwellen\b"),
    ("mountains", r"\bmountain\w*|\bpeaks?\b|\balps\b|\balpine\b|\bsummits?\b|\bberg(?:e[ns]?"
                  r"|\w{4,})?\b"
                  r"|\w*gebirg\w*|\b\w*gipfel\w*|\balpen\w*|\balpin\w*"),
)  # fmt: skip
OVERRULES = {"street": {"skyline"}, "coast": {"sea"}, "lake": {"mountains"}}
NOT_A_PLACE = r"\bsea of (?=\w+)|\bmeer aus\b|\bmeer von\b"


def _sided(pattern: str, side: str) -> str:
    words, german = (LEFT, "links") if side == "left" else (RIGHT, "rechts")
    pattern = pattern.replace("{side}", words).replace("{german}", german)
    return pattern.replace("(?:left|right)wards?", f"{side}wards?")


MOVE_PATTERNS = tuple(
    (name.format(side), re.compile(_sided(pattern, side)))
    for name, pattern in MOVES
    for side in (("left", "right") if "{}" in name else ("",))
)
