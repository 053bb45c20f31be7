"""The service keeps what its description says, whatever is sent: schemathesis reads it as strangers do."""

import json
import re
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import CHECKS

from photosearch.serve import API, guard
from photosearch.serve.endpoints import ENDPOINTS
from photosearch.serve.guard import Pace
from photosearch.serve.openapi import description
from tests.helpers.served import Served, serving

SPEC = schemathesis.openapi.from_dict(description())
# Of what happens there is no end.
OPERATIONS = [found.ok() for found in SPEC.exclude(path=f"{API}/events").get_all_operations()]


@pytest.fixture(scope="module")
def patient(running: Served) -> Iterator[Served]:
    """Changes are allowed, and as many requests as one likes; what was changed is taken back."""
    with pytest.MonkeyPatch.context() as patch:
        for pace in ("ASKING", "STRANGERS", "FAILING"):
            patch.setattr(guard, pace, Pace(1e9, 1000))
        with serving(running.library, running.folder, running.engine, allow_writes=True) as patient:
            yield patient
            while patient.ask(f"{API}/undo", "POST").status == 200:
                pass


def test_the_description_refers_to_nothing_that_it_lacks(running: Served) -> None:
    SPEC.validate()
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


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.definition.raw["operationId"])
def test_what_is_asked_by_the_description_is_answered_by_it(patient: Served, operation: APIOperation) -> None:
    known = {"photo_id": patient.id_of("red.jpg")} if "{photo_id}" in operation.path else None
    right, of_the_photo, wrong = (
        operation.as_strategy(),
        operation.as_strategy(path_parameters=known),
        operation.as_strategy(GenerationMode.NEGATIVE),
    )

    @settings(max_examples=8, database=None, derandomize=True)
    @given(st.one_of(of_the_photo, wrong, right))
    def hold(case: Case) -> None:
        case.call_and_validate(
            f"http://127.0.0.1:{patient.port}",
            session,
            {"Authorization": f"Bearer {patient.token}"},
            # A schema cannot say which queries mean something, or which bytes are a picture.
            excluded_checks=[CHECKS.get_one("positive_data_acceptance")],
        )

    with requests.Session() as session:
        session.trust_env = False  # neither a proxy nor a password of whoever runs this
        hold()
