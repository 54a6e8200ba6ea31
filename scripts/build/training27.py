"""What an optimized build is trained with: a mix of what programs do.

Run by the interpreter that counts, as "training27.py CERTIFICATES DONE".
What does not run here is taken for rare, and compiled to be small: so there
is a little of everything, and most of what is done most.  Counts are fixed,
and nothing asks for the time.  The names of the parts that were done go to
the file DONE; of one that fails, the traceback is printed.
"""

from __future__ import print_function

import os
import sys
import traceback

REPETITIONS = 5
WORDS = ('the quick brown fox jumps over the lazy dog and then some more '
         'words are needed to make a text of it').split()
text_type = type(u'')


# ---- the language ---------------------------------------------------------

class Account(object):
    """Attributes, methods, a property, operators."""

    kind = 'current'

    def __init__(self, owner, amount):
        self.owner = owner
        self.amount = amount

    @property
    def rich(self):
        return self.amount > 500

    @classmethod
    def empty(cls, owner):
        return cls(owner, 0)

    @staticmethod
    def check(amount):
        if amount < 0:
            raise ValueError('negative: %d' % amount)

    def pay(self, amount, other=None):
        self.check(amount)
        self.amount -= amount
        if other is not None:
            other.amount += amount
        return self

    def __add__(self, other):
        return self.__class__(self.owner, self.amount + other.amount)

    def __eq__(self, other):
        return self.owner == other.owner

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self.owner)

    def __lt__(self, other):
        return self.amount < other.amount

    def __getattr__(self, name):
        if name.startswith('is_'):
            return self.kind == name[3:]
        raise AttributeError(name)

    def __repr__(self):
        return '<%s: %r %s>' % (type(self).__name__, self.owner, self.amount)


class Savings(Account):
    kind = 'savings'

    def __init__(self, owner, amount, rate=0.01):
        super(Savings, self).__init__(owner, amount)
        self.rate = rate

    def pay(self, amount, other=None):
        return super(Savings, self).pay(amount, other=other)


class Slotted(object):
    __slots__ = ('one', 'two')

    def __init__(self, one):
        self.one = one
        self.two = self


class Old:
    """A class of the old kind, on 2.7."""

    def __init__(self, value):
        self.value = value

    def __getitem__(self, index):
        return self.value[index]

    def __len__(self):
        return len(self.value)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        return False


