"""German wording of a clip: the words for every factor and the few rules that join them.

Nouns are written in the notation of `german`; a preposition brings its case. Where something is
(dative) and where it goes (accusative) are different phrases in German, so every setting lists
both. Which factors are worded is the plan's decision; each function words exactly those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from laterna.world.german import Noun, contracted, noun

if TYPE_CHECKING:
    from laterna.world.captions import Plan

SETTINGS: dict[str, tuple[str, ...]] = {
    "mountains": (
        "p bd Berge", "n id Gebirge", "f i Berglandschaft", "p b hoh Berge", "f i Bergkette",
        "p b schroff Berge", "f i alpin Landschaft", "p bd Gipfel", "f id Bergwelt",
        "n i schroff Gebirge",
    ),
    "sea": (
        "n d Meer", "m d Ozean", "n d offen Meer", "f d offen See", "n i ruhig Meer",
        "m i endlos Ozean", "n d weit Meer", "n i still Meer",
    ),
    "coast": (
        "f id Küste", "f id Steilküste", "f i felsig Küste", "f i Felsküste", "p bd Klippen",
        "f i Küste mit Klippen", "f i Küstenlandschaft", "p b steil Klippen am Meer",
        "f i rau Küste",
    ),
    "desert": (
        "f id Wüste", "f i Sandwüste", "p bd Dünen", "p bd Sanddünen", "f i Wüstenlandschaft",
        "f i weit Wüste", "p b endlos Dünen", "f i Dünenlandschaft",
    ),
    "hills": (
        "p bd Hügel", "f i Hügellandschaft", "p b grün Hügel", "p b sanft Hügel",
        "f i hügelig Landschaft", "n id Hügelland", "p b grasbewachsen Hügel",
        "f i grün Hügellandschaft",
    ),
    "forest": (
        "m id Wald", "m i Nadelwald", "m i dicht Wald", "m i Kiefernwald", "m i tief Wald",
        "f i Waldlandschaft", "m i Tannenwald", "f i bewaldet Landschaft",
    ),
    "lake": (
        "m id See", "m i Bergsee", "m i still See", "m i ruhig See", "m i weit See",
        "m i See mit Spiegelungen", "m i spiegelglatt See", "m i See in den Bergen",
    ),
    "valley": (
        "n id Tal", "n i Flusstal", "n i grün Tal", "n i Tal mit einem Fluss", "n i weit Tal",
        "n i breit Flusstal",
    ),
    "snowfield": (
        "n id Schneefeld", "f i verschneit Ebene", "f i Schneelandschaft", "f i Winterlandschaft",
        "f i verschneit Landschaft", "f i arktisch Ebene", "f i schneebedeckt Ebene",
        "p b schneebedeckt Felder",
    ),
    "skyline": (
        "f id Skyline", "f i Skyline einer Großstadt", "f i Stadtsilhouette", "f i Großstadt",
        "p b Hochhäuser", "p bd Wolkenkratzer", "f i modern Stadt", "f d Skyline der Stadt",
    ),
    "street": (
        "f id Straße", "f i Stadtstraße", "f i Straße in der Stadt", "f i breit Straße",
        "f i Straße zwischen Hochhäusern", "f i lang Straße", "f i Großstadtstraße",
        "f i Häuserschlucht",
    ),
}  # fmt: skip
BARE: dict[str, tuple[str, ...]] = {
    "mountains": ("Berge", "Gebirge", "Berglandschaft", "Berggipfel"),
    "sea": ("Meer", "Ozean", "offenes Meer", "das Meer"),
    "coast": ("Küste", "Steilküste", "Klippen", "felsige Küste"),
    "desert": ("Wüste", "Dünen", "Sandwüste", "Wüstenlandschaft"),
    "hills": ("Hügel", "grüne Hügel", "Hügellandschaft", "sanfte Hügel"),
    "forest": ("Wald", "Nadelwald", "dichter Wald", "Waldlandschaft"),
    "lake": ("See", "Bergsee", "stiller See", "am See"),
    "valley": ("Tal", "Flusstal", "grünes Tal", "Tal mit Fluss"),
    "snowfield": ("Schneefeld", "Schneelandschaft", "Winterlandschaft", "verschneite Ebene"),
    "skyline": ("Skyline", "Großstadt", "Hochhäuser", "Stadtsilhouette"),
    "street": ("Straße", "Stadtstraße", "Häuserschlucht", "Straße in der Stadt"),
}
SLUGS: dict[str, tuple[str, ...]] = {
    "mountains": ("Gebirge", "Berge"), "sea": ("Meer", "offenes Meer", "Ozean"),
    "coast": ("Küste", "Steilküste", "Klippen"), "desert": ("Wüste", "Dünen"),
    "hills": ("Hügel", "Hügellandschaft"), "forest": ("Wald", "Nadelwald"),
    "lake": ("See", "Bergsee"), "valley": ("Tal", "Flusstal"),
    "snowfield": ("Schneefeld", "Schneelandschaft"), "skyline": ("Skyline", "Großstadt"),
    "street": ("Straße", "Stadtstraße"),
}  # fmt: skip
Link = tuple[str, str]  # a preposition and its case; "... entlang" closes the phrase
IN, THROUGH = ("in", "dat"), ("durch", "acc")
ON, ACROSS = ("auf", "dat"), ("über", "acc")
AT, ALONG, BEFORE = ("an", "dat"), ("an ... entlang", "dat"), ("vor", "dat")
OVER: tuple[Link, ...] = (("über", "dat"), ("hoch über", "dat"))
AFLOAT: dict[str, tuple[Link, ...]] = {
    "sea": (ON, ACROSS), "coast": (BEFORE,), "lake": (ON, ACROSS), "skyline": (BEFORE,),
    "valley": (("auf dem Fluss in", "dat"), ("auf einem Fluss in", "dat")),
}  # fmt: skip
AFOOT: dict[str, tuple[Link, ...]] = {  # where it is, where it goes
    "mountains": (IN, THROUGH), "sea": (AT,), "coast": (AT, ALONG), "desert": (IN, THROUGH),
    "hills": (IN, THROUGH), "forest": (IN, THROUGH), "lake": (AT, ALONG), "valley": (IN, THROUGH),
    "snowfield": (ON, ACROSS), "street": (ON, ON), "skyline": (BEFORE,),
}  # fmt: skip
AFOOT_BY_NOUN: dict[str, tuple[Link, ...]] = {
    "Bergkette": (BEFORE,), "Gipfel": (("zwischen", "dat"),), "Klippen": (ON, ACROSS),
    "Küstenlandschaft": (IN, THROUGH), "Schneelandschaft": (IN, THROUGH),
    "Winterlandschaft": (IN, THROUGH), "Landschaft": (IN, THROUGH), "Häuserschlucht": (IN, THROUGH),
}  # fmt: skip
AIRBORNE, WATERBORNE, ROOTED = (
    {"balloon", "birds", "plane"}, {"boat", "ship"}, {"house", "lighthouse", "campfire"},
)  # fmt: skip

HOURS: dict[str, tuple[str, ...]] = {
    "dawn": ("bei Sonnenaufgang", "im Morgengrauen", "am frühen Morgen", "bei Tagesanbruch",
             "in der Morgendämmerung", "im ersten Licht", "im Morgenlicht", "früh am Morgen"),
    "noon": ("am Mittag", "zur Mittagszeit", "mittags", "bei Tageslicht", "bei Tag",
             "mitten am Tag", "am helllichten Tag", "tagsüber"),
    "dusk": ("bei Sonnenuntergang", "in der Abenddämmerung", "am Abend", "in der Dämmerung",
             "im Abendlicht", "zur goldenen Stunde", "im letzten Tageslicht", "abends"),
    "night": ("bei Nacht", "in der Nacht", "nachts", "mitten in der Nacht", "um Mitternacht",
              "in dunkler Nacht", "spät in der Nacht"),
}  # fmt: skip
# Only true when the sky can be seen.
HOURS_CLEAR: dict[str, tuple[str, ...]] = {
    "dawn": ("unter dem Morgenhimmel", "im Morgenrot"),
    "noon": ("in der Mittagssonne", "bei strahlendem Sonnenschein"),
    "dusk": ("im Licht der untergehenden Sonne", "im Abendrot"),
    "night": ("unter dem Sternenhimmel", "im Mondlicht", "bei Mondschein", "unter den Sternen"),
}
HOUR_NOUNS: dict[str, tuple[str, ...]] = {
    "dawn": ("Sonnenaufgang", "Morgendämmerung", "Tagesanbruch", "früher Morgen", "Morgenlicht"),
    "noon": ("Mittag", "Mittagszeit", "Tageslicht"),
    "dusk": ("Sonnenuntergang", "Abenddämmerung", "Dämmerung", "Abendlicht", "Abend"),
    "night": ("Nacht", "tiefe Nacht"),
}
HOUR_TAGS: dict[str, tuple[str, ...]] = {
    "dawn": ("Sonnenaufgang", "Morgengrauen", "früher Morgen", "Morgenlicht", "Morgendämmerung"),
    "noon": ("Mittag", "Tag", "Tageslicht", "mittags", "tagsüber"),
    "dusk": ("Sonnenuntergang", "Abend", "Dämmerung", "goldene Stunde", "Abendlicht"),
    "night": ("Nacht", "nachts", "bei Nacht", "Mitternacht", "dunkle Nacht"),
}
HOUR_SLUGS: dict[str, tuple[str, ...]] = {
    "dawn": ("Morgendämmerung", "Morgen", "früher Morgen", "Sonnenaufgang"),
    "noon": ("Tag", "Mittag"),
    "dusk": ("Abend", "Abenddämmerung", "Dämmerung", "Sonnenuntergang"),
    "night": ("Nacht",),
}
DAYS = {"dawn": "m Morgen", "noon": "m Tag", "dusk": "m Abend", "night": "f Nacht"}

WEATHERS: dict[str, tuple[str, ...]] = {
    "clear": ("bei klarem Himmel", "unter klarem Himmel", "bei klarem Wetter",
              "unter wolkenlosem Himmel"),
    "cloud": ("unter bewölktem Himmel", "bei bedecktem Himmel", "unter schweren Wolken",
              "unter ziehenden Wolken", "unter grauen Wolken", "bei bewölktem Wetter"),
    "fog": ("im Nebel", "in dichtem Nebel", "bei Nebel", "im Dunst", "bei nebligem Wetter",
            "im dichten Nebel"),
    "rain": ("im Regen", "bei Regen", "bei strömendem Regen", "bei regnerischem Wetter",
             "in starkem Regen", "bei Regenwetter"),
    "snow": ("bei Schneefall", "im Schneetreiben", "im Schneesturm", "bei leichtem Schneefall",
             "bei dichtem Schneefall"),
}  # fmt: skip
WEATHER_TAGS: dict[str, tuple[str, ...]] = {
    "clear": ("klarer Himmel", "wolkenlos", "klares Wetter", "wolkenloser Himmel"),
    "cloud": ("Wolken", "bewölkt", "bedeckter Himmel", "bewölkter Himmel", "schwere Wolken"),
    "fog": ("Nebel", "neblig", "dichter Nebel", "Dunst", "Nebelschwaden"),
    "rain": ("Regen", "regnerisch", "strömender Regen", "starker Regen", "Regenwetter"),
    "snow": ("Schneefall", "Schneetreiben", "Schneesturm", "fallender Schnee", "Schneeflocken"),
}
WEATHER_LINES: dict[str, tuple[str, ...]] = {
    "clear": ("der Himmel ist klar", "keine Wolke ist am Himmel", "der Himmel ist wolkenlos",
              "das Wetter ist klar"),
    "cloud": ("Wolken ziehen über den Himmel", "der Himmel ist bedeckt", "es ist bewölkt",
              "schwere Wolken hängen am Himmel"),
    "fog": ("Nebel liegt in der Luft", "es ist neblig", "Nebelschwaden ziehen vorbei",
            "alles liegt im Nebel"),
    "rain": ("es regnet", "Regen fällt", "es gießt in Strömen", "es regnet stark"),
    "snow": ("es schneit", "Schnee fällt", "Schneeflocken fallen", "es schneit leise"),
}  # fmt: skip
WEATHER_ADJECTIVES: dict[str, tuple[str, ...]] = {  # of a day
    "clear": ("klar", "wolkenlos"), "cloud": ("bewölkt", "wolkig", "trüb"),
    "fog": ("neblig", "dunstig"), "rain": ("regnerisch", "verregnet"), "snow": ("schneereich",),
}  # fmt: skip
SETTING_ADJECTIVES: dict[str, tuple[str, ...]] = {  # of a place
    "fog": ("neblig", "nebelverhangen", "in Nebel gehüllt"),
    "rain": ("regnerisch", "verregnet"),
}

SUBJECTS: dict[str, tuple[str, ...]] = {
    "balloon": ("m Heißluftballon", "m Ballon", "m einzeln Ballon", "m groß Heißluftballon"),
    "boat": ("n Boot", "n Segelboot", "n klein Boot", "n einsam Boot", "n klein Segelboot"),
    "ship": ("n Schiff", "n Segelschiff", "n groß Schiff", "m Dreimaster", "n groß Segelschiff"),
    "car": ("n Auto", "m Wagen", "n einsam Auto", "n einzeln Auto"),
    "birds": ("m Vogelschwarm", "m Schwarm Vögel", "p Vögel", "p einig Vögel", "p mehrer Vögel"),
    "plane": ("n Flugzeug", "n klein Flugzeug", "m Flieger", "n einzeln Flugzeug"),
    "lighthouse": ("m Leuchtturm", "m hoh Leuchtturm", "m alt Leuchtturm", "m einsam Leuchtturm"),
    "house": ("n Haus", "n klein Haus", "n einsam Haus", "n Häuschen"),
    "person": ("f Person", "f Gestalt", "f einsam Gestalt", "m Wanderer", "m Spaziergänger",
               "m Mensch"),
    "campfire": ("n Lagerfeuer", "n Feuer", "n klein Lagerfeuer", "n offen Feuer"),
}  # fmt: skip
COLOURS = {
    "red": "rot", "yellow": "gelb", "white": "weiß", "blue": "blau", "orange": "orangefarben",
    "green": "grün", "black": "schwarz",
}  # fmt: skip
CLOTHES = ("in einem {}en Mantel", "in {}er Jacke", "mit {}em Mantel", "in {}er Kleidung",
           "in einer {}en Jacke")  # fmt: skip
# The finite forms of "it" and "they"; the second also gives the participle.
VERBS: dict[str, tuple[str, ...]] = {
    "balloon": ("schwebt schweben", "gleitet gleiten", "treibt treiben", "fährt fahren"),
    "boat": ("fährt fahren", "gleitet gleiten", "segelt segeln", "treibt treiben"),
    "ship": ("fährt fahren", "segelt segeln", "gleitet gleiten"),
    "car": ("fährt fahren", "rollt rollen"),
    "birds": ("fliegt fliegen", "zieht ziehen", "gleitet gleiten"),
    "plane": ("fliegt fliegen", "gleitet gleiten"),
    "lighthouse": ("steht stehen",),
    "house": ("steht stehen", "liegt liegen"),
    "person": ("geht gehen", "läuft laufen", "wandert wandern", "spaziert spazieren"),
    "campfire": ("brennt brennen", "flackert flackern", "leuchtet leuchten"),
}
RISING = ("steigt steigen", "schwebt schweben")
HEADINGS: dict[str, tuple[str, ...]] = {
    "left": ("nach links", "von rechts nach links", "nach links"),
    "right": ("nach rechts", "von links nach rechts", "nach rechts"),
    "up": ("nach oben", "in den Himmel", "in die Höhe", "aufwärts"),
    "away": ("in die Ferne", "von der Kamera weg", "von uns weg", "in die Tiefe des Bildes"),
    "closer": ("in Richtung Kamera", "auf die Kamera zu", "auf uns zu", "der Kamera entgegen"),
}
SEPARABLE = {"weg", "zu", "entgegen"}  # such a heading joins the verb at the end of a clause
_LEFT = ("links im Bild", "links", "auf der linken Seite", "am linken Bildrand",
         "im linken Bilddrittel", "auf der linken Bildseite")  # fmt: skip
SIDES: dict[str, tuple[str, ...]] = {
    "left": _LEFT,
    "centre": ("in der Bildmitte", "in der Mitte", "mitten im Bild", "im Zentrum des Bildes"),
    "right": tuple(text.replace("link", "recht") for text in _LEFT),
}

# Noun phrases and clauses ({} takes the adverb of speed).
MOVES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "static": (
        ("f statisch Kamera", "f statisch Einstellung", "f feststehend Kamera", "f starr Kamera",
         "f Stativaufnahme", "f unbewegt Kamera", "f fest Einstellung"),
        ("die Kamera steht still", "die Kamera bewegt sich nicht", "die Kamera bleibt starr",
         "die Kamera bleibt unbewegt"),
    ),
    "pan left": (
        ("m Schwenk nach links", "m Kameraschwenk nach links", "m Linksschwenk",
         "m horizontal Schwenk nach links"),
        ("die Kamera schwenkt {} nach links", "wir schwenken {} nach links",
         "die Kamera dreht sich {} nach links", "Kamera schwenkt {} nach links"),
    ),
    "tilt up": (
        ("m Schwenk nach oben", "m Kameraschwenk nach oben", "m vertikal Schwenk nach oben",
         "f Kameraneigung nach oben"),
        ("die Kamera schwenkt {} nach oben", "die Kamera neigt sich {} nach oben",
         "wir schwenken {} nach oben"),
    ),
    "tilt down": (
        ("m Schwenk nach unten", "m Kameraschwenk nach unten", "m vertikal Schwenk nach unten",
         "f Kameraneigung nach unten"),
        ("die Kamera schwenkt {} nach unten", "die Kamera neigt sich {} nach unten",
         "wir schwenken {} nach unten"),
    ),
    "dolly in": (
        ("f Kamerafahrt nach vorn", "f Vorwärtsfahrt", "f Ranfahrt", "f Fahrt nach vorne",
         "f Kamerafahrt vorwärts"),
        ("die Kamera fährt {} heran", "die Kamera fährt {} nach vorn", "Kamera fährt {} heran",
         "die Kamera fährt {} vorwärts", "wir fahren {} heran", "die Kamera nähert sich {}"),
    ),
    "dolly out": (
        ("f Kamerafahrt nach hinten", "f Rückwärtsfahrt", "f Kamerafahrt zurück",
         "f Fahrt nach hinten", "f Kamerafahrt rückwärts"),
        ("die Kamera fährt {} zurück", "die Kamera fährt {} rückwärts", "wir fahren {} zurück",
         "die Kamera entfernt sich {}", "die Kamera zieht sich {} zurück"),
    ),
    "truck left": (
        ("f Kamerafahrt nach links", "f Seitwärtsfahrt nach links", "f Parallelfahrt nach links",
         "f seitlich Kamerafahrt nach links", "f Fahrt nach links"),
        ("die Kamera fährt {} nach links", "die Kamera gleitet {} nach links",
         "die Kamera fährt {} seitwärts nach links", "wir fahren {} nach links"),
    ),
    "crane up": (
        ("f Kranfahrt nach oben", "f Kamerafahrt nach oben", "f aufsteigend Kranfahrt",
         "f Kranfahrt aufwärts"),
        ("die Kamera steigt {} auf", "die Kamera fährt {} nach oben", "die Kamera hebt sich {}",
         "die Kamera schwebt {} nach oben"),
    ),
    "crane down": (
        ("f Kranfahrt nach unten", "f Kamerafahrt nach unten", "f absteigend Kranfahrt",
         "f Kranfahrt abwärts"),
        ("die Kamera senkt sich {}", "die Kamera fährt {} nach unten", "die Kamera sinkt {} herab",
         "die Kamera schwebt {} nach unten"),
    ),
    "zoom in": (
        ("m Zoom hinein", "m Zoom ins Bild", "n Heranzoomen", "m Zoom-in"),
        ("die Kamera zoomt {} heran", "wir zoomen {} hinein", "die Kamera zoomt {} hinein"),
    ),
    "zoom out": (
        ("m Zoom heraus", "n Herauszoomen", "m Zoom zurück", "m Zoom-out"),
        ("die Kamera zoomt {} heraus", "wir zoomen {} heraus", "die Kamera zoomt {} zurück"),
    ),
    "orbit left": (
        ("f Kreisfahrt nach links", "f Kamerafahrt im Bogen nach links", "f Orbitfahrt nach links",
         "f Bogenfahrt nach links"),
        ("die Kamera kreist {} nach links", "die Kamera umkreist die Szene {} nach links",
         "die Kamera fährt {} im Bogen nach links"),
    ),
}  # fmt: skip
LEADS: dict[str, tuple[Link, ...]] = {
    "static": (("auf", "acc"),), "pan": (ACROSS,), "tilt": (), "dolly in": (("hin zu", "dat"),),
    "dolly out": (("weg von", "dat"),), "truck": (("vorbei an", "dat"),), "crane": (ACROSS,),
    "zoom in": (("auf", "acc"),), "zoom out": (), "orbit": (("um", "acc"),),
}  # fmt: skip
SPEEDS = {
    "slow": ("langsam", "sanft", "sehr langsam", "ruhig"), "medium": ("gleichmäßig", "stetig"),
    "fast": ("schnell", "rasch", "zügig", "rasant"),
}  # fmt: skip
LOOKS: dict[str, tuple[str, ...]] = {
    "colour": ("in Farbe", "in natürlichen Farben"),
    "black-and-white": ("schwarz-weiß", "in Schwarz-Weiß", "Schwarzweiß", "monochrom",
                        "Schwarz-Weiß-Aufnahme", "in Schwarzweiß gedreht"),
    "warm": ("warme Farben", "in warmen Farben", "warme Farbtöne", "in warmen Tönen",
             "warmer Farblook"),
    "cold": ("kalte Farben", "in kalten Farben", "kühle Farbtöne", "in kühlen Tönen",
             "kalter Farblook"),
}  # fmt: skip
SHOTS: tuple[Link, ...] = (
    ("Totale:", "nom"), ("Totale von", "dat"), ("weite Einstellung:", "nom"),
    ("Establishing Shot:", "nom"), ("Aufnahme von", "dat"), ("Blick auf", "acc"),
    ("Panoramaaufnahme von", "dat"), ("Supertotale:", "nom"), ("eine Totale von", "dat"),
    ("Landschaftstotale,", "nom"), ("Weitwinkelaufnahme von", "dat"), ("ein Blick auf", "acc"),
)  # fmt: skip


def words(plan: Plan) -> str:
    """The setting or the subject as a bare noun."""
    if setting := plan.says("setting"):
        return plan.pick(BARE[setting])
    name = noun(plan.pick(SUBJECTS[plan.says("subject")]))
    return name.inflected(plan.pick("bi"), "nom")


def slug(plan: Plan) -> str:
    """`AUSSEN. SEE - NACHT`."""
    line, hour = plan.pick(SLUGS[plan.says("setting")]), plan.says("hour")
    if hour:
        line += plan.pick((" - ", " - ", " – ", ", ")) + plan.pick(HOUR_SLUGS[hour])
    return plan.pick(("AUSSEN. ", "AUSSEN - ", "Aussen. ", "EXT. ")) + line.upper()


def tags(plan: Plan) -> list[str]:
    """Setting, hour, weather and subject as short phrases."""
    found = [plan.pick(BARE[plan.says("setting")])] if plan.says("setting") else []
    conditions = []
    if hour := plan.says("hour"):
        conditions.append(plan.pick(HOUR_TAGS[hour]))
    if weather := plan.says("weather"):
        conditions.insert(plan.pick((0, len(conditions))), plan.pick(WEATHER_TAGS[weather]))
    subject = _subject_tags(plan)
    return found + subject + conditions if plan.chance(0.5) else [*subject, *found, *conditions]


def _subject_tags(plan: Plan) -> list[str]:
    if not plan.says("subject"):
        return []
    side, heading = plan.says("side"), plan.says("heading")
    subject, clothes = _subject(plan)
    if heading and plan.chance(0.5):
        subject, heading = _doing(plan, subject), ""
    found = [_join(subject.inflected(plan.pick("bbi"), "nom"), clothes)]
    if side:
        place = plan.pick(SIDES[side])
        found = [f"{found[0]} {place}"] if plan.chance(0.6) else [*found, place]
    if heading:
        moves = "bewegen" if subject.gender == "p" else "bewegt"
        found.append(f"{moves} sich {plan.pick(HEADINGS[heading])}")
    return found


def phrase(plan: Plan, case: str = "nom") -> str:
    """One noun phrase in `case`, led by the subject or by the place."""
    place, when = _place_and_time(plan)
    if not plan.says("subject"):
        return _landscape(plan, place, when, case)
    subject, clothes = _subject(plan)
    side = _side(plan)
    standing = plan.says("subject") in {"house", "lighthouse"}
    doing = plan.says("heading") or (not standing and plan.chance(0.3))
    if place and plan.chance(0.3):  # the place, with the subject in it
        if doing and plan.chance(0.5):
            return _join(_nominal(plan, place, case), when, "mit",
                         _doing(plan, subject).inflected("i", "dat"), clothes, side)  # fmt: skip
        clause = _relative(plan, subject, "") if doing else ""
        inner = _join("mit", subject.inflected("i", "dat"), clothes, side) + clause
        return _join(_nominal(plan, place, case), when, inner)
    if doing and plan.chance(0.5):
        where = _where(plan, place, moving=True)
        clause = _relative(plan, subject, _join(when, where))
        return _join(subject.inflected("i", case), clothes, side) + clause
    if doing:
        subject = _doing(plan, subject)
    head = _join(subject.inflected("i", case), clothes)
    where = _where(plan, place, moving=False)
    return _join(head, side, where, when) if plan.chance(0.6) else _join(head, where, when, side)


def _landscape(plan: Plan, place: Noun | None, when: str, case: str) -> str:
    hour = plan.says("hour")
    if place is None:
        return when or plan.pick(WEATHER_TAGS[plan.says("weather")])
    if hour and case == "nom" and not plan.says("weather") and plan.chance(0.3):
        return f"{plan.pick(HOUR_NOUNS[hour])} über {_nominal(plan, place, 'dat')}"
    return _join(_nominal(plan, place, case), when)


def sentences(plan: Plan) -> list[str]:
    """One or two full sentences."""
    lines: list[str] = []
    if plan.says("weather") and plan.chance(0.3):
        lines.append(plan.pick(WEATHER_LINES[plan.says("weather")]))
        plan = plan.without("weather")
    if not plan.named & {"setting", "subject"}:
        if hour := plan.says("hour"):
            lines.append(plan.pick(HOUR_TAGS[hour]))
        return lines or [plan.pick(WEATHER_LINES[plan.says("weather")])]
    place, when = _place_and_time(plan)
    main = _clause(plan, place, when) if plan.says("subject") else _view(plan, place, when)
    return [*main, *lines] if plan.chance(0.75) else [*lines, *main]


def _clause(plan: Plan, place: Noun | None, when: str) -> list[str]:
    subject, clothes = _subject(plan)
    plural = subject.gender == "p"
    verb = _verb(plan).split()[1 if plural else 0]
    heading = plan.says("heading")
    course = plan.pick(HEADINGS[heading]) if heading else ""
    where, side = _where(plan, place, moving=True), _side(plan)
    who = _join(subject.inflected("i", "nom"), clothes)
    style = plan.rng.random()
    if place and not heading and style < 0.15:  # "Ein See bei Nacht. Links im Bild ein Boot."
        return [_join(_nominal(plan, place, "nom"), when), _join(side, who)]
    if side and style < 0.35:
        return [_join(side, verb, who, when, where, course)]
    if when and style < 0.55:
        return [_join(when, verb, who, side, where, course)]
    if side and style < 0.75:
        it = {"m": "er", "f": "sie", "n": "es", "p": "sie"}[subject.gender]
        place_verb = plan.pick(("befinden sich", "sind") if plural else ("befindet sich", "ist"))
        return [_join(who, verb, when, where, course), f"{it} {place_verb} {side}"]
    if where and style < 0.85:
        return [_join(where, verb, who, side, when, course)]
    return [_join(who, side, verb, when, where, course)]


def _view(plan: Plan, place: Noun | None, when: str) -> list[str]:
    assert place is not None
    opening, case = plan.pick((
        ("wir sehen", "acc"), ("wir blicken auf", "acc"), ("die Aufnahme zeigt", "acc"),
        ("zu sehen sind" if place.gender == "p" else "zu sehen ist", "nom"), ("", "nom"),
    ))  # fmt: skip
    return [_join(opening, _nominal(plan, place, case), when)]


def camera_tag(plan: Plan) -> str:
    """`langsamer Schwenk nach links`."""
    name, speed = noun(plan.pick(_moves(plan)[0])), plan.says("amount")
    if speed:
        name = name.adding(plan.pick(SPEEDS[speed]))
    return name.inflected("b", "nom")


def camera_sentence(plan: Plan) -> str:
    """`die Kamera schwenkt langsam nach links`."""
    speed = plan.says("amount")
    return _join(plan.pick(_moves(plan)[1]).format(plan.pick(SPEEDS[speed]) if speed else ""))


def camera_lead(plan: Plan) -> str:
    """`langsamer Schwenk nach links über ...`."""
    move = plan.says("move")
    links = LEADS[move if move in LEADS else move.split()[0]]
    tag = camera_tag(plan)
    if not links or plan.chance(0.5) or (move == "static" and "Einstellung" not in tag):
        return plan.pick(("{}: {}", "{}, {}", "{} - {}")).format(tag, phrase(plan))
    link, case = plan.pick(links)
    return f"{tag} {_linked(link, phrase(plan, case))}"


def look_tag(plan: Plan) -> str:
    """`in Schwarz-Weiß`."""
    return plan.pick(LOOKS[plan.says("look")])


def shot_of(plan: Plan) -> str:
    """`Totale von ...`."""
    link, case = plan.pick(SHOTS)
    return _linked(link, phrase(plan, case))


_ASCII = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


def spell(plan: Plan, text: str) -> str:
    """Now and then all in lower case, or without umlauts, as people type."""
    if plan.chance(0.04):
        text = text.translate(_ASCII)
    return text.lower() if plan.chance(0.12) else text


def _moves(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    move = plan.says("move")
    if move in MOVES:
        return MOVES[move]
    nouns, clauses = MOVES[move.replace("right", "left")]
    return (
        tuple(text.replace("links", "rechts").replace("Links", "Rechts") for text in nouns),
        tuple(text.replace("links", "rechts") for text in clauses),
    )


def _nominal(plan: Plan, name: Noun, case: str) -> str:
    return name.inflected(plan.pick(name.articles), case)


def _place_and_time(plan: Plan) -> tuple[Noun | None, str]:
    """The place, and what hour and weather are said beside it."""
    place = noun(plan.pick(SETTINGS[plan.says("setting")])) if plan.says("setting") else None
    hour, weather = plan.says("hour"), plan.says("weather")
    if place and weather in SETTING_ADJECTIVES and plan.chance(0.35):
        place = place.adding(plan.pick(SETTING_ADJECTIVES[weather]))
        weather = ""
    if hour and weather and plan.chance(0.3):
        day = noun(DAYS[hour]).adding(plan.pick(WEATHER_ADJECTIVES[weather]))
        return place, ("in " if hour == "night" else "an ") + day.inflected("i", "dat")
    times = HOURS.get(hour, ())
    if hour and plan.factors.weather == "clear" and not weather:
        times += HOURS_CLEAR[hour]
    when = [plan.pick(times)] if hour else []
    if weather:
        sky = plan.pick(WEATHERS[weather])
        if when and sky.split()[0] == when[0].split()[0]:  # "in the mist in the evening"
            sky = plan.pick(WEATHERS[weather])
        when.insert(plan.pick((0, len(when))), sky)
    return place, " ".join(when)


def _subject(plan: Plan) -> tuple[Noun, str]:
    """The subject in its colour, and the clothes that carry a person's colour."""
    subject, colour = plan.says("subject"), plan.says("colour")
    name = noun(plan.pick(SUBJECTS[subject]))
    if not colour:
        return name, ""
    if subject == "person":
        return name, plan.pick(CLOTHES).format(COLOURS[colour])
    return name.adding(COLOURS[colour], last=True), ""


