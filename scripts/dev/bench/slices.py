"""Interleaving: each contender works for a short slice in turn."""

import os
from dataclasses import dataclass

from scripts.dev.bench.stats import Spread

#: Ends the search for the number of operations that fill a slice.
MOST = 50000000


@dataclass(frozen=True)
class Plan:
    """seconds: of CPU time of a slice; rounds: how many there are."""

    seconds: float
    rounds: int


def count_for(run, seconds):
    """How many operations take *seconds*.  run(count) returns their ns."""
    count = 1
    while True:
        taken = max(run(count), 1.0) / 1e9
        if taken >= seconds / 4 or count >= MOST:
            return min(max(1, round(count * seconds / taken)), MOST)
        # Short runs are imprecise: approach the aim in a few steps.
        count = min(count * max(2, min(50, round(seconds / taken))), MOST)


def order(keys, number):
    """*keys* in the order of round *number*: rotated, and every other
    round backwards, so that each has each other in front of it."""
    start = number // 2 % len(keys)
    turned = keys[start:] + keys[:start]
    return turned[::-1] if number % 2 else turned


def home_cpu():
    """The CPU on which work in one thread is done: all on the same one."""
    return {max(os.sched_getaffinity(0))}


def _cost(child, count):
    """CPU ns of one operation: *child* does *count* of them, or as many
    more as it says."""
    answer = child.ask('run {}'.format(count))
    return answer['cpu'] / answer.get('count', count)


def interleave(children, requests, plan, tick=lambda: None):
    """CPU ns of one operation: {key: [a value for each round]}.

    children: {key: Child}; requests: {key: what to open}; plan: Plan;
    tick: called after each round.
    """
    keys = list(requests)
    counts, samples = {}, {key: [] for key in keys}
    for key in keys:
        children[key].ask('open ' + requests[key])
        counts[key] = count_for(
            lambda count: _cost(children[key], count) * count, plan.seconds)
    for number in range(plan.rounds):
        for key in order(keys, number):
            samples[key].append(_cost(children[key], counts[key]))
        tick()
    for key in keys:
        children[key].ask('close')
    return samples


def in_turn(children, request, plan, duration, figure, tick):
    """Like interleave(), of answers that are about more than the CPU time
    of one thread: {key: [figure(answer) for each round]}.

    duration: function from the answer to ns that fill the slice.
    """
    keys = list(children)
    counts, values = {}, {key: [] for key in keys}
    for key in keys:
        children[key].ask('open ' + request)
        counts[key] = count_for(
            lambda count: duration(children[key].ask(
                'run {}'.format(count))), plan.seconds)
    for number in range(plan.rounds):
        for key in order(keys, number):
            values[key].append(figure(
                children[key].ask('run {}'.format(counts[key]))))
        tick()
    for key in keys:
        children[key].ask('close')
    return values


def ratio(samples, base, key):
    """How fast *key* is as part of *base* (1.0: as fast), a Spread: the
    two values of a round are compared with each other."""
    return Spread.of([one / other for one, other in
                      zip(samples[base], samples[key])])
