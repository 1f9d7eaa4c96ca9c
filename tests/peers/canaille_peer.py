"""The login server canaille on loopback: `python canaille_peer.py <port> <address of the app>`.

Its one reader is ada, password `correct horse`, in all of GROUPS. It ends with its standard input.
"""

import os
import sys
import threading

from canaille import create_app
from canaille.app import models
from werkzeug.serving import make_server

GROUPS = ("role:trader", "desk:Vol", "staff")


def main():
    port, app_address = int(sys.argv[1]), sys.argv[2]
    app = create_app(
        {
            "SECRET_KEY": "of a test",
            "SERVER_NAME": f"localhost:{port}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory", "TIMEZONE": "UTC", "JAVASCRIPT": False},
            "CANAILLE_OIDC": {},
        }
    )
    with app.app_context():
        fill(app, app_address)
    threading.Thread(target=end_with_stdin, daemon=True).start()
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


def fill(app, app_address):
    backend = app.backend
    ada = models.User(
        user_name="ada", formatted_name="Ada Lovelace", family_name="Lovelace", emails=["ada@bank.example"],
        password="correct horse",  # noqa: S106 a test's
    )  # fmt: skip
    backend.save(ada)
    for name in GROUPS:
        backend.save(models.Group(display_name=name, members=[ada]))
    client = models.Client(
        client_id="parapet", client_name="Parapet", client_uri=app_address,
        client_secret="secret of parapet",  # noqa: S106 a test's
        redirect_uris=[f"{app_address}/callback"], post_logout_redirect_uris=[f"{app_address}/signed-out"],
        grant_types=["authorization_code"], response_types=["code"],
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106 a method, not a password
        scope=["openid", "profile", "email", "groups"],
    )  # fmt: skip
    backend.save(client)
    client.audience = [client]
    backend.save(client)


def end_with_stdin():
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
