"""From evidence to who is speaking."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.hearing.diarization.hmm import RELATIVE, States, Weights, forward, honest, smooth


def decoded(states: States, speech: np.ndarray, opinions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    emissions = states.emissions(speech, opinions)
    filtered, _ = forward(states, emissions, states.start)
    belief = smooth(states, emissions, filtered)
    return belief, states.labels(belief)


def who(states: States, labels: np.ndarray) -> list[tuple[int, ...]]:
    """Runs of labels as the people in them."""
    return [tuple(sorted(states.who[label])) for label, _ in itertools.groupby(labels.tolist())]


@pytest.mark.parametrize("people", [0, 1, 2, 5, 8])
def test_states_are_nobody_each_and_each_pair(people: int) -> None:
    states = States(people, Weights())
    voices = people + 1
    assert states.size == 1 + voices + voices * (voices - 1) // 2
    assert states.who[0] == frozenset() and states.who[states.guest] == {people}
    assert np.allclose(states.moves.sum(axis=1), 1) and (states.moves > 0).all()
    assert (np.diag(states.moves) > 0.8).all()
    assert states.start.sum() == pytest.approx(1)


def test_forward_backward_agrees_with_adding_up_all_paths() -> None:
    states = States(2, Weights())
    random = np.random.default_rng(3)
    emissions = random.normal(0, 2, (4, states.size)).astype(np.float32)
    total = np.zeros((4, states.size))
    for path in itertools.product(range(states.size), repeat=4):
        chance = (states.start @ states.moves)[path[0]] * np.exp(emissions[0, path[0]])
        for t in range(1, 4):
            chance *= states.moves[path[t - 1], path[t]] * np.exp(emissions[t, path[t]])
        for t, state in enumerate(path):
            total[t, state] += chance
    filtered, last = forward(states, emissions, states.start)
    belief = smooth(states, emissions, filtered)
    assert np.allclose(belief, total / total.sum(axis=1, keepdims=True), atol=1e-4)
    assert np.allclose(last, belief[-1], atol=1e-5)


def test_forward_can_go_on_where_it_stopped() -> None:
    states = States(3, Weights())
    emissions = np.random.default_rng(4).normal(0, 2, (50, states.size)).astype(np.float32)
    whole, _ = forward(states, emissions, states.start)
    one, last = forward(states, emissions[:17], states.start)
    two, _ = forward(states, emissions[17:], last)
    assert np.allclose(whole, np.concatenate([one, two]), atol=1e-5)


def test_people_in_turn_with_a_pause_and_a_moment_together() -> None:
    states = States(2, Weights())
    opinions = np.full((120, 3), -3.0, np.float32)
    opinions[:50, 0] = opinions[40:100, 1] = 3.0
    speech = np.full(120, 5.0, np.float32)
    speech[100:] = -6.0
    belief, labels = decoded(states, speech, opinions)
    assert who(states, labels) == [(0,), (0, 1), (1,), ()]
    assert np.allclose(belief.sum(axis=1), 1, atol=1e-4)


def test_a_voice_that_is_nobodys_is_a_guest() -> None:
    states = States(2, Weights())
    opinions = np.tile(np.array([-3.0, -3.0, 2.0], np.float32), (60, 1))
    _, labels = decoded(states, np.full(60, 5.0, np.float32), opinions)
    assert (labels[5:] == states.guest).all()


def test_a_flicker_does_not_change_the_speaker() -> None:
    states = States(2, Weights())
    opinions = np.tile(np.array([2.0, -2.0, -4.0], np.float32), (60, 1))
    opinions[30] = [-2.0, 2.0, -4.0]
    _, labels = decoded(states, np.full(60, 5.0, np.float32), opinions)
    assert set(labels[5:].tolist()) == {1}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 6), st.integers(1, 40), st.integers(0, 2**31), st.floats(0, 50))
def test_whatever_comes_probabilities_stay_probabilities(people: int, steps: int, seed: int, scale: float) -> None:
    states = States(people, Weights())
    random = np.random.default_rng(seed)
    opinions = random.normal(0, 1 + scale, (steps, people + 1)).astype(np.float32)
    belief, labels = decoded(states, random.normal(0, 1 + scale, steps).astype(np.float32), opinions)
    assert np.isfinite(belief).all() and np.allclose(belief.sum(axis=1), 1, atol=1e-3)
    assert ((labels >= 0) & (labels < states.size)).all()
    voices = states.voices(belief)
    for label, chances in zip(labels, voices, strict=True):
        assert all(chances[k] > states.weights.present for k in states.who[label])


def test_claims_are_taken_with_salt_but_keep_their_order() -> None:
    claims = [0.0, 0.3, 0.5, 0.8, 0.95, 0.999, 1.0]
    kept = [honest(claim) for claim in claims]
    assert kept == sorted(kept) and all(0 <= value <= 1 for value in kept)
    assert all(value < claim for value, claim in zip(kept[2:], claims[2:], strict=True))


def test_who_stops_is_heard_for_a_step_less() -> None:
    """A room sounds on after a voice; a short word, which would be lost, and what may go on, stay as they are."""
    states = States(2, RELATIVE)
    one, other, both = (states.who.index(frozenset(who)) for who in ({0}, {1}, {0, 1}))
    chances = np.eye(states.size, dtype=np.float32)
    labels = [one] * 6 + [both] * 4 + [other] * 5 + [0] * 3 + [one] * 2 + [0] * 2 + [other] * 4
    told = states.labels(chances[labels])
    assert told.tolist() == ([one] * 6 + [both] * 3 + [other] * 5 + [0] * 4 + [one] * 2 + [0] * 2 + [other] * 4)
    assert States(2, Weights()).labels(chances[labels]).tolist() == labels, "the fusion by itself is careful"


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(0, 3))
def test_nobody_is_heard_where_nobody_was(drawn: list[int], people: int) -> None:
    states = States(people, RELATIVE)
    labels = [state % states.size for state in drawn]
    told = states.labels(np.eye(states.size, dtype=np.float32)[labels].reshape(-1, states.size))
    assert all(states.who[now] <= states.who[before] for now, before in zip(told, labels, strict=True))