def objects():
    for number in range(3000):
        one = Account(WORDS[number % 20], number)
        other = Savings(WORDS[number % 7], number, rate=0.02)
        one.pay(number // 2, other).pay(1)
        try:
            one.pay(-1)
        except ValueError as error:
            str(error)
        finally:
            both = one + other
        assert both.is_current and other.is_savings and not one.is_savings
        if one == other or one != both or both.rich:
            repr(both)
        getattr(one, 'nothing', None)
        isinstance(other, Account) and callable(one.pay)
        one.amount = 3
        with Old([1, 2, 3]) as old:
            sum(old) + len(old) + old[1]
        {one: 1, other: 2}.get(both)
        assert Slotted(number).two.one == number
    sorted([Account('x', number * 7919 % 1000) for number in range(3000)])


def fibonacci(number):
    return number if number < 2 else fibonacci(number - 1) + \
        fibonacci(number - 2)


def primes(limit):
    sieve = [True] * limit
    for number in range(2, int(limit ** 0.5) + 1):
        if sieve[number]:
            for multiple in range(number * number, limit, number):
                sieve[multiple] = False
    return [number for number in range(2, limit) if sieve[number]]


def flatten(tree):
    for item in tree:
        if isinstance(item, list):
            for inner in flatten(item):
                yield inner
        else:
            yield item


def calls():
    def variable(*args, **keywords):
        return len(args) + len(keywords)

    def default(one, two=2, three=3):
        return one + two + three

    def counter():
        seen = [0]

        def increase(by=1):
            seen[0] += by
            return seen[0]
        return increase

    fibonacci(19)
    primes(60000)
    increase = counter()
    for number in range(4000):
        variable(1, 2, *WORDS, key=number)
        default(number)
        default(1, three=number)
        default(*(1, 2), **{'three': 3})
        increase(by=2)
        (lambda left, right: left * right)(number, number)
    tree = [[[1, 2, [3, 4]], 5, [6]], [7, [8, [9]]]] * 50
    for _ in range(40):
        sum(flatten(tree))
    generator = (number * number for number in range(5000) if number % 3)
    assert max(generator) > 0

    def echo():
        value = None
        while True:
            value = yield value

    coroutine = echo()
    next(coroutine)
    for number in range(3000):
        coroutine.send(number)
    coroutine.close()


def control():
    total = 0
    for number in range(60000):
        if number % 15 == 0:
            total += 15
        elif number % 5 == 0 or number % 7 == 3 and not number % 2:
            total -= number
            continue
        else:
            total ^= number & 255 | number << 2
        while total > 100000:
            total //= 2
            if total < 5:
                break
        else:
            total = -total if total < 0 else total
    for number in range(3000):
        for kind in (KeyError, IndexError, TypeError, StopIteration):
            try:
                if kind is KeyError:
                    {}[number]
                elif kind is IndexError:
                    [][number]
                elif kind is TypeError:
                    len(number)
                else:
                    next(iter(()))
            except LookupError:
                pass
            except (TypeError, StopIteration) as error:
                str(error)
    try:
        try:
            raise OSError(2, 'no such thing')
        except OSError:
            raise RuntimeError('another')
    except RuntimeError:
        traceback.format_exc()


def source():
    """What import does without .pyc: parse, compile, run."""
    folder = os.path.dirname(os.__file__)
    for name in ('textwrap', 'inspect', 'tarfile', 'optparse', 'difflib',
                 'threading', 'HTMLParser'):
        path = os.path.join(folder, name + '.py')
        if os.path.exists(path):
            with open(path) as file:
                text = file.read()
            for _ in range(2):
                compile(text, path, 'exec', 0, True)
    code = compile('total = 0\nfor number in range(10): total += number',
                   'made up', 'exec')
    for _ in range(1000):
        eval(code, {})
    for number in range(1000):
        eval('%d + 3 * (number - 1)' % number, {'number': number})


# ---- the types ------------------------------------------------------------

def numbers():
    value = 0
    for number in range(1, 30000):
        value = (value * 31 + number) % 1000003
        value -= number // 3
        abs(-value), divmod(value, number), number ** 2, -number, ~number
        value > number, value == number, int('12'), str(number), hash(number)
    big = 1
    for number in range(1, 400):
        big *= number
    for number in range(1, 400):
        big //= number
    number = 3 ** 500
    for _ in range(200):
        number * number, number % 10 ** 40, number >> 70, number << 3
        number + 10 ** 200, number - 7 ** 300, number & 2 ** 300 - 1
        hash(number), number > 5, str(number), int('123456789' * 8)
    pow(3, 10 ** 60, 10 ** 50 + 9)
    x = 0.5
    for number in range(30000):
        x = x * 1.0001 + 1.0 / (number + 1) - number * 0.001
        x < 3.5, abs(x), int(x), float(number), -x
    for number in range(3000):
        repr(number / 7.0), '%.3f' % (number / 3.0), float('1.25')
        round(number / 3.0, 2), 1.5 ** 3, 7.5 // 2, 7.5 % 2
        complex(number, 2) * 1j


def strings():
    text = ' '.join(WORDS)
    for number in range(1500):
        parts = text.split()
        joined = ','.join(parts) + str(number)
        joined.replace(',', '; ').upper().lower().title().strip()
        joined.startswith('the'), joined.endswith('x'), joined.find('lazy')
        joined.split(','), joined.partition(','), joined.rpartition(',')
        joined.count('o'), joined.rfind('the'), 'fox' in joined
        joined[3:20], joined[-5:], joined[::-1], joined[number % 20]
        joined.isdigit(), joined.isalpha(), joined.encode('hex')
        joined.center(200), joined.rjust(150), joined.zfill(160)
        joined.splitlines(), 'a\tb'.expandtabs(), joined == text
        '%s is %d of %5.2f, %r, %x' % (joined, number, 1.5, parts[0], number)
        '{0} {1!r} {2:>8} {name}'.format(joined, number, 'x', name='y')
        ''.join([chr(97 + number % 26) for number in range(50)])
        hash(joined), cmp_(joined, text), joined < text, ord(joined[0])
        joined.translate(None, 'aeiou'), joined * 2
    longer = text * 200
    for word in WORDS * 5:
        longer.count(word), longer.find('zebra'), longer.replace(word, 'x')
    data = bytearray(longer)
    for number in range(0, len(data), 9):
        data[number] = 65
    data.extend(b'more'), bytes(data[5:50]), data.find(b'A')
    view = memoryview(longer)
    view[3:9].tobytes()
    buffer_ = 0
    for byte in bytearray(longer[:5000]):
        buffer_ = (buffer_ << 1 ^ byte) & 0xffff


def cmp_(one, other):
    return (one > other) - (one < other)


def unicode_texts():
    text = u' '.join(word.decode('ascii') for word in WORDS)
    text += u' Stra\u00dfe na\u00efve \u4f60\u597d \U0001f600 '
    for number in range(1200):
        parts = text.split()
        joined = u', '.join(parts) + text_type(number)
        joined.replace(u',', u';').upper().lower().strip()
        joined.startswith(u'the'), joined.find(u'lazy'), u'fox' in joined
        joined.splitlines(), joined.partition(u','), joined.count(u'o')
        joined[3:20], joined[-3:], joined[number % 20], hash(joined)
        joined.isalnum(), joined.isspace(), joined == text, joined < text
        data = joined.encode('utf-8')
        data.decode('utf-8'), joined.encode('utf-16').decode('utf-16')
        u'caf\u00e9'.encode('latin-1').decode('latin-1')
        'ascii only'.decode('ascii').encode('ascii')
        joined.encode('ascii', 'replace'), data.decode('ascii', 'ignore')
        joined.encode('ascii', 'xmlcharrefreplace')
        u'%s is %d: %r' % (joined, number, parts[0])
        u'{0} {1:>5}'.format(joined, number), repr(joined)
        'plain ' + joined, joined == 'plain', u'x' * 3
        joined.translate({ord(u'o'): u'0'})
        u'e\\u0301'.encode('unicode-escape').decode('unicode-escape')
    try:
        u'\u4f60'.encode('ascii')
    except UnicodeEncodeError as error:
        str(error)
    u'b\u00fccher.example'.encode('idna').decode('idna')


def containers():
    for number in range(400):
        items = list(range(100))
        items.append(number)
        items.extend(items[:50])
        items.insert(3, 'x')
        items.remove('x')
        items.pop()
        items.pop(0)
        items.reverse()
        items[5:10] = [1, 2]
        del items[2], items[-3:]
        items.sort()
        items.sort(key=lambda item: -item)
        items.index(50), items.count(3), 7 in items, items * 2, items + [1]
        sorted(items, reverse=True), min(items), max(items), sum(items)
        list(reversed(items)), any(items), all(items)
        list(zip(items, items)), list(map(str, items))
        list(filter(None, items)), list(enumerate(items))
        [item for item in items if item % 2], tuple(items)
        items == list(items), items < [1]
        one, (two, three), four = 1, (2, 3), 4
        one, two = two, one
        pair = (one, two, three, four)
        pair[1:], pair + pair, hash(pair), pair == (1, 2), pair < (5,)
        mapping = {}
        for item in range(150):
            mapping[item] = str(item)
            mapping['key%d' % item] = item
        for key, value in mapping.items():
            mapping.get(key, value)
        for key in list(mapping):
            if key in mapping and mapping[key] == 3:
                del mapping[key]
        mapping.update({'more': 1}, other=2)
        mapping.setdefault('list', []).append(number)
        mapping.pop('more'), mapping.copy(), len(mapping), mapping.keys()
        dict(zip(WORDS, WORDS)), dict(a=1), {key: 1 for key in WORDS}
        mapping == {}, list(mapping.values()), mapping.popitem()
        numbers_ = set(range(80))
        numbers_.add(number)
        numbers_.discard(5)
        numbers_ | {1000}, numbers_ & {3, 4}, numbers_ - {3}, numbers_ ^ {3}
        frozenset(numbers_) <= numbers_, {item for item in WORDS}
        numbers_.update(WORDS), 3 in numbers_


# ---- the standard library -------------------------------------------------

def library():
    """Modules in C: iterators, containers, numbers, times."""
    import array
    import bisect
    import collections
    import datetime
    import functools
    import heapq
    import itertools
    import math
    import operator
    import struct

    point = collections.namedtuple('Point', 'x y')
    for number in range(300):
        queue = collections.deque(range(50), maxlen=60)
        for item in range(60):
            queue.append(item)
            queue.popleft()
            queue.appendleft(item)
        queue.rotate(3), queue.pop(), list(queue)
        groups = collections.defaultdict(list)
        for word in WORDS:
            groups[len(word)].append(word)
        collections.Counter(WORDS).most_common(3)
        ordered = collections.OrderedDict((word, 1) for word in WORDS)
        list(ordered.items()), point(1, 2).x
        heap = []
        for item in range(50):
            heapq.heappush(heap, item * 7919 % 101)
        [heapq.heappop(heap) for _ in range(50)]
        bisect.insort(heap, 5), bisect.bisect_left(heap, 3)
        list(itertools.chain(WORDS, WORDS)), list(itertools.islice(
            itertools.count(), 50)), list(itertools.product('ab', 'cd'))
        list(itertools.groupby(sorted(WORDS), key=len))
        list(itertools.combinations(range(6), 2))
        list(itertools.permutations('abcd', 3))
        list(itertools.takewhile(bool, [1, 1, 0]))
        list(itertools.starmap(max, [(1, 2)] * 20))
        functools.reduce(operator.add, range(100))
        functools.partial(max, 3)(4)
        sorted(WORDS, key=operator.itemgetter(0))
        sorted([point(2, 1), point(1, 2)], key=operator.attrgetter('x'))
        for item in range(1, 60):
            math.sin(item), math.sqrt(item), math.floor(item / 2.0)
            math.log(item), math.exp(item / 9.0), math.pow(item, 2)
        packed = struct.pack('>HIq4sd', 1, 2, number, b'abcd', 1.5)
        struct.unpack('>HIq4sd', packed), struct.Struct('<H').pack(3)
        array.array('i', range(50)).tostring()
        moment = datetime.datetime(2020, 4, 20, 12, 30, 5)
        later = moment + datetime.timedelta(hours=number)
        later.strftime('%Y-%m-%d %H:%M:%S'), later.isoformat()
        (later - moment).total_seconds(), later > moment, repr(later)
        later.replace(year=2021).date().weekday()
    datetime.datetime.strptime('2020-04-20', '%Y-%m-%d')
    import decimal
    total = decimal.Decimal('0.1')
    for number in range(150):
        total = (total * 3 + decimal.Decimal(number)) / decimal.Decimal('7')
        str(total.quantize(decimal.Decimal('0.01')))


def chances():
    import random
    chance = random.Random(42)
    for _ in range(300):
        for _ in range(20):
            chance.random(), chance.randrange(100), chance.gauss(0, 1)
        chance.shuffle(list(range(50))), chance.sample(range(50), 5)
        chance.choice(WORDS), chance.getrandbits(64)


def expressions():
    import re
    text = ('Mail of 2020-04-20 12:30:05 from "some.one@example.org" to '
            '<other-1@mail.example.com>; see http://example.org/a?b=c&d=1 '
            'for 1,234.50 EUR, or call +49 (30) 123-456. ') * 8
    patterns = [re.compile(pattern) for pattern in (
        r'\d{4}-(\d\d)-(\d\d)', r'[\w.+-]+@(?:[a-z-]+\.)+[a-z]{2,}',
        r'(?P<scheme>https?)://(?P<host>[^/\s]+)(/\S*)?', r'\s+', r'"[^"]*?"',
        r'\b[A-Z]{3}\b', r'(?i)mail|call', r'(\d+),(\d+)', r'(?:a|b|c)+d?',
        r'^Mail.*?from', r'(?<=of )\d+', r'(\w)\1')]
    for _ in range(25):
        for pattern in patterns:
            pattern.findall(text), pattern.search(text), pattern.match(text)
            pattern.sub('<>', text)
            for match in pattern.finditer(text):
                match.group(), match.span(), match.groups()
        patterns[3].split(text)
        patterns[2].sub(lambda match: match.group('host'), text)
    wide = text.decode('ascii') + u'\u4f60\u597d'
    for pattern in patterns[:6]:
        re.compile(pattern.pattern, re.UNICODE).findall(wide)
    for number in range(60):
        re.sre_compile.compile(r'(a+|b*)c{%d}[^x-z]|\d\s(?:q|r)' % number, 0)
    for line in re.split(r'[;,.]\s*', text):
        re.sub(r'[aeiou]', '*', line)


def data():
    return {'name': 'an object', 'unicode': u'na\u00efve \u4f60',
            'numbers': list(range(40)), 'floats': [1.5, 2.25e10, -0.1],
            'nested': [{'id': number, 'ok': number % 2 == 0, 'none': None,
                        'text': 'text "%d"\n' % number}
                       for number in range(15)], 'long': 10 ** 20}


def serialized():
    import json
    import marshal
    import pickle

    import cPickle
    import StringIO
    value = data()
    accounts = [Account('owner', 3), Savings('other', 4)]
    for number in range(60):
        text = json.dumps(value)
        json.loads(text), json.loads(text.decode('ascii'))
        json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False)
        for protocol in (0, 1, 2):
            cPickle.loads(cPickle.dumps(value, protocol))
            cPickle.loads(cPickle.dumps((accounts, point_of(number)),
                                        protocol))
        marshal.loads(marshal.dumps(value))
    for _ in range(6):
        pickle.loads(pickle.dumps(value, 2))
        file = StringIO.StringIO()
        pickle.Pickler(file, 0).dump(accounts)
        json.dumps(value, cls=type('Encoder', (json.JSONEncoder,), {}))


