"""The description for programs: made of the registries, of what is open to its reader, and true of every answer."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from app import openapi, write
from app.filters import Filters
from app.main import create_server
from app.parameters import LAYOUT, parameters
from app.settings import Settings
from app.view import discover
from data.store import Store
from tests.app.test_routes import BOOKS, sign_in
from tests.ledger import Ledger
from tests.programs import token_of

ADDRESS = "/api/v1/openapi.json"
GROUPS = ("role:trader", "desk:Cash")
VIEWS = [view for view in discover().values() if "trader" in view.roles]
FORMS = ("json", "{form}")
PANELS = [f"/api/v1/panels/{panel.key}.{form}" for view in VIEWS for panel in view.panels for form in FORMS]
FIRST = [f"/api/v1/panels/{view.panels[0].key}.json" for view in VIEWS]
FILES = [f"/api/v1/panels/{key}.{{form}}" for key in ("positions-tree-by-instrument", "blotter-trades")]
ASKED = [ADDRESS, "/api/v1/views", *FIRST, *FILES]
"""What is asked with whatever schemathesis thinks of: of each page one panel, and two panels as files."""

load_all_checks()
NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "unsupported_method",
)
CONFORMS = [CHECKS.get_one(name) for name in NAMES]
FEW = {"max_examples": 3, "deadline": None, "phases": [Phase.generate], "suppress_health_check": list(HealthCheck)}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("openapi")
    ledger = Ledger(home, BOOKS)
    yield home
    ledger.warehouse.close()


@pytest.fixture(scope="module")
def server(home):
    chosen = Settings(
        home=home, oidc_issuer="http://localhost:1", log_format="text", token_failures=100_000, api_limit=""
    )
    found = create_server(chosen)
    yield found
    found.session_interface._engine.dispose()


@pytest.fixture(scope="module")
def store(home):
    found = Store(f"sqlite:///{home / 'store.sqlite'}")
    found.create()
    yield found
    found.close()


@pytest.fixture(scope="module")
def shown(store):
    """The header of a program of Tom's, who reads desk Cash."""
    return {"Authorization": f"Bearer {token_of(store, 'tom', *GROUPS)}"}


@pytest.fixture(scope="module")
def document(server, shown):
    return server.test_client().get(ADDRESS, headers=shown).get_json()


@pytest.fixture(scope="module")
def schema(server, shown):
    return schemathesis.openapi.from_wsgi(ADDRESS, server, headers=shown)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("path", ASKED)
def test_whatever_is_asked_the_answer_is_one_that_the_document_describes(schema, shown, path, mode):
    @settings(**FEW)
    @given(case=schema[path]["GET"].as_strategy(generation_mode=mode))
    def holds(case):
        case.call_and_validate(headers=shown | {"Accept-Encoding": "identity"}, checks=CONFORMS)

    holds()


def test_it_is_a_document_of_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()


def test_it_lists_every_panel_that_is_open_in_every_format(document):
    assert document["paths"].keys() == {*PANELS, ADDRESS, "/api/v1/views"}


def test_it_lists_what_its_reader_may_call_and_nothing_else(server, store):
    def listed(headers=None, *groups):
        client = sign_in(server.test_client(), *groups) if groups else server.test_client()
        paths = client.get(ADDRESS, headers=headers).get_json()["paths"]
        return {path.removeprefix("/api/v1/panels/").partition("-")[0] for path in paths if "panels" in path}

    bound = {"Authorization": f"Bearer {token_of(store, 'tom', *GROUPS, pages=['pnl'])}"}
    assert listed(bound) == {"pnl"}
    assert "operations" in listed(None, "role:admin")
    assert "operations" not in listed(None, "role:risk_manager")


def test_it_is_closed_to_strangers(server):
    refused = server.test_client().get(ADDRESS)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (401, "not_signed_in")


def test_a_program_may_show_its_token_in_two_ways(document):
    schemes = document["components"]["securitySchemes"]
    assert {scheme["scheme"] for scheme in schemes.values()} == {"bearer", "basic"}
    assert {name for choice in document["security"] for name in choice} == {*schemes}


def test_every_operation_has_a_name_of_its_own(document):
    names = [path["get"]["operationId"] for path in document["paths"].values()]
    assert len(set(names)) == len(names)


def test_every_filter_is_a_parameter_and_every_parameter_a_filter(document):
    assert {*document["components"]["parameters"]} == {*parameters(), *openapi.PAGING}
    Filters.parse(dict.fromkeys(parameters(), ""))


@pytest.mark.parametrize("name", parameters())
def test_what_a_parameter_may_hold_is_what_the_filters_read(name):
    schema = parameters()[name]["schema"]
    for value in (*schema.get("enum", [])[:5], *([schema["default"]] if "default" in schema else [])):
        Filters.parse({"rows": "currency", name: str(value)})


def test_the_layout_of_a_pivot_is_a_parameter_of_the_pivot_alone(document):
    def named(key):
        listed = document["paths"][f"/api/v1/panels/{key}.json"]["get"]["parameters"]
        return {reference["$ref"].rpartition("/")[2] for reference in listed}

    pivot = discover()["pivot"].panels[0].key
    assert {*LAYOUT} <= named(pivot)
    assert not {*LAYOUT} & named("positions-tree-by-instrument")


@pytest.mark.parametrize("form", write.FORMATS)
def test_each_format_is_described_by_its_own_type(document, form):
    path = "json" if form == "json" else "{form}"
    content = document["paths"][f"/api/v1/panels/positions-tree-by-instrument.{path}"]["get"]["responses"]["200"]
    assert write.FORMATS[form].mimetype.partition(";")[0] in content["content"]
