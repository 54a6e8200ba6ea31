"""What a run found: results, judged by goals."""

import math
from dataclasses import dataclass, field

from scripts.dev.bench.stats import rounded

MET, FLOOR, MISSED = 'met', 'above the floor', 'missed'
#: Who the goal is about is not in this run.
UNJUDGED = 'not judged'


@dataclass(frozen=True)
class Judgement:
    """name: what is compared with, '' for nothing; sign: '>=', '<=' or '';
    goal: a number; value: what was measured, None for nothing; verdict: one
    of MET, FLOOR, MISSED and UNJUDGED."""

    name: str
    sign: str
    goal: float
    value: float
    verdict: str

    @property
    def text(self):
        """The goal for people."""
        number = '{:g}'.format(self.goal) if self.sign else ''
        return ' '.join(filter(None, (self.name, self.sign, number)))

    def as_json(self):
        return {'goal': self.text, 'value': rounded(self.value),
                'verdict': self.verdict}


@dataclass
class Result:
    """One row: the same work, done by all contenders that can.

    part, name: what it is; case: {word: value} for plots; unit: of the
    figures; figures: {key of a contender: Spread}; base: the key that
    ratios are relative to; ratios: {key: Spread}; goals: Judgements;
    facts: more that was seen (dict).
    """

    part: str
    name: str
    case: dict
    unit: str
    figures: dict
    base: str = ''
    ratios: dict = field(default_factory=dict)
    goals: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)

    def as_json(self):
        return {
            'part': self.part, 'name': self.name, 'case': self.case,
            'unit': self.unit, 'ratios_to': self.base,
            'figures': {key: spread.as_json()
                        for key, spread in self.figures.items()},
            'ratios': {key: spread.as_json()
                       for key, spread in self.ratios.items()},
            'goals': [goal.as_json() for goal in self.goals],
            'facts': self.facts}

    @property
    def verdict(self):
        """The worst of the goals' verdicts, '' where there is no goal."""
        verdicts = {goal.verdict for goal in self.goals}
        for verdict in (MISSED, UNJUDGED, FLOOR, MET):
            if verdict in verdicts:
                return verdict
        return ''


def at_least(name, value, goal, floor=None):
    """The Judgement of *value* that is to be *goal* or more."""
    if value >= goal:
        verdict = MET
    elif floor is not None and value >= floor:
        verdict = FLOOR
    else:
        verdict = MISSED
    return Judgement(name, '>=', goal, value, verdict)


def at_most(name, value, goal):
    """The Judgement of *value* that is to be *goal* or less."""
    return Judgement(name, '<=', goal, value,
                     MET if value <= goal else MISSED)


def unjudged(name, sign, goal):
    """The Judgement of what this run cannot tell."""
    return Judgement(name, sign, goal, None, UNJUDGED)


def true(name, good):
    """The Judgement of a condition."""
    return Judgement(name, '', 1.0, float(bool(good)),
                     MET if good else MISSED)


def as_rows(results):
    """{part: dict} of *results*, for the record of the proof."""
    found = {}
    for result in results:
        row = found.setdefault(result.part, {'ok': True, 'results': []})
        row['ok'] = row['ok'] and \
            result.verdict not in (MISSED, UNJUDGED)
        row['results'].append(_finite(result.as_json()))
    return found


def _finite(value):
    """*value* as JSON can have it: None for what is no number."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
