"""The command line where it must refuse."""

import socket

import pytest
from typer.testing import CliRunner

from app.cli import main


@pytest.fixture
def taken():
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_said_in_one_line_before_anything_is_built(taken, tmp_path):
    result = CliRunner().invoke(main, ["demo", "--port", str(taken), "--home", str(tmp_path / "demo")])
    assert result.exit_code == 1
    assert str(result.exception or result.output).startswith(f"cannot listen on 127.0.0.1:{taken}: address already")
    assert not (tmp_path / "demo").exists()


def test_serving_on_a_taken_port_is_refused_too(taken, tmp_path, monkeypatch):
    settings = {"HOME": str(tmp_path), "PORT": str(taken), "OIDC_ISSUER": "http://localhost:1"}
    for name, value in settings.items():
        monkeypatch.setenv(f"PARAPET_{name}", value)
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 1
    assert "choose another" in str(result.exception or result.output)
