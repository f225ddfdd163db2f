"""English wording of a clip: the words for every factor and the few rules that join them.

Phrases are whole, so that no rule has to guess a preposition: a setting says how one is above it,
afloat on it or on foot in it. `a` becomes `an` by the next word. Nothing here draws a fact: which
factors are worded is the plan's decision, and each function words exactly those it is named for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from laterna.world.captions_en_words import (
    AFLOAT,
    AFOOT,
    AIRBORNE,
    BARE,
    CLOTHES,
    DAYS,
    HEADINGS,
    HOUR_NOUNS,
    HOUR_SLUGS,
    HOUR_TAGS,
    HOURS,
    HOURS_CLEAR,
    LEADS,
    LOOKS,
    MOVES,
    OVER,
    RISING,
    ROOTED,
    SETTING_ADJECTIVES,
    SETTINGS,
    SHOTS,
    SIDES,
    SIZES,
    SLUGS,
    SPEED_ADJECTIVES,
    SPEED_ADVERBS,
    SUBJECTS,
    VERBS,
    WATERBORNE,
    WEATHER_ADJECTIVES,
    WEATHER_LINES,
    WEATHER_TAGS,
    WEATHERS,
)

if TYPE_CHECKING:
    from laterna.world.captions import Plan


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
