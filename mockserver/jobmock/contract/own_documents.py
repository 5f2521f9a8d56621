"""Documents in a folder of the user, which stand in place of those of the same name in `schemas/`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..files import read_regular_file
from . import documents

_MOST_BYTES = 4 << 20


def read_documents(folder: Path | None) -> dict[str, Mapping[str, Any]]:
    """Return the documents in a folder by name, none if there is no folder.

    Raises UsageError if the folder has none of them, or one is no JSON Schema.
    """
    if folder is None:
        return {}
    found = {name: _schema(folder / name) for name in documents.names() if (folder / name).is_file()}
    if not found:
        some = ", ".join(name for name in documents.names() if name.endswith("/status.json"))
        raise UsageError(f"{folder} has none of the documents of schemas/. Expected there: {some}, or another one.")
    return found


def _schema(path: Path) -> Mapping[str, Any]:
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    try:
        schema = json.loads(read_regular_file(path, _MOST_BYTES))
        if not isinstance(schema, dict):
            raise UsageError(f"{path} is no JSON Schema: it is no object.")
        validator_for(schema).check_schema(schema)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is no JSON.") from None
    except SchemaError as error:
        raise UsageError(f"{path} is no JSON Schema: {error.json_path}: {error.message}.") from None
    return schema
