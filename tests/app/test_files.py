"""The scripts and styles of the house are one file each, whose address changes with what is in it."""

import gzip
import re

import pytest
from dash import Dash, html
from flask import Flask

from app import compression, files
from app.routes import send_files

ASSETS = {"a.js": "one();\n", "b.js": "two();\n", "early.js": "soon();\n", "a.css": "a { }\n", "logo.svg": "<svg/>"}


@pytest.fixture
def folder(tmp_path):
    for name, text in ASSETS.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def site(folder):
    def start(base="/"):
        server = Flask("site", static_folder=None)
        given = {"assets_folder": str(folder), "assets_ignore": r"^early\.js$", "url_base_pathname": base}
        app = Dash("site", server=server, include_assets_files=False, use_async=False, **given)
        send_files(app)
        app.layout = html.Div()
        compression.install(server)
        return app, server.test_client()

    return start


def addresses(page):
    return re.findall(r'(?:src|href)="([^"]*/assets/[^"]*)"', page)


@pytest.mark.parametrize("base", ["/", "/embed/"])
def test_a_page_loads_all_its_assets_as_one_script_and_one_style_sheet(site, base):
    _, client = site(base)
    found = {address.partition("?")[0]: client.get(address) for address in addresses(client.get(base).text)}
    assert {path: answer.text for path, answer in found.items()} == {
        f"{base}assets/parapet.js": "one();\ntwo();\n",
        f"{base}assets/parapet.css": "a { }\n",
    }
    assert {answer.headers["Cache-Control"] for answer in found.values()} == {compression.FOR_GOOD}
    assert {answer.mimetype for answer in found.values()} == {"text/javascript", "text/css"}


def test_it_is_sent_small_to_a_browser_that_takes_that(site, folder):
    (folder / "b.js").write_text("two();\n" * 500)
    app, client = site()
    answer = client.get(app.config.external_scripts[0], headers={"Accept-Encoding": "gzip"})
    assert (answer.content_encoding, answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert len(answer.data) < 100
    assert gzip.decompress(answer.data) == b"one();\n" + b"two();\n" * 500


def test_the_address_changes_with_the_file_and_with_nothing_else(site, folder):
    before, _ = site()
    again, _ = site()
    early = files.addressed(again, "early.js")
    (folder / "b.js").write_text("three();\n")
    after, _ = site()
    assert before.config.external_scripts == again.config.external_scripts != after.config.external_scripts
    assert before.config.external_stylesheets == after.config.external_stylesheets
    (folder / "early.js").write_text("sooner();\n")
    assert files.addressed(after, "early.js") != early
