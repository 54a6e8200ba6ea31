"""Is the ssl that is in use the one that should be?"""


def problems(facts, accepted=()):
    """What is not as it should be (list of str) according to *facts*.

    accepted: sha256 (strs) of other ssl.py that are known to the caller.
    """
    use, own_ = facts['in_use'], facts['own']
    if not facts['fits']:
        return ['the overlay is for another kind of interpreter: there is no '
                + facts['front']]
    wrong = []
    if use['error']:
        wrong.append('ssl cannot be imported: ' + use['error'])
    for name in ('ssl', '_ssl'):
        if not use['error'] and name not in use['ours']:
            wrong.append('%s is %s%s' % (
                name, use[name], ', imported before the overlay was in '
                'front' if use['first'] else ', which is in front of the '
                'overlay'))
    for name in sorted(use['series']):
        if use['series'][name] != facts[name]:
            wrong.append('%s is of another overlay: its %s is %s, not %s' % (
                use['ssl'], name, use['series'][name], facts[name]))
            break
    known = own_['known']
    if known is not None:
        missing = [name for name in known['needs']
                   if name not in facts['groups']]
        if missing:
            wrong.append(
                "the overlay hides fixes of the interpreter's own ssl.py, "
                '%s: it was built without %s' % (known['what'],
                                                 ' '.join(missing)))
    elif own_['sha256'] not in accepted:
        wrong.append(
            "the interpreter's own ssl.py, %s, is not one that this overlay "
            'was compared with: it may have a fix that the overlay hides. '
            'sha256 %s' % (own_['ssl'], own_['sha256']))
    return wrong
