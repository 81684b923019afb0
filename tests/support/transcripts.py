"""Nine sessions as they would go, to be read: `python -m tests.support.transcripts` writes docs/transcripts.

The program leads; the people are played, and do what people do: they weep, come late, leave, refuse in words and by
silence, whisper, shout, have a child that comes in and a phone that rings. What is said aloud stands in quotes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from facilitator.commands.formats.try_out import told
from facilitator.core.discussion import Discussion
from facilitator.core.events import (
    Action,
    Attend,
    Command,
    Consented,
    ConsentHeard,
    EnrolmentHeard,
    Event,
    Fact,
    FloorGranted,
    Heard,
    Listen,
    PhraseHeard,
    RaisedVoices,
    Record,
    Say,
    StageStarted,
)
from facilitator.core.text import clock, length
from facilitator.simulation.answers import Behaviour
from tests.support.simulation import LABEL_DELAY_MS, SimulatedTable, setup

FOLDER = Path(__file__).parents[2] / "docs" / "transcripts"


class PlayedTable(SimulatedTable):
    """A simulated table with people who have something of their own. `directions`: what they do, to be read."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.directions: list[tuple[int, int, str]] = []  # when, after how many records, what
        self.refuses: dict[str, str] = {}  # who, and how
        self.whispers: set[str] = set()
        self.quiet: set[str] = set()  # who says nothing just now
        self.on_floor: dict[str, Callable[[], None]] = {}  # what happens when somebody first has the floor
        self.on_stage: dict[str, Callable[[], None]] = {}
        self.child_until_ms = 0
        self.asked: str | None = None
        self.asks_consent = False

    def direct(self, text: str) -> None:
        self.directions.append((self.now_ms, len(self.log), text))

    # -- what they do --------------------------------------------------------------------------------

    def _act(self, action: Action) -> None:
        match action:
            case Say(prompt_kind="opening.may_i" | "opening.arrival" | "opening.call" | "opening.call_again") if (
                action.person
            ):
                self.asked, self.asks_consent = (
                    action.person,
                    action.prompt_kind in ("opening.may_i", "opening.arrival"),
                )
            case Listen() if self.refuses.get(action.person) is not None:
                self.sample = action.person
                return
            case Attend(on=True) if self.asked in self.refuses and self.refuses[self.asked] == "words":
                self.at(self.now_ms + 4_000, partial(self._says_no, self.asked))
                return
        super()._act(action)

    def tell(self, fact: Fact) -> None:
        """Who refuses says no when they are asked, or nothing."""
        how = self.refuses.get(self.asked or "")
        yes = isinstance(fact, PhraseHeard) or (isinstance(fact, Command) and fact.name == "yes")
        if how is not None and yes and self.asks_consent:
            if how == "words":
                self.asks_consent = False
                self.direct(f"{self.asked} shakes the head: no.")
                super().tell(Command(at_ms=self.now_ms, name="no", person=self.asked))
            return
        super().tell(fact)

    def _says_no(self, person: str) -> None:
        self.direct(f'{person}: "No, I would rather not be listened to."')
        self.speak(person, -2_500, 2_000)
        end_ms = self.now_ms - 300
        self.tell(ConsentHeard(at_ms=self.now_ms, refuses=True, agrees=False, start_ms=end_ms - 2_000, end_ms=end_ms))

    def _sample(self, person: str) -> None:
        if person in self.whispers and self.sample == person:
            self.direct(f"{person} whispers.")
            self.whispers.discard(person)
            self.tell(EnrolmentHeard(at_ms=self.now_ms, person=person, speech_ms=3_000, problem="quiet"))
            self.at(self.now_ms + 6_000, partial(self._sample, person))
            return
        super()._sample(person)

    def _notice(self, event: Event) -> None:
        super()._notice(event)
        match event:
            case FloorGranted() if event.person in self.on_floor:
                self.on_floor.pop(event.person)()
            case StageStarted() if event.kind in self.on_stage:
                self.on_stage.pop(event.kind)()

    def _silent(self, person: str) -> bool:
        return person in self.quiet or super()._silent(person)

    def weeps(self, person: str, after_ms: int, for_ms: int) -> None:
        """Says something, is silent for a long time, and goes on."""

        def begins() -> None:
            self.direct(f"{person} weeps, and says nothing for {for_ms // 1000} seconds.")
            self.quiet.add(person)
            self.speech = [(p, s, min(e, self.now_ms)) for p, s, e in self.speech if s < self.now_ms]
            self.speaking.pop(person, None)
            self.at(self.now_ms + for_ms, goes_on)

        def goes_on() -> None:
            self.direct(f"{person} goes on.")
            self.quiet.discard(person)
            self._hold(person)

        self.at(self.now_ms + after_ms, begins)

    def child(self, after_ms: int, for_ms: int) -> None:
        def comes() -> None:
            self.direct(f"A child comes in and talks for {for_ms // 1000} seconds.")
            self.child_until_ms = self.now_ms + for_ms
            self.speech = [(p, s, min(e, self.now_ms)) for p, s, e in self.speech if s < self.now_ms]

        self.at(self.now_ms + after_ms, comes)

    def phone(self, after_ms: int) -> None:
        def rings() -> None:
            self.direct("A phone rings; somebody presses pause.")
            self.press("pause")
            self.at(self.now_ms + 50_000, lambda: self.press("go-on"))

        self.at(self.now_ms + after_ms, rings)

    def shouts(self, after_ms: int, by: str) -> None:
        def loud(times: int) -> None:
            if times == 8:
                self.direct(f"{by} and whoever is speaking shout at each other.")
            self.tell(RaisedVoices(at_ms=self.now_ms, start_ms=self.now_ms - 1_000, end_ms=self.now_ms, over_db=13.0))
            if times > 1:
                self.at(self.now_ms + 1_000, partial(loud, times - 1))

        def begins() -> None:
            self.speak(by, 0, 8_000)
            loud(8)

        self.at(self.now_ms + after_ms, begins)

    def asks(self, after_ms: int, text: str, name: Any, person: str | None = None) -> None:
        def does() -> None:
            self.direct(text)
            self.press(name, person=person)

        self.at(self.now_ms + after_ms, does)

    def _heard(self) -> None:
        """The child is a voice that nobody knows."""
        end_ms = self.now_ms - LABEL_DELAY_MS
        if end_ms - 500 < self.child_until_ms and end_ms > 0 and self.child_until_ms > self.now_ms - 5_000:
            self.tell(Heard(at_ms=self.now_ms, start_ms=max(0, end_ms - 500), end_ms=end_ms, guest=True))
            self.at(self.now_ms + 500, self._heard)
            return
        super()._heard()


