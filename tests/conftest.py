"""What every test run needs: how Chromium starts for the tests that drive one."""

import shutil
import socket

from selenium.webdriver.chrome.options import Options

FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1600,1000",
)


def pytest_addoption(parser):
    parser.addoption("--renew-pictures", action="store_true", help="make the pictures of pages anew, comparing nothing")


def pytest_setup_options():
    """Chrome's options for dash[testing]: the system's Chromium, kept off the network."""
    options = Options()
    options.binary_location = next(
        (p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), ""
    )
    for flag in FLAGS:
        options.add_argument(flag)
    return options


def two_free_ports():
    """A port of which the next is free as well: the app's and its login server's."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
