"""What each rule must find, a comment with its name before it; scanned by `make scan`, never run."""

import flask
import markupsafe
import numpy
import requests
import sqlalchemy
from sqlalchemy import text

# objects-from-bytes
import pickle

# request-read-elsewhere
from flask import request

# session-outside-auth
from flask import session


def wrong(connection, name, server, client, log, settings):
    # sql-from-text
    connection.execute(text(f"SELECT * FROM {name}"))
    # sql-from-text
    connection.execute(text("SELECT * FROM " + name))
    # sql-from-text
    connection.execute(f"SELECT * FROM {name}")
    # sql-from-text
    connection.exec_driver_sql("SELECT 1")
    # request-read-elsewhere
    flask.request.args
    # session-outside-auth
    flask.session["sub"]
    # objects-from-bytes
    numpy.load(name, allow_pickle=True)
    # route-outside-the-gate
    server.add_url_rule("/x", "x", wrong)
    # open-endpoint
    install(server, open_endpoints=["x"])
    # html-from-text
    markupsafe.Markup(name)
    # html-from-text
    Markdown(name, dangerously_allow_html=True)
    # tls-not-checked
    requests.get(name, timeout=1, verify=False)
    # default-of-authlib
    client.authorize_access_token()
    # secret-in-the-log
    log.info("login", id_token=name)
    # secret-in-the-log
    log.warning(settings.secret.get_secret_value())


# route-outside-the-gate
@server.route("/y")
def page():
    return ""
