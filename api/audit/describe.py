"""Writes docs/events.md from the classes of `api.events`: python -m api.audit.describe"""

from inspect import cleandoc

from api.events import Event, all_types

_HEAD = """\
# Events of the audit log

Made by `python -m api.audit.describe > docs/events.md`; a test compares.

An entry of the log is RFC 8785 canonical JSON with these members:

| member | meaning |
|---|---|
| `id` | number of the event, ascending, with gaps |
| `time` | UTC, ISO 8601 with microseconds |
| `type`, `version` | below |
| `tenant` | whose it is; `public` for verifications and checks of the log |
| `subject` | the video, key, consent or moderation it is about, or null |
| `data` | below; integers beyond 2^53 - 1 are written as text |
| `personal` | commitment (HMAC-SHA-256 in hex, keyed with a random salt) to what can be erased: \
`actor`, and what the text names as personal |
"""


def describe() -> str:
    """The document."""
    return _HEAD + "".join(_section(kind) for kind in all_types())


def _section(kind: type[Event]) -> str:
    lines = [f"\n## {kind.type}, version {kind.version}", "", cleandoc(kind.__doc__ or "")]
    properties = kind.model_json_schema().get("properties", {})
    if properties:
        lines += ["", "| data | type |", "|---|---|"]
        lines += [f"| `{name}` | {_type(schema)} |" for name, schema in properties.items()]
    return "\n".join(lines) + "\n"


def _type(schema: dict[str, object]) -> str:
    choices = schema.get("enum")
    if isinstance(choices, list):
        return ", ".join(f"`{choice}`" for choice in choices)
    return str(schema["type"])


if __name__ == "__main__":
    print(describe(), end="")
