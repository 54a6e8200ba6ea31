"""What pyOpenSSL has and this package has not."""


class Missing(NotImplementedError, AttributeError):
    """It is not available on the ssl module; the message says what to do.
    An AttributeError, so that hasattr() and getattr() say it is not there.
    """


def refuse(name, hint):
    raise Missing('{}: the ssl module has nothing for it; {}'.format(
        name, hint))


class Partial(object):
    """Some methods of a class of pyOpenSSL.  Any other name raises Missing
    with the class's HINT."""

    def __getattr__(self, name):
        refuse('{}.{}'.format(type(self).__name__, name), self.HINT)


class Loaded(Partial):
    """The same for a class whose objects cannot be made from nothing."""

    def __init__(self, *args):
        refuse(type(self).__name__ + '()', self.HINT)

    @classmethod
    def make(cls, **values):
        self = object.__new__(cls)
        vars(self).update(values)
        return self


def getter(name):
    """A method that returns the attribute *name* (str)."""
    return lambda self: getattr(self, name)


def setter(name, value):
    """A method that sets the attribute *name* to *value*."""
    return lambda self: setattr(self, name, value)


def function(name, hint):
    """A function that raises Missing, so that importing *name* works."""
    return lambda *args, **kwargs: refuse(name + '()', hint)