def point_of(number):
    import datetime
    return (number, datetime.date(2020, 1, 1), {number}, slice(1, 2).start)


def digests():
    import base64
    import binascii
    import hashlib
    import hmac
    import zlib
    block = b'some data to work on ' * 200
    for number in range(150):
        for name in ('md5', 'sha1', 'sha256', 'sha512'):
            try:
                digest = hashlib.new(name, block)
            except ValueError:
                continue                # a policy forbids it
            digest.update(str(number))
            digest.hexdigest(), digest.copy().digest()
        if hasattr(hashlib, 'sha256'):  # unpatched with OpenSSL 3: no
            hmac.new(b'key', block, hashlib.sha256).hexdigest()
        base64.b64decode(base64.b64encode(block))
        binascii.unhexlify(binascii.hexlify(block))
        zlib.crc32(block), binascii.crc32(block)
    if hasattr(hashlib, 'sha256') and hasattr(hashlib, 'pbkdf2_hmac'):
        hashlib.pbkdf2_hmac('sha256', b'password', b'salt', 300)
    for _ in range(15):
        zlib.decompress(zlib.compress(block * 5))


def formats():
    """Text that is read and written: XML, HTML, CSV, INI, mail, URLs."""
    import csv
    import email
    import io
    import string
    import textwrap
    import urllib
    from xml.etree import ElementTree

    import ConfigParser
    import HTMLParser
    import StringIO
    import urlparse
    for number in range(25):
        root = ElementTree.Element('root')
        for word in WORDS:
            ElementTree.SubElement(root, 'item', name=word).text = word * 3
        text = ElementTree.tostring(root)
        ElementTree.fromstring(text).findall('item')
        parser = HTMLParser.HTMLParser()
        parser.feed('<p class="x">a &amp; b <b>c</b></p><!-- d -->' * 10)
        file = StringIO.StringIO()
        writer = csv.writer(file)
        for row in range(30):
            writer.writerow([row, 'a "word"', 'x,y', 1.5])
        file.seek(0)
        list(csv.reader(file))
        file.seek(0)
        list(csv.DictReader(file, ['a', 'b', 'c', 'd']))
        config = ConfigParser.SafeConfigParser()
        config.readfp(io.BytesIO(b'[one]\na = 1\nb = %(a)s\n'))
        config.get('one', 'b')
        message = email.message_from_string(
            'From: a@example.org\nContent-Type: text/plain\n\nbody\n' * 2)
        message.as_string()
        urlparse.urlsplit('https://a@example.org:8443/p/q?x=1&y=2#z')
        urlparse.parse_qs('x=1&y=2&x=%20')
        urllib.urlencode({'a': 'b c', 'd': number}), urllib.quote('a b/c')
        urlparse.urljoin('http://example.org/a/b', '../c')
        textwrap.wrap(' '.join(WORDS * 3), 40)
        string.Template('$a and ${b}').substitute(a=1, b=2)


