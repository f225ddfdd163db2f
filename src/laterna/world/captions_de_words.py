"""The words of German captions: every way to say a setting, an hour, a move.

Nouns are in the notation of `german`; a preposition comes with its case; `{}` takes the adverb of
speed. Where a wording is only true of some clips, its table says so.
"""

from __future__ import annotations

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
