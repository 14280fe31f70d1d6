"""The picture of how records flow, from the map of topics; only where things stand is said here."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from joblog.streams.documents.pictures.svg import Box, Point, arrow, named, picture, words
from joblog.streams.roles import Role
from joblog.streams.topics import Topic, TopicMap

MAP: Final = TopicMap("<namespace>", lanes=("<lane>",))

TOPICS: Final = {
    "events": Box(40, 130, 740, 56),
    "work.<lane>": Box(330, 250, 220, 48),
    "control": Box(330, 310, 220, 48),
    "delay.<tier>": Box(330, 370, 220, 48),
    "dlq": Box(330, 430, 220, 56),
    "table.jobs": Box(330, 498, 220, 48),
    "table.log": Box(330, 558, 220, 48),
}

COMPONENTS: Final = {
    "producer": (Box(40, 30, 140, 48), "in any language"),
    "deployer": (Box(340, 30, 140, 48), "opens the log"),
    "operator": (Box(840, 130, 110, 56), "joblog …"),
    "scheduler": (Box(40, 250, 150, 356), "decides"),
    "worker": (Box(640, 250, 110, 108), "runs handlers"),
    "delays": (Box(640, 370, 180, 48), "wakes what is due"),
}

ARROWS: Final[Mapping[tuple[str, str], tuple[Point, ...]]] = {
    ("producer", "events"): (Point(110, 78), Point(110, 130)),
    ("events", "deployer"): (Point(430, 130), Point(430, 78)),
    ("deployer", "events"): (Point(390, 78), Point(390, 130)),
    ("operator", "events"): (Point(840, 146), Point(780, 146)),
    ("events", "operator"): (Point(780, 170), Point(840, 170)),
    ("events", "scheduler"): (Point(90, 186), Point(90, 250)),
    ("scheduler", "events"): (Point(140, 250), Point(140, 186)),
    ("worker", "events"): (Point(695, 250), Point(695, 186)),
    ("delays", "events"): (Point(768, 370), Point(768, 186)),
    ("scheduler", "work.<lane>"): (Point(190, 274), Point(330, 274)),
    ("work.<lane>", "worker"): (Point(550, 274), Point(640, 274)),
    ("scheduler", "control"): (Point(190, 334), Point(330, 334)),
    ("control", "worker"): (Point(550, 330), Point(640, 330)),
    ("scheduler", "delay.<tier>"): (Point(190, 394), Point(330, 394)),
    ("delay.<tier>", "delays"): (Point(550, 386), Point(640, 386)),
    ("delays", "delay.<tier>"): (Point(640, 404), Point(550, 404)),
    ("scheduler", "dlq"): (Point(190, 458), Point(330, 458)),
    ("worker", "dlq"): (Point(640, 348), Point(600, 348), Point(600, 442), Point(550, 442)),
    ("delays", "dlq"): (Point(720, 418), Point(720, 458), Point(550, 458)),
    ("dlq", "operator"): (Point(550, 474), Point(895, 474), Point(895, 186)),
    ("scheduler", "table.jobs"): (Point(190, 514), Point(330, 514)),
    ("table.jobs", "scheduler"): (Point(330, 530), Point(190, 530)),
    ("scheduler", "table.log"): (Point(190, 574), Point(330, 574)),
    ("table.log", "scheduler"): (Point(330, 590), Point(190, 590)),
}

SAID: Final = ("config", "schemas")
"""Topics of what is declared for the whole log: nearly everybody reads and writes them, so words say it."""


LEFT_OUT: Final = Role.BRIDGE
"""A part that is only there where a schema registry is."""


OPERATED: Final = ("events", "dlq")
"""Topics that commands are mostly about; words say that they read all others too."""

OPERATOR_SAID: Final = (
    "operator: reads all topics, and writes what is redriven back to where it stood"
)


def topics() -> Mapping[str, Topic]:
    """Return the topics by their names in the picture: all delay topics are one."""
    named_topics = {topic.name.partition(".")[2]: topic for topic in MAP.all}
    tiers = {topic.name.partition(".")[2] for topic in MAP.delays}
    others = {name: topic for name, topic in named_topics.items() if name not in tiers}
    return others | {"delay.<tier>": MAP.delays[0]}


def flows() -> set[tuple[str, str]]:
    """Return who writes to what, and what is read by whom, as in the map of topics.

    All but `SAID` and `LEFT_OUT`, and of the operator's those of `OPERATED`.
    """
    return {
        flow
        for name, topic in topics().items()
        if name not in SAID
        for flow in (
            *((writer, name) for writer in topic.writers),
            *((name, reader) for reader in topic.readers),
        )
        if LEFT_OUT not in flow and (Role.OPERATOR not in flow or name in OPERATED)
    }


def flow_picture() -> str:
    """Return the picture."""
    return picture("How records flow from topic to topic", 970, 680, _parts())


def _parts() -> Iterator[str]:
    known = topics()
    for flow in sorted(flows()):
        yield arrow(*ARROWS[flow])
    for name, box in TOPICS.items():
        yield named(box, "topic", name, _held(known[name]))
    for name, (box, does) in COMPONENTS.items():
        yield named(box, "plain", name, does)
    said = (_said(name, known[name]) for name in SAID)
    yield words(Point(40, 634), (*said, OPERATOR_SAID))


def _held(topic: Topic) -> str:
    """Return the events that a topic holds, or else in a few words what."""
    events = re.findall(r"`(\w+)`", topic.holds)
    return ", ".join(events) if events else re.split("[:;]", topic.holds)[0]


def _said(name: str, topic: Topic) -> str:
    events = _held(topic)
    return (
        f"{name} ({events}): written by {_listed(topic.writers)}; read by {_listed(topic.readers)}"
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(name for name in names if name != LEFT_OUT)
