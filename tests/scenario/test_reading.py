"""Text becomes plain data with the line and column of every value; what can't be read is refused at its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support import examples

from jobmock import resources, scenario
from jobmock.errors import Origin, Problem, ScenarioError
from jobmock.scenario.bounds import MAX_BYTES, MAX_DEPTH, MAX_KEY, MAX_VALUES, check_bounds
from jobmock.scenario.document import Document
from jobmock.scenario.reading import read_file, read_json, read_yaml

BUNDLED = [path.read_bytes() for path in sorted(resources.folder("scenarios").rglob("*.yaml"))]
NEST = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=20,
)


def refusal(reading: Callable[[], Any]) -> tuple[tuple[int, int] | None, str]:
    """Return where a reading fails and what it says, which is one problem."""
    with pytest.raises(ScenarioError) as caught:
        reading()
    [problem] = caught.value.problems
    return problem.position, problem.message


def test_marks() -> None:
    """Each value and each key has its line and column, by JSON Pointer, from 1; an alias has its own."""
    origin = read_yaml('a: 1\nb:\n  - &x {"c/d": x, e~f: y}\n  - *x\n', "f.yaml").origin
    assert origin.source == "f.yaml"
    assert origin.marks == {
        "": (1, 1), "/a": (1, 4), "/b": (3, 3), "/b/0": (3, 5), "/b/0/c~1d": (3, 16), "/b/0/e~0f": (3, 24),
        "/b/1": (4, 5),
    }  # fmt: skip
    assert origin.keys == {"/a": (1, 1), "/b": (2, 1), "/b/0/c~1d": (3, 9), "/b/0/e~0f": (3, 19)}


def test_columns_count_characters() -> None:
    """A column counts characters, not bytes."""
    assert read_yaml("é: {ö: ü}", "").origin.marks["/é/ö"] == (1, 8)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-7", -7), ("+7", 7), ("0", 0), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0),
        ("1.5e-3", 0.0015), ("-0.25", -0.25), ("true", True), ("false", False), ("null", None), ("~", None),
        ("", None), ("text", "text"), ("'on'", "on"), ('"1:30"', "1:30"), ("! 12", "12"), ("'1'", "1"), ("=", "="),
        ("2s", "2s"), ("y", "y"), ("1.2.3", "1.2.3"), ("<<", "<<"), ("10.0.0.1:80", "10.0.0.1:80"),
    ],
)  # fmt: skip
def test_scalars(text: str, value: Any) -> None:
    """A plain scalar is what stands there; quotes make it text."""
    read_value = read_yaml(f"v: {text}", "").data["v"]
    assert (read_value, type(read_value)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("on", "true or false"), ("Off", "true or false"), ("yes", "true or false"), ("no", "true or false"),
        ("True", "true or false"), ("FALSE", "true or false"), ("1:30", "another number"),
        ("1:30.5", "another number"), ("0755", "another number"), ("0x1F", "another number"),
        ("0b11", "another number"), ("1_000", "another number"), ("1_0.5", "another number"),
        (".inf", "another number"), (".nan", "another number"), ("2026-01-01", "a date"),
        ("2026-01-01 10:00:00", "a date"),
    ],
)  # fmt: skip
def test_yaml_surprises(text: str, meaning: str) -> None:
    """What YAML 1.1 reads as something else than stands there is refused, with how to write it."""
    where, message = refusal(lambda: read_yaml(f"a:\n  - {text}\n", ""))
    assert where == (2, 5)
    assert f"YAML 1.1 reads {text!r} as {meaning}" in message
    assert f"'{text}' in quotes" in message


@pytest.mark.parametrize("key", ["on", "no", "1:30", "2026-01-01", "0x1F", "1"])
def test_keys_are_text(key: str) -> None:
    """A key is the text as it is written, also where YAML 1.1 would read another value."""
    assert read_yaml(f"{key}: 1", "").data == {key: 1}


def test_aliases() -> None:
    """An alias stands for its anchor's value, scalars and collections alike; the later anchor of a name counts."""
    text = "a: &x 1\nb: *x\nc: &x [2]\nd: *x\n"
    assert read_yaml(text, "").data == {"a": 1, "b": 1, "c": [2], "d": [2]}


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("", (1, 1), "empty"),
        ("# nothing\n", (1, 1), "empty"),
        ("a: 1\n---\nb: 2\n", (2, 1), "second document"),
        ("a: 1\nb: 2\na: 3\n", (3, 1), "'a' stands twice"),
        ("a: 1\n'a': 2\n", (2, 1), "'a' stands twice"),
        ("[1, 2\n", (2, 1), "not YAML"),
        ("a: b: c", (1, 5), "mapping values are not allowed"),
        ("a:\n\t- b", (2, 1), "cannot start any token"),
        ("? [a]\n: b", (1, 3), "not a list or a mapping"),
        ("? {a: 1}\n: b", (1, 3), "not a list or a mapping"),
        ("a: &x 1\n*x : 2", (2, 1), "not an alias"),
        ("*x", (1, 1), "'*x' has no anchor"),
        ("&x [*x]", (1, 5), "'*x' has no anchor"),
        ("a: !!str b", (1, 4), "Tags are not allowed: 'tag:yaml.org,2002:str'"),
        ("a: !own b", (1, 4), "'!own'"),
        ("!!str a: b", (1, 1), "Tags are not allowed"),
        ("a: !!set {b}", (1, 4), "Tags are not allowed"),
        ("a: !!seq [b]", (1, 4), "Tags are not allowed"),
        ("<<: {a: 1}", (1, 1), "Merge keys"),
        ("a: 1e999", (1, 4), "'1e999' is too large"),
    ],
)
def test_refused_yaml(text: str, where: tuple[int, int], says: str) -> None:
    """YAML that is broken, or says more than a scenario may, is refused at its place."""
    found = refusal(lambda: read_yaml(text, ""))
    assert found[0] == where
    assert says in found[1]


