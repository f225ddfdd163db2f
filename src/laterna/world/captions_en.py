"""English wording of a clip: the words for every factor and the few rules that join them.

Phrases are whole, so that no rule has to guess a preposition: a setting says how one is above it,
afloat on it or on foot in it. `a` becomes `an` by the next word. Nothing here draws a fact: which
factors are worded is the plan's decision, and each function words exactly those it is named for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from laterna.world.captions import Plan

SETTINGS: dict[str, tuple[str, ...]] = {
    "mountains": (
        "mountains", "the mountains", "a mountain range", "mountain peaks", "high mountains",
        "an alpine landscape", "rugged mountains", "a mountain landscape", "towering peaks",
        "jagged peaks",
    ),
    "sea": (
        "the sea", "the ocean", "the open sea", "a wide sea", "an endless ocean", "a seascape",
        "the open ocean", "a calm sea", "ocean waves",
    ),
    "coast": (
        "the coast", "a rocky coast", "a coastline", "steep sea cliffs", "a rugged coastline",
        "cliffs by the sea", "a rocky shore", "the seashore", "a coast with cliffs",
    ),
    "desert": (
        "the desert", "a desert", "sand dunes", "desert dunes", "a sandy desert",
        "a vast desert", "a desert landscape", "the dunes", "endless dunes",
    ),
    "hills": (
        "hills", "rolling hills", "green hills", "the hills", "gentle hills", "grassy hills",
        "a hilly landscape", "soft green hills", "rolling green countryside",
    ),
    "forest": (
        "a forest", "the forest", "the woods", "a pine forest", "a dense forest", "woodland",
        "a deep forest", "a forest of tall trees", "a wooded landscape",
    ),
    "lake": (
        "a lake", "the lake", "a calm lake", "a mountain lake", "a still lake", "a quiet lake",
        "a lake with reflections", "the shore of a lake", "a wide lake",
    ),
    "valley": (
        "a valley", "a river valley", "the valley", "a green valley", "a valley with a river",
        "a wide valley", "a river winding through a valley", "a winding river",
    ),
    "snowfield": (
        "a snowfield", "a snow-covered plain", "a winter landscape", "an arctic plain",
        "a snow-covered landscape", "a frozen plain", "a snowy plain", "a white winter plain",
        "snow-covered fields",
    ),
    "skyline": (
        "a city skyline", "the skyline", "a skyline", "the city skyline", "a big city",
        "a city of skyscrapers", "the skyline of a city", "skyscrapers", "a modern city",
    ),
    "street": (
        "a city street", "a street", "the street", "a street in the city", "a downtown street",
        "a long street", "an avenue", "a wide city street", "a street between tall buildings",
    ),
}  # fmt: skip
BARE: dict[str, tuple[str, ...]] = {
    "mountains": ("mountains", "mountain range", "peaks", "mountain landscape"),
    "sea": ("sea", "ocean", "open sea", "seascape"),
    "coast": ("coast", "coastline", "cliffs", "rocky coast", "seashore"),
    "desert": ("desert", "dunes", "sand dunes", "desert landscape"),
    "hills": ("hills", "rolling hills", "green hills", "hilly landscape"),
    "forest": ("forest", "woods", "pine forest", "woodland"),
    "lake": ("lake", "mountain lake", "still lake", "lakeside"),
    "valley": ("valley", "river valley", "green valley", "river"),
    "snowfield": ("snowfield", "winter landscape", "snow-covered plain", "arctic plain"),
    "skyline": ("city skyline", "skyline", "city", "skyscrapers"),
    "street": ("city street", "street", "avenue", "downtown street"),
}
SLUGS: dict[str, tuple[str, ...]] = {
    "mountains": ("mountains", "mountain range"), "sea": ("sea", "ocean", "open sea"),
    "coast": ("coast", "coastline", "cliffs"), "desert": ("desert", "dunes", "sand dunes"),
    "hills": ("hills", "rolling hills"), "forest": ("forest", "woods"),
    "lake": ("lake", "lakeside", "mountain lake"), "valley": ("valley", "river valley"),
    "snowfield": ("snowfield", "snow-covered plain"), "skyline": ("city skyline", "skyline"),
    "street": ("city street", "street"),
}  # fmt: skip
OVER = ("over", "above", "high above")
AFLOAT = {
    "sea": ("on", "out on", "across"), "coast": ("off",), "lake": ("on", "across"),
    "valley": ("on the river in", "on a river in"), "skyline": ("in front of", "before"),
}  # fmt: skip
AFOOT = {
    "mountains": ("in", "through"), "sea": ("by", "above"), "coast": ("on", "along"),
    "desert": ("in", "across", "through"), "hills": ("in", "through", "across"),
    "forest": ("in", "through"), "lake": ("by", "beside"), "valley": ("in", "through"),
    "snowfield": ("on", "across"), "skyline": ("before",), "street": ("on", "along"),
}  # fmt: skip
AIRBORNE, WATERBORNE, ROOTED = (
    {"balloon", "birds", "plane"}, {"boat", "ship"}, {"house", "lighthouse", "campfire"},
)  # fmt: skip

HOURS: dict[str, tuple[str, ...]] = {
    "dawn": ("at dawn", "at sunrise", "at daybreak", "at first light", "in the early morning",
             "in the morning light", "early in the morning", "as the sun rises",
             "at the crack of dawn"),
    "noon": ("at noon", "at midday", "in broad daylight", "in the middle of the day", "by day",
             "during the day", "in daylight", "around noon"),
    "dusk": ("at dusk", "at sunset", "in the evening", "at golden hour", "in the evening light",
             "at twilight", "in the last light of the day", "as the sun sets", "at sundown"),
    "night": ("at night", "by night", "in the dark of night", "after dark", "late at night",
              "during the night", "in the middle of the night", "at midnight"),
}  # fmt: skip
# Only true when the sky can be seen.
HOURS_CLEAR: dict[str, tuple[str, ...]] = {
    "dawn": ("under a morning sky",),
    "noon": ("under the midday sun", "in bright daylight"),
    "dusk": ("in the light of the setting sun", "under a glowing evening sky"),
    "night": ("under the stars", "under a starry sky", "by moonlight", "in the moonlight"),
}
HOUR_NOUNS: dict[str, tuple[str, ...]] = {
    "dawn": ("dawn", "sunrise", "daybreak", "first light", "early morning"),
    "noon": ("noon", "midday", "daytime"),
    "dusk": ("dusk", "sunset", "twilight", "evening", "nightfall"),
    "night": ("night", "nighttime"),
}
HOUR_TAGS: dict[str, tuple[str, ...]] = {
    "dawn": ("dawn", "sunrise", "early morning", "first light", "morning light", "daybreak"),
    "noon": ("noon", "midday", "daylight", "day", "daytime"),
    "dusk": ("dusk", "sunset", "golden hour", "evening", "twilight", "evening light"),
    "night": ("night", "at night", "nighttime", "midnight", "dark night"),
}
HOUR_SLUGS: dict[str, tuple[str, ...]] = {
    "dawn": ("dawn", "sunrise", "early morning", "morning"),
    "noon": ("day", "noon", "midday"),
    "dusk": ("dusk", "sunset", "evening", "magic hour"),
    "night": ("night", "late night"),
}
DAYS = {"dawn": "morning", "noon": "day", "dusk": "evening", "night": "night"}

WEATHERS: dict[str, tuple[str, ...]] = {
    "clear": ("under a clear sky", "in clear weather", "under clear skies",
              "beneath a cloudless sky"),
    "cloud": ("under a cloudy sky", "under heavy clouds", "under an overcast sky",
              "beneath drifting clouds", "in cloudy weather", "under grey clouds"),
    "fog": ("in fog", "in the fog", "in thick fog", "in the mist", "in dense mist",
            "shrouded in fog", "wrapped in mist", "in foggy weather"),
    "rain": ("in the rain", "in pouring rain", "in heavy rain", "in a downpour", "in rainy weather",
             "in steady rain"),
    "snow": ("in falling snow", "in a snowstorm", "in light snowfall", "in driving snow",
             "during snowfall", "while snow is falling"),
}  # fmt: skip
WEATHER_TAGS: dict[str, tuple[str, ...]] = {
    "clear": ("clear sky", "clear weather", "cloudless", "clear skies", "cloudless sky"),
    "cloud": ("clouds", "cloudy", "overcast", "cloudy sky", "heavy clouds"),
    "fog": ("fog", "mist", "foggy", "misty", "thick fog", "dense mist"),
    "rain": ("rain", "rainy", "pouring rain", "heavy rain", "downpour"),
    "snow": ("falling snow", "snowfall", "snowstorm", "snowing", "snowflakes"),
}
WEATHER_LINES: dict[str, tuple[str, ...]] = {
    "clear": ("the sky is clear", "there is not a cloud in the sky", "no clouds in the sky",
              "the weather is clear"),
    "cloud": ("clouds drift across the sky", "the sky is overcast", "clouds cover the sky",
              "heavy clouds hang in the sky", "it is cloudy"),
    "fog": ("fog hangs in the air", "mist fills the air", "it is foggy", "everything lies in mist",
            "fog drifts through the scene"),
    "rain": ("it is raining", "rain is falling", "rain pours down", "it rains steadily"),
    "snow": ("it is snowing", "snow is falling", "snowflakes drift down", "snow falls softly"),
}  # fmt: skip
WEATHER_ADJECTIVES: dict[str, tuple[str, ...]] = {  # of a day
    "clear": ("clear", "cloudless"), "cloud": ("cloudy", "overcast", "grey"),
    "fog": ("foggy", "misty"), "rain": ("rainy", "wet and rainy"), "snow": ("snowy",),
}  # fmt: skip
SETTING_ADJECTIVES: dict[str, tuple[str, ...]] = {  # of a place
    "fog": ("misty", "foggy", "fog-shrouded"),
    "rain": ("rain-swept", "rainy"),
}

SUBJECTS: dict[str, tuple[str, ...]] = {
    "balloon": ("hot-air balloon", "balloon", "hot air balloon", "single balloon"),
    "boat": ("boat", "sailboat", "small boat", "sailing boat", "little boat", "lone boat"),
    "ship": ("ship", "sailing ship", "tall ship", "large ship", "three-masted ship"),
    "car": ("car", "automobile", "lone car", "single car"),
    "birds": ("flock of birds", "group of birds", "birds", "some birds", "several birds"),
    "plane": ("plane", "airplane", "aeroplane", "small plane", "aircraft"),
    "lighthouse": ("lighthouse", "tall lighthouse", "lone lighthouse", "old lighthouse"),
    "house": ("house", "lone house", "small house", "cottage", "little house"),
    "person": ("person", "figure", "lone figure", "walker", "wanderer", "lone person"),
    "campfire": ("campfire", "fire", "small campfire", "open fire", "bonfire"),
}
SIZES = ("single", "lone", "small", "little", "large", "tall", "old", "open")
# Finite forms "it" and "they", then the participle.
VERBS: dict[str, tuple[str, ...]] = {
    "balloon": ("floats float floating", "drifts drift drifting", "glides glide gliding"),
    "boat": ("sails sail sailing", "glides glide gliding", "drifts drift drifting"),
    "ship": ("sails sail sailing", "glides glide gliding", "cruises cruise cruising"),
    "car": ("drives drive driving", "moves move moving", "rolls roll rolling"),
    "birds": ("flies fly flying", "glides glide gliding", "soars soar soaring"),
    "plane": ("flies fly flying", "soars soar soaring", "cruises cruise cruising"),
    "lighthouse": ("stands stand standing", "towers tower towering", "rises rise rising"),
    "house": ("stands stand standing", "sits sit sitting"),
    "person": ("walks walk walking", "wanders wander wandering", "strolls stroll strolling"),
    "campfire": ("burns burn burning", "flickers flicker flickering", "glows glow glowing"),
}
RISING = ("rises rise rising", "climbs climb climbing", "floats float floating")
HEADINGS: dict[str, tuple[str, ...]] = {
    "left": ("to the left", "left", "leftwards", "from right to left", "towards the left"),
    "right": ("to the right", "right", "rightwards", "from left to right", "towards the right"),
    "up": ("upwards", "up into the sky", "higher into the sky", "up"),
    "away": ("away from the camera", "away from us", "into the distance", "away"),
    "closer": ("towards the camera", "towards us", "closer", "toward the viewer"),
}
SIDES: dict[str, tuple[str, ...]] = {
    "left": ("on the left", "on the left side of the frame", "in the left third of the frame",
             "frame left", "in the left of the picture", "on the left-hand side"),
    "centre": ("in the centre", "in the middle of the frame", "in the center of the frame",
               "centre frame", "in the middle of the picture"),
    "right": ("on the right", "on the right side of the frame", "in the right third of the frame",
              "frame right", "in the right of the picture", "on the right-hand side"),
}  # fmt: skip
CLOTHES = ("in {}", "dressed in {}", "in a {} coat", "in a {} jacket", "wearing {}")

# Noun phrases ({} takes the adjective of speed) and clauses ({} takes the adverb).
MOVES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "static": (
        ("static shot", "locked-off shot", "static camera", "fixed camera", "locked-off camera",
         "tripod shot", "still camera"),
        ("the camera stands still", "the camera does not move", "the camera is static",
         "the camera is locked off", "the camera stays fixed"),
    ),
    "pan left": (
        ("{} pan left", "{} pan to the left", "{} camera pan left", "{} leftward pan",
         "panning left {}"),
        ("the camera pans {} left", "the camera pans {} to the left", "we pan left {}",
         "the camera turns {} to the left", "camera pans {} leftwards"),
    ),
    "tilt up": (
        ("{} tilt up", "{} upward tilt", "{} camera tilt up", "tilting up {}"),
        ("the camera tilts {} up", "the camera tilts {} upwards", "we tilt up {}"),
    ),
    "tilt down": (
        ("{} tilt down", "{} downward tilt", "{} camera tilt down", "tilting down {}"),
        ("the camera tilts {} down", "the camera tilts {} downwards", "we tilt down {}"),
    ),
    "dolly in": (
        ("{} dolly in", "{} push in", "{} push-in", "{} forward dolly", "{} dolly forward",
         "moving forward {}"),
        ("the camera moves {} forward", "the camera pushes {} in", "the camera dollies {} in",
         "we push in {}", "the camera travels {} forward", "the camera moves closer {}"),
    ),
    "dolly out": (
        ("{} dolly out", "{} pull back", "{} pull-back", "{} backward dolly", "{} dolly back",
         "moving backward {}"),
        ("the camera moves {} backward", "the camera pulls {} back", "the camera dollies {} out",
         "we pull back {}", "the camera travels {} backwards", "the camera backs {} away"),
    ),
    "truck left": (
        ("{} truck left", "{} tracking shot to the left", "{} lateral move to the left",
         "{} slide left", "tracking left {}", "{} sideways dolly to the left"),
        ("the camera trucks {} left", "the camera tracks {} to the left", "we track left {}",
         "the camera moves {} to the left", "the camera slides {} to the left",
         "the camera travels {} sideways to the left"),
    ),
    "crane up": (
        ("{} crane up", "{} crane shot upwards", "{} rising crane shot", "{} boom up",
         "craning up {}"),
        ("the camera rises {}", "the camera cranes {} up", "the camera moves {} upwards",
         "the camera lifts {} upwards", "we crane up {}"),
    ),
    "crane down": (
        ("{} crane down", "{} crane shot downwards", "{} descending crane shot", "{} boom down",
         "craning down {}"),
        ("the camera descends {}", "the camera cranes {} down", "the camera moves {} downwards",
         "the camera sinks {}", "we crane down {}"),
    ),
    "zoom in": (
        ("{} zoom in", "{} zoom-in", "{} camera zoom in", "zooming in {}"),
        ("the camera zooms {} in", "we zoom in {}", "the lens zooms {} in"),
    ),
    "zoom out": (
        ("{} zoom out", "{} zoom-out", "{} camera zoom out", "zooming out {}"),
        ("the camera zooms {} out", "we zoom out {}", "the lens zooms {} out"),
    ),
    "orbit left": (
        ("{} orbit left", "{} orbit to the left", "{} arc shot to the left", "{} arc left",
         "orbiting left {}"),
        ("the camera orbits {} to the left", "the camera circles {} to the left",
         "the camera arcs {} left", "we orbit left {}"),
    ),
}  # fmt: skip
LEADS = {
    "static": ("of",), "pan": ("across", "over"), "tilt": (), "dolly in": ("towards", "on"),
    "dolly out": ("away from",), "truck": ("along", "past"), "crane": ("over", "above"),
    "zoom in": ("on", "towards"), "zoom out": ("from",), "orbit": ("around",),
}  # fmt: skip
SPEED_ADJECTIVES = {
    "slow": ("slow", "gentle", "very slow"), "medium": ("steady", "even", "medium-speed"),
    "fast": ("fast", "quick", "rapid", "swift"),
}  # fmt: skip
SPEED_ADVERBS = {
    "slow": ("slowly", "gently"), "medium": ("steadily", "at a medium pace", "at an even pace"),
    "fast": ("quickly", "fast", "rapidly", "swiftly"),
}  # fmt: skip
LOOKS: dict[str, tuple[str, ...]] = {
    "colour": ("in colour", "in color", "natural colours"),
    "black-and-white": ("black and white", "in black and white", "black-and-white", "monochrome",
                        "shot in black and white", "b&w"),
    "warm": ("warm tones", "in warm colours", "warm colors", "warm colour grade", "in warm tones"),
    "cold": ("cold tones", "in cold colours", "cold colors", "cold colour grade", "in cool tones",
             "cool colour palette"),
}  # fmt: skip
SHOTS = ("establishing shot of", "wide shot of", "a wide shot of", "a shot of", "footage of",
         "long shot of", "extreme wide shot of", "an establishing shot of", "a view of",
         "wide establishing shot:", "b-roll of", "a cinematic shot of", "wide shot,")  # fmt: skip


def words(plan: Plan) -> str:
    """The setting or the subject as a bare noun."""
    if setting := plan.says("setting"):
        return plan.pick(BARE[setting])
    noun = plan.pick(SUBJECTS[plan.says("subject")])
    return noun if plan.chance(0.5) else _article(noun)


def slug(plan: Plan) -> str:
    """`EXT. LAKE - DUSK`."""
    line = plan.pick(SLUGS[plan.says("setting")])
    hour = plan.says("hour")
    if hour:
        line += plan.pick((" - ", " - ", ", ", " — ")) + plan.pick(HOUR_SLUGS[hour])
    return plan.pick(("EXT. ", "EXT. ", "Ext. ", "EXT ")) + line.upper()


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
    noun, plural = _subject(plan)
    if not plural and plan.chance(0.7):
        noun = noun.removeprefix("a ").removeprefix("an ")
    side, heading = plan.says("side"), plan.says("heading")
    found = [noun]
    if side:
        place = plan.pick(SIDES[side])
        found = [f"{noun} {place}"] if plan.chance(0.6) else [noun, place]
    if heading:
        found.append(f"{_verb(plan).split()[2]} {plan.pick(HEADINGS[heading])}")
    return found


def phrase(plan: Plan) -> str:
    """One noun phrase, led by the subject or by the place."""
    setting, when = _place_and_time(plan)
    if not plan.says("subject"):
        hour = plan.says("hour")
        if setting and hour and not plan.says("weather") and plan.chance(0.3):
            return f"{plan.pick(HOUR_NOUNS[hour])} over {setting}"
        return _join(setting, when) or plan.pick(WEATHER_TAGS[plan.says("weather")])
    noun, _ = _subject(plan)
    side, action = _side(plan), _action(plan, participle=True)
    if setting and plan.chance(0.3):
        doing = f", {action}" if side and action else f" {action}" if action else ""
        return _join(setting, when, f"with {noun}{side}{doing}")
    where = _where(plan, setting, moving=bool(action))
    if side and action:
        return _join(f"{noun}{side},", action, where, when)
    if side and plan.chance(0.5):
        return _join(noun, where, when) + "," + side
    return _join(f"{noun}{side}", action, where, when)


def sentences(plan: Plan) -> list[str]:
    """One or two full sentences."""
    lines: list[str] = []
    if plan.says("weather") and plan.chance(0.3):
        lines.append(plan.pick(WEATHER_LINES[plan.says("weather")]))
        plan = plan.without("weather")
    if not plan.named & {"setting", "subject"}:
        if hour := plan.says("hour"):
            lines.append(f"it is {plan.pick(HOUR_NOUNS[hour])}")
        return lines or [plan.pick(WEATHER_LINES[plan.says("weather")])]
    setting, when = _place_and_time(plan)
    main = _clause(plan, setting, when) if plan.says("subject") else _view(plan, setting, when)
    return [*main, *lines] if plan.chance(0.75) else [*lines, *main]


def _clause(plan: Plan, setting: str, when: str) -> list[str]:
    noun, plural = _subject(plan)
    verb = _verb(plan).split()[1 if plural else 0]
    heading = plan.says("heading")
    course = plan.pick(HEADINGS[heading]) if heading else ""
    where, side = _where(plan, setting, moving=True), _side(plan)
    style = plan.rng.random()
    if setting and not heading and style < 0.2:  # "A lake at dusk. On the left, a boat."
        return [_join(setting, when), _join(side.strip() + "," if side else "", noun)]
    if style < 0.35 and side:
        return [_join(side.strip() + ",", noun, verb, course, where, when)]
    if style < 0.55 and when:
        front = _join(f"{when},", noun, verb, course, where)
        return [front + ("," + side if side else "")]
    if style < 0.7 and side:
        place = "they are" if plural else "it is"
        return [_join(noun, verb, course, where, when), f"{place}{side}"]
    if side:
        return [_join(f"{noun}{side}", verb, course, where, when)]
    return [_join(noun, verb, course, where, when)]


def _view(plan: Plan, setting: str, when: str) -> list[str]:
    opening = plan.pick(("we see", "we look out over", "the shot shows", "this is", "there is", ""))
    if opening.endswith(" is") and not setting.startswith(("a ", "an ")):
        opening = ""
    return [_join(opening, setting, when)]


def camera_tag(plan: Plan) -> str:
    """`slow pan left`."""
    phrase = plan.pick(_moves(plan)[0])
    speed = plan.says("amount")
    adverb = phrase.endswith("{}")
    word = plan.pick((SPEED_ADVERBS if adverb else SPEED_ADJECTIVES)[speed]) if speed else ""
    return _join(phrase.format(word))


def camera_sentence(plan: Plan) -> str:
    """`the camera pans slowly to the left`."""
    speed = plan.says("amount")
    clause = plan.pick(_moves(plan)[1])
    word = plan.pick(SPEED_ADVERBS[speed]) if speed else ""
    if " " in word:  # "at an even pace" stands at the end
        return _join(clause.format(""), word)
    return _join(clause.format(word))


def camera_lead(plan: Plan) -> str:
    """`slow pan left across ...`."""
    move, scene = plan.says("move"), phrase(plan)
    links = LEADS.get(move) or LEADS[move.split()[0]]
    if not links or plan.chance(0.3):
        return plan.pick(("{}: {}", "{}, {}", "{} - {}")).format(camera_tag(plan), scene)
    tag = camera_tag(plan)
    if move == "static" and "camera" in tag:
        return f"{tag}, {scene}"
    return f"{tag} {plan.pick(links)} {scene}"


def look_tag(plan: Plan) -> str:
    """`in black and white`."""
    return plan.pick(LOOKS[plan.says("look")])


def shot_of(plan: Plan) -> str:
    """`wide shot of ...`."""
    return f"{plan.pick(SHOTS)} {phrase(plan)}"


def spell(plan: Plan, text: str) -> str:
    """Now and then all in lower case, as people type."""
    return text.lower() if plan.chance(0.12) else text


def _moves(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    move = plan.says("move")
    if move in MOVES:
        return MOVES[move]
    nouns, clauses = MOVES[move.replace("right", "left")]
    return (
        tuple(text.replace("left", "right") for text in nouns),
        tuple(text.replace("left", "right") for text in clauses),
    )


def _place_and_time(plan: Plan) -> tuple[str, str]:
    """The place as a noun phrase, and what hour and weather are said beside it."""
    place = plan.pick(SETTINGS[plan.says("setting")]) if plan.says("setting") else ""
    hour, weather = plan.says("hour"), plan.says("weather")
    if place and weather in SETTING_ADJECTIVES and plan.chance(0.35):
        place = _with_adjective(place, plan.pick(SETTING_ADJECTIVES[weather]))
        weather = ""
    if hour and weather and plan.chance(0.3):
        return place, f"on {_article(plan.pick(WEATHER_ADJECTIVES[weather]) + ' ' + DAYS[hour])}"
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


def _with_adjective(noun: str, adjective: str) -> str:
    first, _, rest = noun.partition(" ")
    if first in ("a", "an"):
        return _article(f"{adjective} {rest}")
    return f"the {adjective} {rest}" if first == "the" else f"{adjective} {noun}"


def _subject(plan: Plan) -> tuple[str, bool]:
    """The subject with its article and colour, and whether it is a plural."""
    subject, colour = plan.says("subject"), plan.says("colour")
    noun = plan.pick(SUBJECTS[subject])
    if noun.endswith("birds") and not noun.endswith("of birds"):
        return noun, True
    if subject == "person" and colour:
        return f"{_article(noun)} {plan.pick(CLOTHES).format(colour)}", False
    if colour:
        first, _, rest = noun.partition(" ")
        noun = f"{first} {colour} {rest}" if first in SIZES else f"{colour} {noun}"
    return _article(noun), False


def _side(plan: Plan) -> str:
    side = plan.says("side")
    return " " + plan.pick(SIDES[side]) if side else ""


def _verb(plan: Plan) -> str:
    if plan.says("heading") == "up":
        return plan.pick(RISING)
    return plan.pick(VERBS[plan.says("subject")])


def _action(plan: Plan, participle: bool) -> str:
    """What the subject does; always worded when its heading is to be told."""
    heading = plan.says("heading")
    if not heading and plan.chance(0.5):
        return ""
    verb = _verb(plan).split()[2 if participle else 0]
    return f"{verb} {plan.pick(HEADINGS[heading])}" if heading else verb


def _where(plan: Plan, setting: str, moving: bool) -> str:
    """The place as seen from the subject: above it, afloat on it, on foot in it."""
    subject, place = plan.says("subject"), plan.says("setting")
    if not setting:
        return ""
    if subject in AIRBORNE:
        return f"{plan.pick(OVER)} {setting}"
    if subject in WATERBORNE:
        links = AFLOAT[place]
    else:
        links = AFOOT[place]
    if not moving or subject in ROOTED:
        links = links[:1]
    if "shore" in setting and place == "lake":
        links = ("by",) if subject in WATERBORNE else ("on",)
    if "winding" in setting and place == "valley":
        links = ("on",) if subject in WATERBORNE else ("by",)
    if "peaks" in setting:
        links = ("among",)
    return f"{plan.pick(links)} {setting}"


def _article(noun: str) -> str:
    if noun.endswith("birds") and "of birds" not in noun:
        return noun
    return ("an " if re.match("[aeio]|under|up", noun) else "a ") + noun


def _join(*parts: str) -> str:
    return " ".join(" ".join(parts).split())