def files():
    import io
    import logging
    import zipfile

    import StringIO
    folder = sys.argv[2] + '.files'
    os.mkdir(folder)
    try:
        path = os.path.join(folder, 'file')
        for _ in range(15):
            with open(path, 'w') as file:
                for line in range(500):
                    file.write('line %d %s\n' % (line, WORDS[line % 20]))
            with open(path) as file:
                for line in file:
                    line.rstrip('\n').split()
            with open(path, 'rb') as file:
                file.read(100), file.seek(50), file.readline(), file.tell()
            with io.open(path, encoding='utf-8') as file:
                file.readlines()
            with io.open(path, 'wb') as file:
                file.write(b'some bytes ' * 500)
            stream = io.BytesIO(b'bytes\n' * 200)
            stream.readlines(), stream.getvalue(), io.StringIO(u'text').read()
            os.stat(path), os.path.exists(path), os.listdir(folder)
            os.path.join(folder, 'a', 'b'), os.path.splitext(path)
            os.path.abspath('x'), os.path.normpath('a/../b')
            list(os.walk(folder))
        with zipfile.ZipFile(path + '.zip', 'w',
                             zipfile.ZIP_DEFLATED) as archive:
            archive.writestr('name', 'content' * 500)
        with zipfile.ZipFile(path + '.zip') as archive:
            archive.read('name')
        logger = logging.Logger('training')
        logger.addHandler(logging.StreamHandler(StringIO.StringIO()))
        for number in range(1000):
            logger.info('a message %d of %s', number, 'this')
            logger.log(5, 'not shown')
    finally:
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name))
        os.rmdir(folder)


