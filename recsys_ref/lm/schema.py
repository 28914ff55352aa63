"""A subset of JSON Schema, turned into parts that `recsys_ref.lm.constrain` writes.

The types, and the keywords of each::

    object    properties (all are written, in this order), required,
              additionalProperties (none is written)
    string    maxLength
    array     items, minItems, maxItems, uniqueItems (of an enum of strings)
    integer   minimum, maximum (both needed)
    number    minimum, maximum (both needed); at most two decimals
    boolean
    enum      of strings, numbers, true, false and null

Anything else is refused rather than passed over. `title` and `description` may
stand anywhere. What is written is what `json.dumps` writes: the letters of
an enum's texts that ASCII has not are written as escapes.
"""

import json
import math
from collections.abc import Mapping
from decimal import Decimal

from recsys_ref.lm.constrain import Items, Literal, Number, OneOf, Rest, String

NOTES = {"$schema", "title", "description"}
KEYWORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "string": {"maxLength"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum"},
    "boolean": set(),
}
DECIMALS = 2


def compile_schema(schema: Mapping, path: str = "schema") -> Rest:
    """Turn a schema into the parts to be written.

    Args:
        schema: Of the subset above.
        path: What errors call it.

    Raises:
        ValueError: If the schema is not of the subset, or nothing can satisfy it.

    Examples:
        >>> from recsys_ref.lm.constrain import read
        >>> stars = compile_schema({"type": "integer", "minimum": 1, "maximum": 5})
        >>> [text for text in ("0", "1", "5", "55") if read(stars, text)]
        ['1', '5']
    """
    if not isinstance(schema, Mapping):
        raise ValueError(f"{path}: must be an object, got {schema!r}")
    kind = schema.get("type")
    if "enum" in schema:
        _refuse_others(schema, {"enum"}, path)
        return (OneOf(_options(schema["enum"], kind, path)),)
    if not isinstance(kind, str) or kind not in KEYWORDS:
        raise ValueError(f"{path}.type: must be one of {[*KEYWORDS]}, got {kind!r}")
    _refuse_others(schema, KEYWORDS[kind], path)
    if kind == "object":
        return _object(schema, path)
    if kind == "array":
        return _array(schema, path)
    if kind == "string":
        return Literal('"'), String(_count(schema, "maxLength", math.inf, path))
    if kind == "boolean":
        return (OneOf((("true", "true"), ("false", "false"))),)
    return (_number(schema, DECIMALS * (kind == "number"), path),)


def _object(schema: Mapping, path: str) -> Rest:
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping):
        raise ValueError(f"{path}.properties: must be an object, got {properties!r}")
    unknown = [key for key in schema.get("required", ()) if key not in properties]
    if unknown:
        raise ValueError(f"{path}.required: not among the properties: {unknown}")
    parts: list = []
    for key, value in properties.items():
        opening = ", " if parts else "{"
        parts.append(Literal(f"{opening}{json.dumps(key)}: "))
        parts += compile_schema(value, f"{path}.{key}")
    return (*parts, Literal("}")) if parts else (Literal("{}"),)


def _array(schema: Mapping, path: str) -> Rest:
    if "items" not in schema:
        raise ValueError(f"{path}.items: must be given")
    least = _count(schema, "minItems", 0, path)
    most = _count(schema, "maxItems", math.inf, path)
    distinct = schema.get("uniqueItems", False)
    item = compile_schema(schema["items"], f"{path}.items")
    if distinct:
        if not all(isinstance(v, str) for v in schema["items"].get("enum", [None])):
            raise ValueError(f"{path}.uniqueItems: needs items of an enum of strings")
        most = min(most, len(item[0].options))
    if least > most:
        raise ValueError(
            f"{path}.minItems: {least} items cannot be had, at most {most}"
        )
    return Literal("["), Items(item, least, most, bool(distinct))


def _number(schema: Mapping, decimals: int, path: str) -> Number:
    bounds = []
    for key in ("minimum", "maximum"):
        value = schema.get(key)
        known = isinstance(value, int | float) and not isinstance(value, bool)
        if not known or not math.isfinite(value):
            raise ValueError(f"{path}.{key}: must be a finite number, got {value!r}")
        bounds.append(Decimal(str(value)).scaleb(decimals))
    low, high = math.ceil(bounds[0]), math.floor(bounds[1])
    if low > high:
        raise ValueError(
            f"{path}.minimum: nothing with {decimals} decimals lies between "
            f"{schema['minimum']} and {schema['maximum']}"
        )
    return Number(low, high, decimals)


def _count(schema: Mapping, key: str, default: float, path: str) -> float:
    value = schema.get(key, default)
    if value is default:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{path}.{key}: must be a whole number from 0, got {value!r}")
    return value


def _options(values: object, kind: object, path: str) -> tuple[tuple[str, str], ...]:
    """Write the values of an enum."""
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{path}.enum: must be a list of values, got {values!r}")
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    for value in values:
        scalar = value is None or isinstance(value, str | int | float)
        fits = kind is None or isinstance(value, kinds.get(kind, ()))
        if kind in ("integer", "number") and isinstance(value, bool):
            fits = False
        if not scalar or not fits or (isinstance(value, float) and value - value != 0):
            raise ValueError(f"{path}.enum: {value!r} is no {kind or 'scalar'}")
    texts = dict.fromkeys(json.dumps(value) for value in values)
    return tuple((text, text) for text in texts)


def _refuse_others(schema: Mapping, known: set[str], path: str) -> None:
    others = sorted(set(schema) - known - NOTES - {"type"})
    if others:
        raise ValueError(f"{path}: knows no {others}, only {sorted(known)}")
