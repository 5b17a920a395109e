"""The interface's own pages: its description for people, and what each kind of refusal means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.delivery.wording.interface import PARAMETERS, REFUSED
from assistant.web.page import page

router = APIRouter()


@router.get("/docs")
def docs(request: Request) -> Response:
    """Show every operation with its parameters, its body and its answers."""
    described = request.app.openapi()
    base = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    return page(
        request,
        "interface.html.j2",
        base=base,
        described=described,
        groups=_groups(described),
        shapes=_shapes(described),
        refusals=REFUSED,
        most=request.app.state.site.manner.api_rate,
    )


@router.get("/problems/{kind}")
def problem(request: Request, kind: str) -> Response:
    """Show what a kind of refusal means and what can be done."""
    if kind not in REFUSED:
        raise HTTPException(404)
    return page(request, "refusal.html.j2", kind=kind, refusal=REFUSED[kind])


def _groups(described: Mapping[str, Any]) -> Mapping[str, list[dict[str, Any]]]:
    """Return the operations by group, each with its method and path."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            made = {"method": method.upper(), "path": path, **operation}
            good = next(status for status in operation["responses"] if status.startswith("2"))
            made["good"] = good
            made["gives"] = type_of(
                operation["responses"][good].get("content", {}).get("application/json", {}).get("schema", {})
            )
            body = operation.get("requestBody")
            made["takes"] = type_of(body["content"]["application/json"]["schema"]) if body else None
            made["asks"] = [
                {**one, "type": type_of(_given(one["schema"])), "about": PARAMETERS[one["name"].lower()]}
                for one in operation.get("parameters", ())
                if one["name"] != "lang"  # which the page tells once
            ]
            found.setdefault(operation["tags"][0], []).append(made)
    return found


def _shapes(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every object that is sent or answered, with its fields."""
    return [
        {
            "name": name,
            "about": schema.get("description", ""),
            "fields": [
                {
                    "name": field,
                    "type": type_of(one),
                    "needed": field in schema.get("required", ()),
                    "about": one.get("description", ""),
                }
                for field, one in schema.get("properties", {}).items()
            ],
        }
        for name, schema in sorted(described["components"]["schemas"].items())
    ]


def _given(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a parameter's type where it is given: nobody sends null in an address."""
    given = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return given[0] if len(given) == 1 else schema


def type_of(schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a schema says of a type, as words; each with the name of the object that it stands for, or ""."""
    return list(_words(schema))


def _words(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield name, name
    elif "anyOf" in schema:
        for place, one in enumerate(schema["anyOf"]):
            if place:
                yield " | ", ""
            yield from _words(one)
    elif "enum" in schema:
        yield " | ".join(str(one) for one in schema["enum"]), ""
    elif "const" in schema:
        yield str(schema["const"]), ""
    elif schema.get("type") == "array":
        yield "[", ""
        yield from _words(schema.get("items", {}))
        yield "]", ""
    elif schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        yield "{…: ", ""
        yield from _words(schema["additionalProperties"])
        yield "}", ""
    else:
        yield str(schema.get("format") or schema.get("type") or "any"), ""