def _side(plan: Plan) -> str:
    side = plan.says("side")
    return plan.pick(SIDES[side]) if side else ""


def _verb(plan: Plan) -> str:
    return plan.pick(RISING if plan.says("heading") == "up" else VERBS[plan.says("subject")])


def _doing(plan: Plan, subject: Noun) -> Noun:
    """`ein nach links fahrendes Boot`."""
    heading = plan.says("heading")
    plain = tuple(text for text in HEADINGS.get(heading, ()) if text.split()[-1] not in SEPARABLE)
    participle = _verb(plan).split()[1] + "d"
    return subject.adding(f"{plan.pick(plain)} {participle}" if heading else participle)


def _relative(plan: Plan, subject: Noun, where: str) -> str:
    """`, das über einen See nach links fährt`."""
    pronoun = {"m": "der", "f": "die", "n": "das", "p": "die"}[subject.gender]
    heading = plan.says("heading")
    course = plan.pick(HEADINGS[heading]) if heading else ""
    verb = _verb(plan).split()[1 if subject.gender == "p" else 0]
    if course.split(" ")[-1] in SEPARABLE:
        return f", {_join(pronoun, where, course)}{verb}"
    return f", {_join(pronoun, where, course, verb)}"


def _where(plan: Plan, place: Noun | None, moving: bool) -> str:
    """The place as seen from the subject: above it, afloat on it, on foot in it."""
    if place is None:
        return ""
    subject, setting = plan.says("subject"), plan.says("setting")
    if subject in AIRBORNE:
        links: tuple[Link, ...] = (*OVER, ACROSS) if moving else OVER
    elif subject in WATERBORNE:
        links = AFLOAT[setting]
    else:
        links = AFOOT_BY_NOUN.get(place.noun, AFOOT[setting])
    if not moving or subject in ROOTED:
        links = tuple(link for link in links if link[1] == "dat" and "entlang" not in link[0])
    link, case = plan.pick(links)
    return _linked(link, _nominal(plan, place, case))


def _linked(link: str, name: str) -> str:
    """Preposition and noun phrase, contracted where German does; "an ... entlang" goes round."""
    head, _, tail = link.partition(" ... ")
    *front, last = head.split()
    return _join(*front, contracted(f"{last} {name}"), tail)


def _join(*parts: str) -> str:
    return " ".join(" ".join(parts).split())
