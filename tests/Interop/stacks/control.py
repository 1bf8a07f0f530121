"""How a stack's program and the test that started it talk, and WHIP and WHEP over HTTP: control.mjs and signalling.mjs in Python."""
import json
import re
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

options = json.loads(sys.argv[1])
REPORT_SECONDS = 0.2
speaking = threading.Lock()


def say(event, **more):
    # Several threads speak; a line goes out whole.
    with speaking:
        sys.stdout.write(json.dumps({"event": event, **more}, separators=(",", ":")) + "\n")
        sys.stdout.flush()


class Signalling:
    """Not in time with anything: call it from a thread or before media flows."""

    def __init__(self):
        self.url = options["url"]
        self.headers = {"Authorization": f"Bearer {options['key']}"} if options.get("key") else {}
        self.resource = None

    def exchange(self, offer):
        offer = re.sub(r"a=setup:\w+", f"a=setup:{options.get('setup', 'actpass')}", offer)
        answer, location = self._create(offer.encode(), {"Content-Type": "application/sdp"})
        say("answered", location=location, setup=re.search(r"a=setup:(\w+)", answer).group(1))
        return answer

    def request(self):
        """Asks for the server's offer."""
        offer, location = self._create(None, {})
        say("answered", location=location)
        return offer

    def answer(self, sdp):
        status, _, problem = self._request("PATCH", self.resource, sdp.encode(), {"Content-Type": "application/sdp"})
        if status != 204:
            raise RuntimeError(f"PATCH {self.resource}: {status} {problem}")

    def end(self):
        return self._request("DELETE", self.resource, None, {})[0]

    def _create(self, body, headers):
        status, answered, text = self._request("POST", self.url, body, headers)
        if status != 201:
            raise RuntimeError(f"POST {self.url}: {status} {text}")
        self.resource = urllib.parse.urljoin(self.url, answered["Location"])
        return text, answered["Location"]

    def _request(self, method, url, body, headers):
        request = urllib.request.Request(url, data=body, headers={**self.headers, **headers}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read().decode()


def contrast(luma):
    """The distance of the darkest from the brightest sample."""
    return max(luma) - min(luma)
