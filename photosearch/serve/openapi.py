"""The description of the API for programs (OpenAPI 3.1) and for people, made of the table of endpoints."""

from __future__ import annotations

import functools
import html
import json
from typing import Any, NamedTuple

import msgspec

from photosearch import __version__
from photosearch.serve import API, PORT, happenings, shapes
from photosearch.serve.endpoints import ENDPOINTS, PICTURE, Endpoint
from photosearch.serve.guard import OPEN, SESSION

_REF = "#/components/schemas/{name}"
_REFUSED = {
    "401": "no token, or a wrong one",
    "403": "a page of another site asks, or changes are not allowed",
    "404": "there is none",
    "408": "it came too slowly",
    "409": "that cannot be done as things stand",
    "413": "more than is taken",
    "415": "not of the type that is taken",
    "421": "asked by another name",
    "422": "what was asked cannot be understood",
    "429": "asked too often",
    "503": "too much at once, or PhotoSearch is closing",
}
_ALWAYS = ("401", "403", "421", "429", "503")  # where no token is needed, too, a wrong one is refused
_OF_BODIES = ("408", "413", "415", "422")
_JSON = "application/json"


class _Other(NamedTuple):
    """What the service answers by itself, and not from the table."""

    method: str
    path: str
    told: str
    asked: type | None = None
    takes: type | None = None
    status: int = 200
    gives: str | None = None


_OTHERS = (
    _Other("post", SESSION, "Exchange the token for a cookie.", takes=shapes.BeginSession, status=204),
    _Other("delete", SESSION, "Take the cookie away.", status=204),
    _Other(
        "get",
        f"{API}/events",
        "What happens, as server-sent events; the data of each is one of Changed.",
        asked=shapes.Asked,
        gives="text/event-stream",
    ),
    _Other(
        "get", f"{API}/strings", "What the page says, by the English texts.", asked=shapes.Asked, gives=_JSON
    ),
    _Other("get", f"{API}/openapi.json", "This description.", gives=_JSON),
)


@functools.cache
def description() -> dict[str, Any]:
    """The whole API, as OpenAPI has it."""
    asked, schemas = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, asked, schemas)
    for other in _OTHERS:
        paths.setdefault(other.path, {})[other.method] = _other_operation(other, asked)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PhotoSearch",
            "version": __version__,
            "description": "One's own photos, found by what is in them. All that is told needs the token.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": f"photosearch_{PORT}",
                    "description": "With the port in its name, as browsers share cookies between ports.",
                },
            },
        },
    }


def page() -> str:
    """The same for people: one page that needs nothing else."""
    spec = description()
    parts = [
        _endpoint(path, method, operation)
        for path, of in spec["paths"].items()
        for method, operation in of.items()
    ]
    shown = [
        f'<h3 id="{name}">{name}</h3><p>{html.escape(schema.get("description", ""))}</p>'
        f"<pre>{html.escape(json.dumps(_without_description(schema), indent=2))}</pre>"
        for name, schema in spec["components"]["schemas"].items()
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>PhotoSearch: the API</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        "</head><body><h1>PhotoSearch: the API</h1>"
        "<p>Send the token as <code>Authorization: Bearer TOKEN</code>; <code>photosearch serve --show-token"
        '</code> shows it. For programs: <a href="/api/v1/openapi.json">openapi.json</a>.</p>'
        f"{''.join(parts)}<h2>Shapes</h2>{''.join(shown)}</body></html>"
    )


def _schemas() -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in addresses, by the type's name; and every shape that is sent or given."""
    asked = {endpoint.asked for endpoint in ENDPOINTS}
    kinds = [endpoint.gives for endpoint in ENDPOINTS if not isinstance(endpoint.gives, str)]
    kinds += [endpoint.body for endpoint in ENDPOINTS if endpoint.body not in (None, PICTURE)]
    _, of_asked = msgspec.json.schema_components(asked, ref_template=_REF)
    _, found = msgspec.json.schema_components(
        [*kinds, shapes.Refusal, shapes.BeginSession, happenings.AnyChanged], ref_template=_REF
    )
    return of_asked, dict(sorted(found.items()))


