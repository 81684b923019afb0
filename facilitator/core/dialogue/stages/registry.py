"""Which stage a format's settings make."""

from __future__ import annotations

from facilitator.core.dialogue.context import AsksAndRemembers, Course
from facilitator.core.dialogue.stages.agree import AgreeStage
from facilitator.core.dialogue.stages.closing import ClosingStage
from facilitator.core.dialogue.stages.indicators import IndicatorsStage
from facilitator.core.dialogue.stages.open_talk import OpenTalkStage
from facilitator.core.dialogue.stages.opening import OpeningStage
from facilitator.core.dialogue.stages.quiet import QuietStage
from facilitator.core.dialogue.stages.rate import RateStage
from facilitator.core.dialogue.stages.recorded import RecordedStage
from facilitator.core.dialogue.stages.round_robin import RoundRobinStage
from facilitator.core.dialogue.stages.sentences import CompareStage, MilestonesStage, TellStage
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.formats.stages import (
    Agree,
    Closing,
    Compare,
    Indicators,
    Milestones,
    Opening,
    Quiet,
    Rate,
    Recorded,
    Talk,
    Tell,
    Turns,
)
from facilitator.core.formats.stages import StageSettings as Settings


def stage_of(session: AsksAndRemembers, course: Course, settings: Settings) -> Stage:
    match settings:
        case Opening():
            return OpeningStage(session, course, settings)
        case Turns():
            return RoundRobinStage(session, course, settings)
        case Talk():
            return OpenTalkStage(session, course, settings)
        case Tell():
            return TellStage(session, course, settings)
        case Rate():
            return RateStage(session, course, settings)
        case Indicators():
            return IndicatorsStage(session, course, settings)
        case Compare():
            return CompareStage(session, course)
        case Milestones():
            return MilestonesStage(session, course)
        case Quiet():
            return QuietStage(session, course, settings)
        case Agree():
            return AgreeStage(session, course, settings)
        case Recorded():
            return RecordedStage(session, course)
        case Closing():
            return ClosingStage(session, course, settings)
