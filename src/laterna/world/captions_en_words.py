"""The words of English captions: every way to say a setting, an hour, a move.

Phrases are whole, so that no rule has to guess a preposition: `{}` takes the adverb or adjective of
speed. Where a wording is only true of some clips, its table says so.
"""

from __future__ import annotations

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
