"""Which stage a format's settings make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facilitator.core.fair_stages import Compare, Indicators, Milestones
from facilitator.core.formats import (
    Agree,
    Closing,
    Opening,
    Quiet,
    Rate,
    Talk,
    Tell,
    Turns,
)
from facilitator.core.formats import Stage as Settings
from facilitator.core.stages.agree import AgreeStage
from facilitator.core.stages.closing import ClosingStage
from facilitator.core.stages.compare import CompareStage
from facilitator.core.stages.indicators import IndicatorsStage
from facilitator.core.stages.milestones import MilestonesStage
from facilitator.core.stages.opening import OpeningStage
from facilitator.core.stages.quiet import QuietStage
from facilitator.core.stages.rate import RateStage
from facilitator.core.stages.stage import Stage
from facilitator.core.stages.talk import TalkStage
from facilitator.core.stages.tell import TellStage
from facilitator.core.stages.turns import TurnsStage

if TYPE_CHECKING:
    from facilitator.core.conductor import Conductor


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
