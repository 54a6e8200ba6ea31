"""What one step came to, and what is wrong with the steps."""

import collections

#: Name of step 0.
STOCK = '(stock)'

#: The outcome after one patch.  built: True if the interpreter was built
#: and _ssl imports; why: reason if not; modules: {module: as
#: intree.ModuleResult.as_dict() has it}, empty if not built.
Step = collections.namedtuple('Step', 'name built why modules')


def bad_tests(module):
    """The ids of the tests of *module* (a dict) that did not pass."""
    return set(module['failed']) | set(module['errors'])


def _compare(before, after):
    """What got worse in test_ssl from one Step to the next (strs)."""
    old, new = before.modules['test_ssl'], after.modules['test_ssl']
    worse = sorted(bad_tests(new) - bad_tests(old))
    if worse:
        yield 'fails here and did not before: ' + ', '.join(worse)
    skipped = sorted(set(new['skipped']) - set(old['skipped']))
    if skipped:
        yield 'skipped here and was not before: ' + ', '.join(skipped)
    if new['tests'] < old['tests']:
        yield 'test_ssl has {} tests, {} before'.format(new['tests'],
                                                        old['tests'])


def judge(steps, last_compat=None):
    """The rules of docs/testing.md, for a list of Step, stock first.

    last_compat: name of the last patch of group compat, None if it is not
    selected.  Returns {step name: list of complaints}, in order.
    """
    complaints = collections.OrderedDict()
    before = None
    clean = False
    for step in steps:
        found = complaints.setdefault(step.name, [])
        clean = clean or step.name == last_compat
        if not step.built:
            # Where stock itself cannot be built, compat is what fixes it.
            if before is not None or clean or \
                    step.name != STOCK and last_compat is None:
                found.append('not built: ' + step.why)
            continue
        for name, module in step.modules.items():
            if module['problem']:
                found.append('{}: {}'.format(name, module['problem']))
            if bad_tests(module) and (name != 'test_ssl' or clean):
                found.append('{}: {} fail: {}'.format(
                    name, len(bad_tests(module)),
                    ', '.join(sorted(bad_tests(module)))))
        if before is not None:
            found.extend(_compare(before, step))
        before = step
    return complaints


def total(step, key):
    """How many tests of all modules of *step* are of one kind: key is 'run',
    'failed', 'errors' or 'skipped'."""
    if key == 'run':
        return sum(module['tests'] for module in step.modules.values())
    return sum(len(module[key]) for module in step.modules.values())


def as_row(step, complaints):
    """*step* in the record of the proof (dict)."""
    return {'ok': not complaints, 'built': step.built,
            'complaints': complaints,
            'seconds': round(sum(module['seconds'] for module
                                 in step.modules.values()), 1),
            'tests': {name: module['tests']
                      for name, module in step.modules.items()},
            'failed': total(step, 'failed') + total(step, 'errors'),
            'skipped': total(step, 'skipped')}
