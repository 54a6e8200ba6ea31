"""Headless Chromium by its DevTools protocol, over a pair of pipes."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ('chromium', 'chromium-browser', 'google-chrome')
PATIENCE = 60       # seconds for one answer


def find():
    """The path of a Chromium, None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class BrowserError(Exception):
    """The browser said no, or nothing in time."""


class Browser:
    """One browser with one page.  Use as a context manager."""

    def __init__(self, program):
        self._number = 0
        self._data = b''
        self.events = []
        self._profile = tempfile.mkdtemp(prefix='chromium-')
        read_end, self._out = os.pipe()
        self._in, write_end = os.pipe()

        def give():
            # Chromium reads commands from 3 and writes answers to 4.
            moved = os.dup(read_end), os.dup(write_end)
            os.dup2(moved[0], 3)
            os.dup2(moved[1], 4)

        self._process = subprocess.Popen(
            [program, '--headless=new', '--remote-debugging-pipe',
             '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
             '--no-first-run', '--disable-background-networking',
             '--disable-dev-shm-usage', '--user-data-dir=' + self._profile,
             'about:blank'], preexec_fn=give, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(read_end)
        os.close(write_end)
        self._session = None
        target = self.call('Target.createTarget', url='about:blank')
        self._session = self.call('Target.attachToTarget', flatten=True,
                                  targetId=target['targetId'])['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(domain + '.enable')

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        os.close(self._out)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        shutil.rmtree(self._profile, ignore_errors=True)

    def _message(self, deadline):
        """The next message (dict)."""
        while b'\0' not in self._data:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                raise BrowserError('no answer in time')
            data = os.read(self._in, 1 << 20)
            if not data:
                raise BrowserError('the browser ended')
            self._data += data
        text, _, self._data = self._data.partition(b'\0')
        return json.loads(text)

    def call(self, method, **params):
        """The result (dict) of the protocol's *method*."""
        self._number += 1
        message = {'id': self._number, 'method': method, 'params': params}
        if self._session:
            message['sessionId'] = self._session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self._out, data):]
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._message(deadline)
            if answer.get('id') == self._number:
                if 'error' in answer:
                    raise BrowserError('{}: {}'.format(
                        method, answer['error'].get('message')))
                return answer['result']
            if 'method' in answer:
                self.events.append(answer)

    def wait_for(self, method):
        """Wait for an event called *method*."""
        deadline = time.monotonic() + PATIENCE
        while not any(event['method'] == method for event in self.events):
            answer = self._message(deadline)
            if 'method' in answer:
                self.events.append(answer)

    def show(self, url, width, height, scheme):
        """Load *url* in a window of *width* by *height* pixels; scheme:
        'light' or 'dark'."""
        self.call('Emulation.setDeviceMetricsOverride', width=width,
                  height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': scheme}])
        self.events.clear()
        self.call('Page.navigate', url=url)
        self.wait_for('Page.loadEventFired')

    def evaluate(self, expression):
        """The value of the JavaScript *expression* in the page."""
        result = self.call('Runtime.evaluate', expression=expression,
                           returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise BrowserError(str(result['exceptionDetails']))
        return result['result'].get('value')

    def screenshot(self):
        """What the window shows: bytes of a PNG."""
        return base64.b64decode(
            self.call('Page.captureScreenshot', format='png')['data'])

    def complaints(self):
        """Errors on the console, uncaught exceptions, failed loads."""
        found = []
        for event in self.events:
            params = event['params']
            if event['method'] == 'Runtime.exceptionThrown':
                found.append(params['exceptionDetails'].get('text'))
            elif event['method'] == 'Runtime.consoleAPICalled' and \
                    params['type'] in ('error', 'assert'):
                found.append(str(params['args']))
            elif event['method'] == 'Log.entryAdded' and \
                    params['entry']['level'] == 'error':
                found.append(params['entry']['text'] + ' ' +
                             params['entry'].get('url', ''))
            elif event['method'] == 'Network.loadingFailed' and \
                    not params.get('canceled'):
                found.append('not loaded: ' + params.get('errorText', ''))
            elif event['method'] == 'Network.requestWillBeSent' and \
                    params['request']['url'].startswith('http'):
                found.append('asks the network: ' + params['request']['url'])
        return found
