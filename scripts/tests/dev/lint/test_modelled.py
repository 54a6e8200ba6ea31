"""The rule that the model is of the series that is checked."""

from scripts.dev.model import modelled

NAME = '0201-pep546-a.patch'
SOURCE = 'static int\nfirst(int a)\n{\n    return a;\n}\n'


def test_modelled(project, monkeypatch):
    monkeypatch.setattr(modelled, 'read', lambda: {'first': {
        'transition': 'call:', 'digest': modelled.digest(SOURCE)}})
    project.write(NAME, {'Modules/_ssl.c': SOURCE})
    assert project.lint('modelled') == []
    project.write('0202-pep546-b.patch', {
        'Modules/_ssl.c': ('return a', 'return 0')})
    found, = project.lint('modelled')
    assert found.startswith('Modules/_ssl.c: first() has changed')