def database():
    import sqlite3
    connection = sqlite3.connect(':memory:')
    connection.execute('create table t (a integer, b text, c real)')
    for number in range(20):
        connection.executemany('insert into t values (?, ?, ?)', [
            (row, 'text %d' % row, row / 2.0) for row in range(100)])
        connection.execute('select a, b, c from t where a > ? order by b',
                           (number,)).fetchall()
    connection.close()


def compressed():
    import bz2
    bz2.decompress(bz2.compress(' '.join(WORDS) * 500))


def foreign():
    import ctypes
    libc = ctypes.CDLL(None)
    for number in range(500):
        libc.abs(-number)
        buffer_ = ctypes.create_string_buffer(20)
        buffer_.value = b'abc'
        assert ctypes.c_int(number).value == number


def tidying():
    """Cycles, weak references, copies; threads that hand on work."""
    import copy
    import gc
    import threading
    import weakref

    import Queue
    for _ in range(30):
        nodes = [{'self': None} for _ in range(200)]
        for node in nodes:
            node['self'] = node
        weak = weakref.WeakValueDictionary()
        for number in range(100):
            owner = Account('x', number)
            weak[number] = owner
        weakref.ref(owner)()
        del nodes, owner
        gc.collect()
        copy.copy(data()), copy.deepcopy(data())
    queue, back = Queue.Queue(), Queue.Queue()

    def work():
        for item in iter(queue.get, None):
            back.put(item * 2)

    thread = threading.Thread(target=work)
    thread.start()
    for number in range(300):
        queue.put(number)
        back.get()
    queue.put(None)
    thread.join()
    lock = threading.RLock()
    for _ in range(3000):
        with lock:
            pass