def test_merge_sign_in_quotes_is_a_key() -> None:
    """A quoted '<<' is a key like any other."""
    assert read_yaml("'<<': 1", "").data == {"<<": 1}


@pytest.mark.parametrize(("reader", "opening"), [(read_yaml, "["), (read_json, "["), (read_yaml, "a: [")])
def test_depth(reader: Callable[[str, str], Document], opening: str) -> None:
    """64 levels are read and 65 are refused, in YAML and JSON."""
    inside = MAX_DEPTH - len(opening.partition(":")[1])
    prefix = opening.rstrip("[")
    assert reader(prefix + "[" * inside + "]" * inside, "").data is not None
    _, message = refusal(lambda: reader(prefix + "[" * (inside + 1) + "]" * (inside + 1), ""))
    assert f"deeper than {MAX_DEPTH} levels" in message


def test_very_deep_json() -> None:
    """JSON so deep that the parser gives up is refused like any that is too deep."""
    assert "deeper than 64 levels" in refusal(lambda: read_json("[" * 100_000, ""))[1]


def test_depth_counts_through_aliases() -> None:
    """Levels inside an alias count: ten anchors of thirty levels each don't make three hundred."""
    entries = ["&a0 " + "[" * 30 + "]" * 30]
    entries += [f"&a{n} " + "[" * 30 + f"*a{n - 1}" + "]" * 30 for n in range(1, 10)]
    assert "deeper than 64 levels" in refusal(lambda: read_yaml("\n".join(f"- {entry}" for entry in entries), ""))[1]


@pytest.mark.parametrize(("reader", "verb"), [(read_yaml, "expands to"), (read_json, "has")])
def test_number_of_values(reader: Callable[[str, str], Document], verb: str) -> None:
    """100,000 values are read, one more is refused."""
    fitting = "[" + ",".join(["0"] * (MAX_VALUES - 1)) + "]"
    assert len(reader(fitting, "").data) == MAX_VALUES - 1
    assert f"{verb} more than {MAX_VALUES} values" in refusal(lambda: reader(fitting[:-1] + ",0]", ""))[1]


