"""Login servers that others wrote, started by the tests, and a browser that fills in whatever forms they show."""

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

ROOT = Path(__file__).parents[1] / "peers"


class Forms(HTMLParser):
    """The forms of a page: where each goes, and what its fields hold."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if tag == "form":
            self.found.append((told.get("action"), {}))
        elif tag == "input" and self.found and told.get("name") and told.get("type") != "submit":
            self.found[-1][1][told["name"]] = told.get("value") or ""


def fill_in(browser, page, **fields):
    """Send the form of a page that has one of these fields, else its first, with what else it holds."""
    found = Forms(page.text).found
    action, held = next((form for form in found if set(fields) & set(form[1])), found[0])
    return browser.post(urljoin(page.url, action or page.url), data=held | fields)


@contextmanager
def running(command, address, seconds=20):
    """A child process that ends with its standard input, given back once something answers at the address."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + seconds
    try:
        while not answers(address):
            assert child.poll() is None, child.stderr.read().decode()[-2000:]
            assert time.monotonic() < deadline, f"{command} does not answer at {address}"
        yield child
    finally:
        child.terminate()
        child.communicate()


def answers(address):
    try:
        return requests.get(f"{address}/.well-known/openid-configuration", timeout=1).ok
    except requests.RequestException:
        return False


@dataclass(frozen=True)
class Certified:
    """npm oidc-provider: `tells` says all in the id_token; `keeps` has nested groups, in userinfo, by other scopes."""

    tells: str
    keeps: str

    def puts(self, reader, *groups):
        requests.post(f"{self.tells}/peer/groups", json={"reader": reader, "groups": groups}, timeout=5)

    def rotates(self):
        requests.post(f"{self.tells}/peer/rotate", timeout=5)


@contextmanager
def certified(tells, keeps, app):
    node = ["node", str(ROOT / "provider.mjs"), str(tells), str(keeps), app]
    with running(node, f"http://localhost:{tells}"):
        yield Certified(f"http://localhost:{tells}", f"http://localhost:{keeps}")


@contextmanager
def canaille(port, app):
    with running([sys.executable, str(ROOT / "canaille_peer.py"), str(port), app], f"http://localhost:{port}"):
        yield f"http://localhost:{port}"