@dataclass(frozen=True, kw_only=True)
class Scene:
    name: str
    title: str
    about: str
    people: tuple[str, ...]
    form: str
    play: Callable[[PlayedTable], None]
    language: str = "en"
    behaviour: Behaviour = "all"
    hears_words: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def _couple_weeps(table: PlayedTable) -> None:
    table.on_floor["Ana"] = lambda: table.weeps("Ana", 40_000, 45_000)
    table.on_floor["Ben"] = lambda: table.asks(30_000, "Ben asks how much time he has left.", "time")


def _couple_quarrel(table: PlayedTable) -> None:
    table.on_floor["Ana"] = lambda: table.shouts(25_000, "Ben")
    table.on_floor["Ben"] = lambda: table.shouts(30_000, "Ana")


def _couple_repair(table: PlayedTable) -> None:
    table.on_floor["Ben"] = lambda: table.phone(35_000)


def _family(table: PlayedTable) -> None:
    table.on_floor["Ben"] = lambda: table.child(20_000, 6_000)
    table.on_floor["Ana"] = lambda: table.asks(25_000, "Carla comes in late.", "here", "Carla")


def _family_of_five(table: PlayedTable) -> None:
    table.refuses["Dan"] = "words"
    table.whispers.add("Mia")


def _class(table: PlayedTable) -> None:
    table.refuses["Omar"] = "silence"
    table.on_stage["talk"] = lambda: table.asks(240_000, "Grace has to leave.", "left", "Grace")


def _mediation(table: PlayedTable) -> None:
    table.on_floor["Ben"] = lambda: table.asks(
        22_000, 'Ben: "Facilitator, that was Ana." (She had spoken last.)', "was", "Ana"
    )


def _mediation_agreement(table: PlayedTable) -> None:
    table.answers.words = ("we look at the account together, all of us, every week",)
    table.on_floor["Ana"] = lambda: table.weeps("Ana", 20_000, 30_000)


def _stand_up(table: PlayedTable) -> None:
    table.on_floor["Carla"] = lambda: table.asks(15_000, "Carla no longer wants to be listened to.", "decline", "Carla")