def test_expansion_is_bounded() -> None:
    """Aliases count with all they stand for, so a small file that expands to billions is refused at once."""
    lines = ["- &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    where, message = refusal(lambda: read_yaml("\n".join(lines), ""))
    assert "expands to more than 100000 values" in message
    assert where is not None and where[0] == 5


@pytest.mark.parametrize("form", ["yaml", "json", "object"])
def test_keys_are_bounded(form: str) -> None:
    """A key of 1,000 characters is read, a longer one is refused: it would be in the place of every value below it."""
    refused = "k" * (MAX_KEY + 1)
    readers: dict[str, Callable[[str], Any]] = {
        "yaml": lambda key: read_yaml(f"? {key}\n: 1", ""),
        "json": lambda key: read_json(f'{{"{key}": 1}}', ""),
        "object": lambda key: check_bounds(Document(data={key: 1}, origin=Origin(source=""))),
    }
    assert readers[form]("k" * MAX_KEY).data == {"k" * MAX_KEY: 1}
    assert refusal(lambda: readers[form](refused))[1] == "A key has at most 1000 characters."


def test_text_is_bounded() -> None:
    """Aliases count with all their text, so a small file that expands to gigabytes of text is refused."""
    text = f"- &a {'x' * 1000}\n" + "- *a\n" * (MAX_BYTES // 1000)
    assert refusal(lambda: read_yaml(text, ""))[1].startswith("The document has more than 1048576 characters")
    assert len(read_yaml(text.removesuffix("- *a\n"), "").data) == MAX_BYTES // 1000


def test_places_are_made_for_errors_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is read without an error is parsed once; its places are found when one is wanted."""
    parsed, parse = list[str](), yaml.parse

    def noting(text: str, **loader: Any) -> Any:
        parsed.append(text)
        return parse(text, **loader)

    monkeypatch.setattr(yaml, "parse", noting)
    origin = read_yaml("a: [1, 2]", "").origin
    assert len(parsed) == 1
    assert [origin.position(pointer) for pointer in ("/a/1", "/a/0", "/a/7/x", "")] == [(1, 8), (1, 5), (1, 4), (1, 1)]
    assert len(parsed) == 2


def test_json() -> None:
    """JSON becomes data without marks; its values are located by pointer."""
    document = read_json('{"a": [1, 1.5, null, true, "x"]}', "f.json")
    assert document.data == {"a": [1, 1.5, None, True, "x"]}
    assert (document.origin.source, document.origin.marks) == ("f.json", {})


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ('{"a": 1,}', (1, 8), "not JSON: trailing comma"),
        ('{"é": [1, ]}', (1, 9), "not JSON: trailing comma"),
        ('{\n "a": x}', (2, 7), "not JSON: unexpected character"),
        ('["\\u00e9', (1, 9), "not JSON: unexpected end"),
        ("", (1, 1), "not JSON"),
        ('{"a": 1, "a": 2}', (1, 1), "'a' stands twice"),
        (b'{"a": "\xff"}', (1, 8), "not UTF-8"),
    ],
)
def test_refused_json(text: str | bytes, where: tuple[int, int], says: str) -> None:
    """JSON that is broken is refused with line and column, a doubled key by its name, on every Python alike."""
    found = refusal(lambda: read_json(text, ""))
    assert found[0] == where
    assert says in found[1]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a: " + "9" * 5000, "yaml"),
        ('{"a": ' + "9" * 5000 + "}", "json"),
        ('{"a": NaN}', "json"),
        ('{"a": Infinity}', "json"),
        ('{"a": 1e999}', "json"),
    ],
    ids=["yaml integer", "json integer", "NaN", "Infinity", "1e999"],
)
def test_numbers_out_of_bounds(text: str, form: str) -> None:
    """A number that no document can carry is refused in words, in YAML and JSON."""
    reader = read_json if form == "json" else read_yaml
    assert refusal(lambda: reader(text, ""))[1].endswith(".")


@pytest.mark.parametrize(
    ("raw", "where", "byte"),
    [
        (b"\xff\xfea: 1", (1, 1), "0xff"),
        (b"a: 1\nb: \x89PNG", (2, 4), "0x89"),
        ("é: ".encode() + b"\xe4", (1, 4), "0xe4"),
        (b"\xef\xbb\xbfab\xff", (1, 3), "0xff"),
    ],
    ids=["utf-16", "binary", "after a wide character", "after a byte order mark"],
)
def test_not_utf8(raw: bytes, where: tuple[int, int], byte: str) -> None:
    """Bytes that are not UTF-8 are refused at their line and column, with the byte."""
    found = refusal(lambda: read_yaml(raw, ""))
    assert found[0] == where
    assert byte in found[1]


def test_byte_order_mark_is_skipped() -> None:
    """A byte order mark before the text is no part of it."""
    assert read_yaml(b"\xef\xbb\xbfa: 1", "").data == {"a": 1}


@pytest.mark.parametrize(
    ("text", "where", "shown"),
    [("a: b\x07", (1, 5), "\\x07"), ("a: 1\nb: \0", (2, 4), "\\x00"), ("é: é\x07", (1, 5), "\\x07")],
)
def test_control_characters(text: str, where: tuple[int, int], shown: str) -> None:
    """A character that YAML forbids is shown escaped, at its line and column in characters."""
    found = refusal(lambda: read_yaml(text, ""))
    assert found[0] == where
    assert shown in found[1]


def test_half_a_surrogate_pair() -> None:
    """Text that can't be encoded is refused, not crashed on."""
    assert refusal(lambda: read_yaml("a: \ud800", ""))[1].endswith(".")


@pytest.mark.parametrize("suffix", [".yaml", ".yml"])
def test_read_yaml_file(tmp_path: Path, suffix: str) -> None:
    """A file of any suffix but .json is read as YAML."""
    path = tmp_path / f"a{suffix}"
    path.write_text("{a: on the way}")
    assert read_file(path, "here").data == {"a": "on the way"}


def test_read_json_file(tmp_path: Path) -> None:
    """A .json file is read as JSON, so YAML in it is refused."""
    path = tmp_path / "a.json"
    path.write_text("{a: 1}")
    assert "not JSON" in refusal(lambda: read_file(path, "here"))[1]


def test_size(tmp_path: Path) -> None:
    """A file or text of 1 MiB is read, one byte more is refused with its size."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1 #".ljust(MAX_BYTES, b"#"))
    assert read_file(path, "").data == {"a": 1}
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    sources = (("file", lambda: read_file(path, "")), ("text", lambda: read_yaml("#" * (MAX_BYTES + 1), "")))
    for what, reading in sources:
        said = f"The {what} has {MAX_BYTES + 1} bytes; a scenario has at most {MAX_BYTES}."
        assert refusal(reading) == ((1, 1), said)


def test_unreadable_paths(tmp_path: Path) -> None:
    """A missing file, a folder and a name that the system refuses are each said in words, on every Python alike."""
    assert refusal(lambda: read_file(tmp_path / "none.yaml", "")) == ((1, 1), "There is no such file.")
    assert refusal(lambda: read_file(tmp_path, "")) == ((1, 1), "This is not a file.")
    (tmp_path / "file").touch()
    assert refusal(lambda: read_file(tmp_path / "file" / "a", ""))[1] == "There is no such file."
    assert refusal(lambda: read_file(tmp_path / "a\0b", ""))[1] == "There is no such file."
    assert refusal(lambda: read_file(tmp_path / ("a" * 300), ""))[1] == "The file can't be read: File name too long."
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(lambda: read_file(tmp_path / "loop", ""))[1].startswith("The file can't be read: Too many levels")


@pytest.mark.parametrize("path", ["none.yaml", "."])
def test_from_file_names_the_file(tmp_path: Path, path: str) -> None:
    """A file that can't be read is named in the error."""
    with pytest.raises(ScenarioError) as caught:
        scenario.from_file(tmp_path / path)
    assert str(caught.value).startswith(f"{tmp_path / path}:1:1: error: ")


def loads(text: str | bytes, form: str = "yaml") -> None:
    """Load a scenario; only a ScenarioError, which lists its problems, may say that it can't be."""
    refused: Sequence[Problem] = ()
    loaded = None
    try:
        loaded = scenario.from_text(text, form=form)
    except ScenarioError as error:
        refused = error.problems
    assert (loaded is None) == bool(refused)


@settings(derandomize=True, deadline=None, max_examples=examples(300))
@given(st.one_of(st.binary(max_size=200), st.text(st.characters(), max_size=100)), st.sampled_from(["yaml", "json"]))
@example("\ud800", "yaml")
def test_any_bytes(text: str | bytes, form: str) -> None:
    """Whatever stands in a file, loading it raises nothing but a ScenarioError."""
    loads(text, form)


TOKENS = [
    "version: 1\n", "api: clado\n", "api: orbit\n", "progression:", "status: completed\n", "after: {polls: 1}\n",
    "  ", "\n", "- ", ": ", "? ", "[", "]", "{", "}", ", ", "&a ", "*a ", "!!str ", "|\n", ">-\n", "'", '"', "#",
    "---\n", "...\n", "<<: ", "%YAML 1.1\n", "1e3", "0755", ".nan", "9" * 30, "2026-01-01", "null", "~", "é", "\t",
    "\\", "faults:", "delay: 2s", "\x00", "\x85", "\u2028", "on", "when: {request: 1}\n", "more: ",
    "results: {count: 2}\n",
]  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=examples(300))
@given(st.lists(st.sampled_from(TOKENS), max_size=40).map("".join))
def test_any_yaml(text: str) -> None:
    """Any sequence of YAML's own signs raises nothing but a ScenarioError."""
    loads(text)


@settings(derandomize=True, deadline=None, max_examples=examples(300))
@given(st.data())
def test_mutated_scenarios(data: st.DataObject) -> None:
    """A bundled file with pieces cut out and put in raises nothing but a ScenarioError."""
    text = bytearray(data.draw(st.sampled_from(BUNDLED)))
    pieces = st.one_of(st.sampled_from(TOKENS).map(str.encode), st.binary(max_size=4))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        text[start : start + data.draw(st.integers(0, 12))] = data.draw(pieces)
    loads(bytes(text))


@settings(derandomize=True, deadline=None, max_examples=examples(200))
@given(st.dictionaries(st.sampled_from(["version", "api", "progression", "faults", "results", "more", "x"]), NEST))
def test_any_object(value: dict[str, Any]) -> None:
    """Any JSON-like object raises nothing but a ScenarioError."""
    with suppress(ScenarioError):
        assert scenario.from_mapping({"version": 1, "api": "clado", **value}).progression
