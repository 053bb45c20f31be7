"""The service keeps what its description says, whatever is sent; by schemas, as a stranger would read them.

Schemathesis would do the same, with GraphQL and a second web framework behind it.
"""

import json
import re
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.serve import shapes
from photosearch.serve.endpoints import ENDPOINTS, PICTURE, Endpoint
from photosearch.serve.openapi import description
from tests.helpers.served import Served

_READING = [endpoint for endpoint in ENDPOINTS if not endpoint.writes and endpoint.body != PICTURE]
_ODD = st.text(max_size=30) | st.integers().map(str)
_SCHEMAS = description()["components"]["schemas"]


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a schema lets through, of those that msgspec writes."""
    if reference := schema.get("$ref"):
        return values(_SCHEMAS[reference.rpartition("/")[2]])
    if "anyOf" in schema:
        return st.one_of([values(one) for one in schema["anyOf"]])
    match schema["type"]:
        case "string":
            return st.text(max_size=min(schema.get("maxLength", 40), 40))
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            return st.lists(values(schema["items"]), min_size=schema.get("minItems", 0), max_size=4)
        case "object":
            fields = {name: values(one) for name, one in schema["properties"].items()}
            wanted = {name: fields.pop(name) for name in schema.get("required", ())}
            return st.fixed_dictionaries(wanted, optional=fields)
    raise AssertionError(schema)


def test_the_description_refers_to_nothing_that_it_lacks(running: Served) -> None:
    spec = running.ask("/api/v1/openapi.json", token=None).said
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(spec)))
    assert named <= set(spec["components"]["schemas"])
    operations = [operation for of in spec["paths"].values() for operation in of.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names)) == len(ENDPOINTS) + 5
    assert all(operation["summary"].endswith(".") for operation in operations)
    for path, of in spec["paths"].items():
        for method, operation in of.items():
            answer = running.ask(path.format(photo_id=1, job_id=1), method.upper(), token=None)
            assert (answer.status == 401) == (operation.get("security") != []), path


def test_the_page_for_people_needs_nothing_else(running: Served) -> None:
    page = running.ask("/docs", token=None).body.decode()
    assert all(f"<code>{one.method} {one.path}</code>" in page for one in ENDPOINTS)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page) and "<script" not in page


@pytest.mark.parametrize("endpoint", _READING, ids=lambda one: one.name)
def test_what_is_asked_by_the_description_is_answered_by_it(running: Served, endpoint: Endpoint) -> None:
    operation = description()["paths"][endpoint.path][endpoint.method.lower()]
    body = operation.get("requestBody")
    sent = values(body["content"]["application/json"]["schema"]) if body else st.none()
    in_address = {one["name"]: values(one["schema"]) | _ODD for one in operation["parameters"]}

    @settings(max_examples=6, database=None)
    @given(st.fixed_dictionaries({}, optional=in_address), sent)
    def hold(asked: dict[str, Any], said: object) -> None:
        in_path = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        path = endpoint.path.format(**{name: quote(str(asked.get(name, 1)), safe="") for name in in_path})
        query = {name: value for name, value in asked.items() if name not in in_path}
        address = f"{path}?{urlencode(query, errors='replace')}"
        answer = running.ask(address, endpoint.method, said)
        assert str(answer.status) in operation["responses"], (address, answer)
        if answer.status != 200:
            assert answer.status != 500
            msgspec.json.decode(answer.body, type=shapes.Refusal)
        elif not isinstance(endpoint.gives, str):
            msgspec.json.decode(answer.body, type=endpoint.gives)

    hold()