SCENES = (
    Scene(
        name="couple-weeps",
        title="A couple: somebody weeps",
        about="Ana stops in the middle of her turn and says nothing for three quarters of a minute.",
        people=("Ana", "Ben"),
        form="five-minutes-each",
        play=_couple_weeps,
        options={"minutes": 3},
    ),
    Scene(
        name="couple-quarrel",
        title="A couple: cut-ins, and then shouting",
        about="Both cut in on each other's turn, and twice they shout.",
        people=("Ana", "Ben"),
        form="round-robin",
        behaviour="cut-ins",
        play=_couple_quarrel,
        options={"minutes": 3, "rounds": 1},
    ),
    Scene(
        name="couple-repair",
        title="A couple after a quarrel: a phone rings",
        about="They repair what happened. A phone rings in the middle. Words are understood.",
        people=("Ana", "Ben"),
        form="repair",
        hears_words=True,
        play=_couple_repair,
    ),
    Scene(
        name="family-late",
        title="A family of three: one comes late, a child comes in",
        about="Carla comes when the others have begun; a child talks into Ben's turn.",
        people=("Ana", "Ben"),
        form="check-in",
        play=_family,
    ),
    Scene(
        name="family-of-five",
        title="A family of five: one says no, one whispers",
        about="Dan says in words that he does not want to be listened to; Mia whispers at first. Words are understood.",
        people=("Ana", "Ben", "Carla", "Dan", "Mia"),
        form="check-in",
        hears_words=True,
        play=_family_of_five,
    ),
    Scene(
        name="class",
        title="A class: one is silent when asked, one leaves",
        about="Omar does not answer when he is asked whether he may be heard: that is a no. Grace leaves early.",
        people=("Teacher", "Ana", "Ben", "Grace", "Omar"),
        form="class-discussion",
        play=_class,
        options={"host": "Teacher"},
    ),
    Scene(
        name="mediation",
        title="A mediation: one listens, the other speaks",
        about="Maria mediates, and takes no turns. The program took Ana for Ben once; Ben puts it right.",
        people=("Maria", "Ana", "Ben"),
        form="speaker-listener",
        play=_mediation,
        options={"host": "Maria"},
    ),
    Scene(
        name="mediation-agreement",
        title="A mediation with a goal: what both agree on",
        about="Maria hosts, and what the talk is for is said first. Ana is silent for half a minute in her turn.",
        people=("Maria", "Ana", "Ben"),
        form="mediation",
        play=_mediation_agreement,
        options={"host": "Maria", "goals": ("a way to talk about money without a quarrel",)},
    ),
    Scene(
        name="three-german",
        title="Three people, in German: one takes the yes back",
        about="Carla has said yes, and in her turn says that she no longer wants to be listened to.",
        people=("Ana", "Ben", "Carla"),
        form="round-robin",
        language="de",
        play=_stand_up,
        options={"minutes": 1, "rounds": 1},
    ),
)


def played(scene: Scene) -> PlayedTable:
    made = setup(
        scene.people,
        scene.form,
        scene.language,
        hears_words=scene.hears_words,
        weekday=4,
        day="2026-03-06",
        **scene.options,
    )
    table = PlayedTable(Discussion(made), scene.behaviour, until_ms=2 * 3_600_000, done_early=0.3, talk_ms=300_000)
    scene.play(table)
    table.run()
    return table


def transcript(scene: Scene) -> str:
    table = played(scene)
    lines = [f"# {scene.title}", "", scene.about, ""]
    lines += [
        "Written by `python -m tests.support.transcripts`; the people are played, the words are the program's.",
        "",
    ]
    lines += ["```", *_lines(table), "```", ""]
    return "\n".join(lines)


def _lines(table: PlayedTable) -> Iterator[str]:
    directions = list(table.directions)
    for number, record in enumerate(table.log):
        while directions and directions[0][1] <= number:
            at_ms, _, text = directions.pop(0)
            yield f"  {clock(at_ms)}  * {text}"
        yield from told(record)
        yield from _more(record)
    summary = table.discussion.summary()
    yield ""
    yield from (
        f"  {person.name}  {length(person.airtime_ms)}, {round(100 * person.share)} %" for person in summary.people
    )
    if summary.declined:
        yield f"  Not listened to: {', '.join(summary.declined)}"


def _more(record: Record) -> Iterator[str]:
    """What is not told where a format is tried out."""
    match record:
        case Consented():
            yield f"  {clock(record.at_ms)}  - {record.person} {'is' if record.heard else 'is not'} listened to"
        case PhraseHeard():
            yield f'  {clock(record.at_ms)}  - somebody says "{record.phrase}"'
        case Command(name="pause" | "go-on"):
            yield f"  {clock(record.at_ms)}  - {record.name} is pressed"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        (FOLDER / f"{scene.name}.md").write_text(transcript(scene), encoding="utf-8", newline="\n")
        print(f"Wrote {FOLDER / scene.name}.md")


if __name__ == "__main__":
    main()
