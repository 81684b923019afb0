"""Which stage a format's settings make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.dialogue.stages.agree import AgreeStage
from facilitator.core.dialogue.stages.closing import ClosingStage
from facilitator.core.dialogue.stages.compare import CompareStage
from facilitator.core.dialogue.stages.indicators import IndicatorsStage
from facilitator.core.dialogue.stages.milestones import MilestonesStage
from facilitator.core.dialogue.stages.open_talk import TalkStage
from facilitator.core.dialogue.stages.opening import OpeningStage
from facilitator.core.dialogue.stages.quiet import QuietStage
from facilitator.core.dialogue.stages.rate import RateStage
from facilitator.core.dialogue.stages.round_robin import TurnsStage
from facilitator.core.dialogue.stages.stage import Stage
from facilitator.core.dialogue.stages.tell import TellStage
from facilitator.core.formats.fair_stages import Compare, Indicators, Milestones
from facilitator.core.formats.parse import Agree, Closing, Opening, Quiet, Rate, Talk, Tell, Turns
from facilitator.core.formats.parse import StageSettings as Settings

if TYPE_CHECKING:
    from facilitator.core.dialogue.manager import Conductor


def stage_of(conductor: Conductor, settings: Settings) -> Stage:
    match settings:
        case Opening():
            return OpeningStage(conductor, settings)
        case Turns():
            return TurnsStage(conductor, settings)
        case Talk():
            return TalkStage(conductor, settings)
        case Tell():
            return TellStage(conductor, settings)
        case Rate():
            return RateStage(conductor, settings)
        case Indicators():
            return IndicatorsStage(conductor, settings)
        case Compare():
            return CompareStage(conductor)
        case Milestones():
            return MilestonesStage(conductor)
        case Quiet():
            return QuietStage(conductor, settings)
        case Agree():
            return AgreeStage(conductor, settings)
        case Closing():
            return ClosingStage(conductor, settings)
