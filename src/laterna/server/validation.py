"""What pydantic finds wrong, as a client reads it: the field, its value, and what would be right.

Pydantic speaks of dictionaries, instances and the names of classes; clients know JSON and forms.
"""

from __future__ import annotations

from typing import Any

from laterna.errors import InputError
from laterna.server.errors import ApiError, bad_request

__all__ = ["FILE", "OBJECT", "explain"]

# Branches of a union add their name to an error's path, where it is of no use to a client.
FILE, OBJECT = "(file)", "(object)"
LONGEST = 200  # characters of a field's path that are told
REMEDIES = {
    "bool_parsing": "use true or false",
    "bool_type": "use true or false",
    "dict_type": "give an object",
    "finite_number": "give a finite number",
    "float_parsing": "give a number",
    "float_type": "give a number",
    "greater_than_equal": "use {ge} or more",
    "int_from_float": "give a whole number",
    "int_parsing": "give a whole number",
    "int_parsing_size": "give a smaller number",
    "int_type": "give a whole number",
    "less_than_equal": "use {le} or less",
    "list_type": "give a list",
    "literal_error": "use {expected}",
    "model_attributes_type": "give an object",
    "model_type": "give an object",
    "string_too_long": "use at most {max_length} characters",
    "string_too_short": "use at least {min_length} characters",
    "string_type": "give a text",
    "string_unicode": "give a text",
    "too_long": "give at most {max_length} of them",
    "too_short": "give at least {min_length} of them",
}


def explain(first: Any, skip: int = 0) -> ApiError:
    """One of pydantic's errors as a 400; `skip` steps of its path are not the client's."""
    path = [str(part) for part in first["loc"][skip:] if part not in (FILE, OBJECT)]
    kind, context = first["type"], first.get("ctx", {})
    if kind == "extra_forbidden" and first["loc"][-1] in (FILE, OBJECT):
        path.append(first["loc"][-1])
    param = ".".join(path)[:LONGEST] or None
    if kind == "missing":
        return bad_request(param, f"{param}: it is missing", "missing_required_parameter")
    if kind == "extra_forbidden":
        return bad_request(param, f"{param}: there is no such field here", "unknown_parameter")
    if kind in REMEDIES:
        remedy = REMEDIES[kind].format(**context)
        return bad_request(param, str(InputError(param or "the body", first["input"], remedy)))
    message = first["msg"].removeprefix("Value error, ")
    if param is None and ": " in message:  # about several fields; it names the first itself
        return bad_request(message.partition(":")[0], message)
    return bad_request(param, f"{param}: {message}" if param else message)
