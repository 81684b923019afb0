"""A stored session as it is told now: its stored facts run through the rules once more, then what people put right."""

from __future__ import annotations

from dataclasses import dataclass

from facilitator.core.discussion import Discussion
from facilitator.core.events import Fact
from facilitator.core.language.wording import Language, parse_language
from facilitator.core.review.account import Account
from facilitator.core.review.apply_corrections import corrected, corrected_setup
from facilitator.core.setup import Setup
from facilitator.store.corrections import heard_account
from facilitator.store.reader import Reader, StoredSession, reads_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    stored: StoredSession
    setup: Setup
    language: Language
    heard: Account
    """As the facts alone have it; of a session that was thinned, as they had it then."""
    account: Account
    """With what people have put right since."""


@reads_rows
def rerun(reader: Reader, session: int | None = None) -> Rerun:
    """Without `session`, the latest. Raises StoreError."""
    number = reader.latest() if session is None else session
    setup, stored = reader.setup(number), reader.stored(number)

    def by_todays_rules() -> Account:
        discussion = Discussion(setup)
        for fact in reader.records(number, ["fact"]):
            if isinstance(fact, Fact):
                discussion.receive(fact)
        return discussion.account()

    if stored.thinned_on is not None:
        heard = heard_account(reader, number)
    else:
        heard = reader.remembered.once("by today's rules", reader.stamp(number), by_todays_rules)
    standing = reader.standing(number)
    return Rerun(
        stored=stored,
        setup=corrected_setup(setup, standing),
        language=parse_language(setup.language),
        heard=heard,
        account=corrected(heard, standing),
    )
