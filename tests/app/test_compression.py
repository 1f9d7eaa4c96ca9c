"""What is sent is small, what names its version is kept for good, and nothing of one reader is kept for another."""

import gzip

import pytest
from dash import Dash, dcc
from flask import Flask, Response, request

from app import compression

SUITE = "/_dash-component-suites/dash/dcc/async-graph.js"
VERSIONED = "/_dash-component-suites/dash/dcc/async-graph.v4_4_1m1.js"
GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.fixture
def site(tmp_path):
    (tmp_path / "look.css").write_text("a { color: red; }\n" * 100)
    server = Flask("site", static_folder=None)
    app = Dash("site", server=server, assets_folder=str(tmp_path), use_async=False)
    app.layout = dcc.Graph()
    compression.install(server)
    server.add_url_rule("/mine", "mine", lambda: {"reader": request.headers["Reader"] * 2000})
    server.add_url_rule("/small", "small", lambda: {"a": 1})
    server.add_url_rule("/stream", "stream", lambda: Response(iter(["a" * 2000]), mimetype="application/json"))
    server.add_url_rule("/sheet", "sheet", lambda: Response(b"a" * 2000, mimetype="application/vnd.ms-excel"))
    client = server.test_client()
    client.get("/")
    return lambda path, **headers: client.get(path, headers=headers, buffered=True)


@pytest.mark.parametrize("path", [SUITE, VERSIONED, "/assets/look.css?m=1", "/mine"])
def test_a_text_is_sent_small_and_is_the_same_text(site, path):
    small = site(path, **GZIP, Reader="a")
    plain = site(path, Reader="a")
    assert (small.content_encoding, plain.content_encoding) == ("gzip", None)
    assert "Accept-Encoding" in small.headers["Vary"]
    assert len(small.data) < len(plain.data)
    assert gzip.decompress(small.data) == plain.data


def test_a_file_compressed_once_is_sent_again_as_it_was(site):
    first, second = (site(VERSIONED, **GZIP) for _ in range(2))
    assert first.data == second.data
    assert first.mimetype == second.mimetype
    assert first.headers["Cache-Control"] == second.headers["Cache-Control"] == compression.FOR_GOOD


def test_a_file_without_a_version_in_its_address_is_asked_for_again_and_not_sent_again(site):
    first = site(SUITE, **GZIP)
    again = site(SUITE, **GZIP, **{"If-None-Match": first.headers["ETag"]})
    assert first.headers["Cache-Control"] == compression.ASK_AGAIN
    assert (again.status_code, again.data) == (304, b"")


def test_only_an_own_file_that_names_its_version_is_kept_for_good(site):
    assert site("/assets/look.css?m=1", **GZIP).headers["Cache-Control"] == compression.FOR_GOOD
    assert site("/assets/look.css", **GZIP).headers["Cache-Control"] != compression.FOR_GOOD
    assert site("/assets/none.css?m=1", **GZIP).headers.get("Cache-Control") != compression.FOR_GOOD


def test_an_answer_to_one_reader_is_never_the_answer_to_another(site):
    answers = [site("/mine", **GZIP, Reader=reader).data for reader in ("a", "b")]
    assert [gzip.decompress(answer)[11:12] for answer in answers] == [b"a", b"b"]


@pytest.mark.parametrize("path", ["/small", "/stream", "/sheet"])
def test_what_would_gain_nothing_goes_out_as_it_is(site, path):
    assert site(path, **GZIP).content_encoding is None