# ---- sockets and TLS ------------------------------------------------------

def sockets():
    import select
    import socket
    one, other = pair_of_sockets()
    for _ in range(500):
        one.sendall(b'x' * 700)
        select.select([other], [], [], 5)
        other.recv(1000)
        other.send(b'y' * 10)
        one.recv(10)
    reader = other.makefile('rb')
    one.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n' * 50)
    for _ in range(100):
        reader.readline()
    poll = select.poll()
    poll.register(one.fileno(), select.POLLOUT)
    for _ in range(200):
        poll.poll(0)
    one.close(), reader.close(), other.close()
    socket.inet_aton('127.0.0.1')


def pair_of_sockets():
    """Two that are connected, and let nobody wait for long."""
    import socket
    found = []
    for end in socket.socketpair():
        end.settimeout(30)
        # 2.7's pair is of the inner type.
        found.append(socket.socket(_sock=end))
    return found


def until_done(one, other):
    """Call *one* and *other* by turns until each has said that it is done."""
    ends = [one, other]
    for _ in range(50):
        ends = [end for end in ends if not end()]
        if not ends:
            return
    raise RuntimeError('the handshake does not end')


def contexts(certificate):
    import ssl
    protocol = getattr(ssl, 'PROTOCOL_TLS', ssl.PROTOCOL_SSLv23)
    server = ssl.SSLContext(protocol)
    server.load_cert_chain(os.path.join(CERTIFICATES, certificate + '.pem'))
    client = ssl.create_default_context(
        cafile=os.path.join(CERTIFICATES, 'ca.pem'))
    return client, server