def _operation(endpoint: Endpoint, asked: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    summary, _, rest = endpoint.told.partition(". ")
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": summary.rstrip(".") + ".",
        "parameters": _parameters(endpoint.asked, endpoint.path, asked),
        "responses": {"200": _given(endpoint), **_refusals(*_ALWAYS, "409", "422")},
    }
    if rest:
        operation["description"] = rest
    if "{" in endpoint.path:
        operation["responses"] |= _refusals("404")
    if endpoint.body:
        operation["responses"] |= _refusals(*_OF_BODIES)
    if endpoint.gives == "image/jpeg" or endpoint.gives == "*/*":
        operation["responses"]["304"] = {"description": "It is as it was."}
    if endpoint.gives == "*/*":
        operation["responses"] |= {
            "206": {"description": "The part that Range asks for.", "content": {"*/*": {}}},
            "416": {"description": "There is no such part."},
        }
    if endpoint.body == PICTURE:
        file = {"type": "string", "contentMediaType": "image/*", "format": "binary"}
        form = {
            "type": "object",
            "properties": {PICTURE: file, **_in_address(endpoint.asked, asked)},
            "required": [PICTURE],
        }
        operation["requestBody"] = _taken("multipart/form-data", form)
    elif endpoint.body:
        operation["requestBody"] = _taken(_JSON, {"$ref": _REF.format(name=endpoint.body.__name__)})
    return operation


def _other_operation(other: _Other, asked: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"description": "Done."}
    if other.gives:
        given["content"] = {other.gives: {}}
    operation: dict[str, Any] = {
        "operationId": f"{other.method}_{other.path.rpartition('/')[2].partition('.')[0]}",
        "summary": other.told,
        "responses": {str(other.status): given, **_refusals(*_ALWAYS)},
    }
    if other.asked:
        operation["parameters"] = _parameters(other.asked, other.path, asked)
        operation["responses"] |= _refusals("422")
    if other.takes:
        operation["requestBody"] = _taken(_JSON, {"$ref": _REF.format(name=other.takes.__name__)})
        operation["responses"] |= _refusals(*_OF_BODIES)
    if other.path in OPEN:
        operation["security"] = []
    return operation


def _in_address(kind: type, asked: dict[str, Any]) -> dict[str, Any]:
    """The schemas of what stands in an address, by name."""
    found: dict[str, Any] = asked[kind.__name__]["properties"]
    return found


def _parameters(kind: type, path: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        _parameter(name, schema, in_path="{" + name + "}" in path)
        for name, schema in _in_address(kind, asked).items()
    ]


def _parameter(name: str, schema: dict[str, Any], *, in_path: bool) -> dict[str, Any]:
    told = {"description": schema["description"]} if "description" in schema else {}
    return {
        "name": name,
        "in": "path" if in_path else "query",
        "required": in_path,
        **told,
        "schema": _without_description(schema),
    }


def _given(endpoint: Endpoint) -> dict[str, Any]:
    if isinstance(endpoint.gives, str):
        return {"description": "The picture.", "content": {endpoint.gives: {}}}
    ((schema,), _) = msgspec.json.schema_components([endpoint.gives], ref_template=_REF)
    return {"description": "The answer.", "content": {_JSON: {"schema": schema}}}


def _refusals(*statuses: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name=shapes.Refusal.__name__)}
    return {
        status: {
            "description": _REFUSED[status].capitalize() + ".",
            "content": {_JSON: {"schema": schema}},
        }
        for status in statuses
    }


def _taken(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {media_type: {"schema": schema}}}


def _without_description(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in ("description", "title")}


def _endpoint(path: str, method: str, operation: dict[str, Any]) -> str:
    """One operation as a section of the page."""
    rows = "".join(
        f"<tr><td><code>{html.escape(one['name'])}</code></td><td>{one['in']}</td>"
        f"<td><code>{html.escape(json.dumps(one['schema']))}</code></td>"
        f"<td>{html.escape(one.get('description', ''))}</td></tr>"
        for one in operation.get("parameters", ())
    )
    taken = operation.get("requestBody", {}).get("content", {})
    given = operation["responses"].get("200", {}).get("content", {})
    return (
        f"<h2><code>{method.upper()} {html.escape(path)}</code></h2>"
        f"<p>{html.escape(operation['summary'])} {html.escape(operation.get('description', ''))}</p>"
        + (f"<table>{rows}</table>" if rows else "")
        + "".join(_of_content("takes", kind, one) for kind, one in taken.items())
        + "".join(_of_content("gives", kind, one) for kind, one in given.items())
    )


def _of_content(verb: str, media_type: str, content: dict[str, Any]) -> str:
    text = html.escape(json.dumps(content.get("schema", {})))
    for name in description()["components"]["schemas"]:
        text = text.replace(
            html.escape(f'{{"$ref": "{_REF.format(name=name)}"}}'), f'<a href="#{name}">{name}</a>'
        )
    return f"<p>{verb} <code>{html.escape(media_type)}</code> <code>{text if text != '{}' else ''}</code></p>"
