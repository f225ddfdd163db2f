"""German wording of a clip: the words for every factor and the few rules that join them.

Nouns are written in the notation of `german`; a preposition brings its case. Where something is
(dative) and where it goes (accusative) are different phrases in German, so every setting lists
both. Which factors are worded is the plan's decision; each function words exactly those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from laterna.world.captions_de_words import (
    ACROSS,
    AFLOAT,
    AFOOT,
    AFOOT_BY_NOUN,
    AIRBORNE,
    BARE,
    CLOTHES,
    COLOURS,
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
    SEPARABLE,
    SETTING_ADJECTIVES,
    SETTINGS,
    SHOTS,
    SIDES,
    SLUGS,
    SPEEDS,
    SUBJECTS,
    VERBS,
    WATERBORNE,
    WEATHER_ADJECTIVES,
    WEATHER_LINES,
    WEATHER_TAGS,
    WEATHERS,
    Link,
)
from laterna.world.german import Noun, contracted, noun

if TYPE_CHECKING:
    from laterna.world.captions import Plan


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