def tls_on_sockets(client, server, name):
    import ssl
    one, other = pair_of_sockets()
    one.setblocking(False), other.setblocking(False)
    one = client.wrap_socket(one, server_hostname=name,
                             do_handshake_on_connect=False)
    other = server.wrap_socket(other, server_side=True,
                               do_handshake_on_connect=False)

    def step(end):
        try:
            end.do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        return True

    until_done(lambda: step(one), lambda: step(other))
    one.settimeout(30), other.settimeout(30)
    for size in (1, 64, 1024, 16384):
        for _ in range(10):
            one.sendall(b'x' * size)
            left = size
            while left:
                left -= len(other.recv(left))
            other.sendall(b'short')
            one.recv(100)
    one.getpeercert(), one.cipher(), one.fileno()
    one.close(), other.close()


def tls_in_memory(client, server, name):
    import ssl
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname=name)
    other = server.wrap_bio(to_server, to_client, server_side=True)

    def step(end):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    until_done(lambda: step(one), lambda: step(other))
    for size in (1, 64, 1024, 16384, 100000):
        message = b'x' * size
        for _ in range(20):
            one.write(message)
            # As a program does it that has a transport.
            to_server.write(to_server.read())
            left = size
            while left:
                left -= len(other.read(16384))
            try:
                other.read()
            except ssl.SSLWantReadError:
                pass
            other.write(b'short')
            try:
                while True:
                    one.read(1024)
            except ssl.SSLWantReadError:
                pass
    one.getpeercert(), one.cipher(), one.selected_alpn_protocol()
    for end in (one, other, one):
        try:
            end.unwrap()
        except ssl.SSLError:
            pass


def tls():
    import ssl
    for certificate in ('server', 'ecdsa'):
        client, server = contexts(certificate)
        for options in (0, getattr(ssl, 'OP_NO_TLSv1_3', 0)):
            client.options |= options
            for _ in range(12):
                tls_on_sockets(client, server, certificate + '.test')
                if hasattr(ssl, 'MemoryBIO'):
                    tls_in_memory(client, server, certificate + '.test')
    try:
        client, server = contexts('other')
        tls_on_sockets(client, server, 'server.test')
    except ssl.SSLError as error:
        str(error)
    except ssl.CertificateError as error:
        str(error)


PARTS = (objects, calls, control, source, numbers, strings, unicode_texts,
         containers, library, chances, expressions, serialized, digests,
         formats, files, database, compressed, foreign, tidying, sockets, tls)


def main():
    done = []
    for part in PARTS:
        print('training: ' + part.__name__)
        sys.stdout.flush()
        try:
            for _ in range(REPETITIONS):
                part()
        except ImportError as error:
            # A module that was not built: what needs it is never done.
            print('left out: {}'.format(error))
        except Exception:
            traceback.print_exc()
            done.append('FAILED ' + part.__name__)
        else:
            done.append(part.__name__)
    with open(sys.argv[2], 'w') as file:
        file.write('\n'.join(done) + '\n')


if __name__ == '__main__':
    CERTIFICATES = sys.argv[1]
    main()
