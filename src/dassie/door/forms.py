"""Parameters of a request: query string, form, multipart and JSON are equal, `a[]` and `a[b]` are lists and
objects (limits_and_rules section 2). Everything is bounded, and reading a value either gives it or says what it takes.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from python_multipart.multipart import MultipartParser, parse_options_header

from dassie.domain.errors import BadRequest, Invalid, TooLarge
from dassie.domain.ids import MAX_ID, parse_id
from dassie.door.request import Request
from dassie.door.taking import Kind, Take

CHECKED = False
"""Whether reading what a route does not declare is an error of ours: on in tests."""
Declared = Mapping[str, Take]
MAX_FIELDS = 1000
MAX_DEPTH = 5
MAX_TEXT_BODY = 1_000_000
MAX_FIELD_BYTES = 200_000
FALSE_WORDS = frozenset({"0", "f", "F", "false", "FALSE", "off", "OFF", "False"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request; deleted with it unless somebody moves it away."""

    path: Path
    filename: str
    content_type: str
    size: int


class Undeclared(AssertionError):
    """A call read a parameter that its route does not declare, or not so."""


class Params(Mapping[str, Any]):
    """The parameters, nested; `text`, `flag`, `integer` … read one and check it. `declared`: what the route takes."""

    __slots__ = ("_declared", "_values", "files")

    def __init__(
        self, values: dict[str, Any], files: list[Path] | None = None, declared: Declared | None = None
    ) -> None:
        self._values = values
        self._declared = declared
        self.files = files or []

    def __getitem__(self, name: str) -> Any:
        if CHECKED:
            self._check(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def text(self, name: str, *, required: bool = False, most: int = 100_000) -> str | None:
        """A text; None where it was not given. NUL and lone surrogates are taken out."""
        value = self._read(name, "text", "word", "id", "time", most=None if most == 100_000 else most)
        return _text(name, value, required=required, most=most)

    def word(self, name: str, allowed: frozenset[str] | set[str]) -> str | None:
        """One of a few words."""
        text = _text(name, self._read(name, "word", words=allowed))
        if text is None or text == "":
            return None
        if text not in allowed:
            raise Invalid(f"Validation failed: {name} must be one of {', '.join(sorted(allowed))}")
        return text

    def flag(self, name: str) -> bool | None:
        """A boolean in any of Rails' spellings; None where it was not given or empty."""
        value = self._read(name, "flag")
        if value is None or value == "":
            return None
        if isinstance(value, (bool, int, float)):
            return bool(value)
        return str(value) not in FALSE_WORDS

    def integer(self, name: str, *, least: int | None = None, most: int | None = None) -> int | None:
        """A whole number, held within bounds."""
        return _integer(name, self._read(name, "integer", "limit", least=least, most=most), least, most)

    def limit(self, default: int, most: int) -> int:
        """How many are wanted, held to the most there may be."""
        found = _integer("limit", self._read("limit", "limit", least=default, most=most), -MAX_ID, MAX_ID)
        return default if found is None else min(abs(found), most)

    def id(self, name: str) -> int | None:
        """An id; None where it was not given."""
        value = self._read(name, "id")
        if value is None or value == "":
            return None
        number = parse_id(str(value))
        if number is None:
            raise Invalid(f"Validation failed: {name} is not an id")
        return number

    def items(self, name: str) -> list[Any]:  # type: ignore[override]
        """A list; a single value counts as a list of one, an object by index as its values in order."""
        value = self._read(name, "texts", "words", "ids", "objects")
        if value is None or value == "":
            return []
        if isinstance(value, list):
            return value[:MAX_FIELDS]
        if isinstance(value, dict):
            return [value[key] for key in sorted(value, key=_index)]
        return [value]

    def texts(self, name: str, *, most: int = MAX_FIELDS) -> list[str]:
        """A list of texts."""
        found = self.items(name)
        if len(found) > most:
            raise Invalid(f"Validation failed: {name} takes at most {most} values")
        return [clean(str(item)) for item in found if not isinstance(item, (dict, list, Upload)) and item is not None]

    def ids(self, name: str, *, most: int = 80) -> list[int]:
        """A list of ids; what cannot be one is left out."""
        found = [parse_id(text) for text in self.texts(name)]
        ids = list(dict.fromkeys(id for id in found if id is not None))
        if len(ids) > most:
            raise Invalid(f"Validation failed: {name} takes at most {most} values")
        return ids

    def child(self, name: str) -> Params | None:
        """An object inside."""
        value = self._read(name, "object")
        return Params(value, declared=self._inside(name)) if isinstance(value, dict) else None

    def children(self, name: str) -> list[Params]:
        """A list of objects."""
        inside = self._inside(name)
        return [Params(item, declared=inside) for item in self.items(name) if isinstance(item, dict)]

    def file(self, name: str) -> Upload | None:
        """An uploaded file."""
        value = self._read(name, "file")
        return value if isinstance(value, Upload) else None

    def time(self, name: str) -> datetime | None:
        """A time in RFC 3339 or ISO 8601; UTC where no zone is given."""
        text = _text(name, self._read(name, "time"))
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text.strip())
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise Invalid(f"Validation failed: {name} is not a date") from None

    def _read(
        self,
        name: str,
        *kinds: Kind,
        least: int | None = None,
        most: int | None = None,
        words: frozenset[str] | set[str] | None = None,
    ) -> Any:
        if CHECKED:
            self._check(name, kinds, least, most, words)
        return self._values.get(name)

    def _check(
        self,
        name: str,
        kinds: tuple[Kind, ...] = (),
        least: int | None = None,
        most: int | None = None,
        words: frozenset[str] | set[str] | None = None,
    ) -> None:
        if self._declared is None:
            return
        take = self._declared.get(name)
        if take is None:
            raise Undeclared(f"`{name}` is read, but the route does not take it: see door/taking.py")
        if kinds and take.kind not in kinds:
            raise Undeclared(f"`{name}` is declared as {take.kind}, and read as {kinds[0]}")
        declared_least = take.default if take.kind == "limit" else take.least
        bounded = take.kind in ("integer", "limit") and kinds[:1] == (take.kind,)
        if (bounded and declared_least != least) or (
            most is not None and take.most != most and (bounded or take.kind != "limit")
        ):
            says = f"declared from {declared_least} to {take.most}, and read from {least} to {most}"
            raise Undeclared(f"`{name}` is {says}")
        if words is not None and set(take.words) != words:
            raise Undeclared(f"`{name}` is declared as one of {take.words}, and read as one of {sorted(words)}")

    def _inside(self, name: str) -> Declared | None:
        """What an object of this name may hold; None: anything."""
        take = (self._declared or {}).get(name)
        return {one.name: one for one in take.inside} if take is not None and take.inside else None

    def discard_files(self) -> None:
        """Delete uploads that nobody moved away."""
        for path in self.files:
            path.unlink(missing_ok=True)


def clean(text: str) -> str:
    """A text without what no database and no page can hold: NUL and lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text


def _text(name: str, value: Any, *, required: bool = False, most: int = 100_000) -> str | None:
    if isinstance(value, bool) or value is None or isinstance(value, (dict, list, Upload)):
        if required or isinstance(value, (dict, list)):
            raise _missing(name) if value is None else Invalid(f"Validation failed: {name} must be a text")
        return None
    text = clean(str(value))
    if len(text) > most:
        raise Invalid(f"Validation failed: {name} is too long (maximum is {most} characters)")
    if required and not text.strip():
        raise _missing(name)
    return text


def _integer(name: str, value: Any, least: int | None, most: int | None) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise Invalid(f"Validation failed: {name} is not a number")
    try:
        number = int(value) if not isinstance(value, str) else int(value.strip()[:20])
    except (ValueError, TypeError, OverflowError):
        raise Invalid(f"Validation failed: {name} is not a number") from None
    if (least is not None and number < least) or (most is not None and number > most):
        bounds = f"from {least} to {most}" if most is not None else f"at least {least}"
        raise Invalid(f"Validation failed: {name} must be {bounds}")
    return number


async def read_params(
    request: Request, *, upload_limit: int = 0, folder: Path | None = None, declared: Declared | None = None
) -> Params:
    """All parameters of a request. Files are taken only where `upload_limit` (bytes) says so."""
    values: dict[str, Any] = {}
    _spread(values, _pairs(request.query))
    if request.method in ("HEAD", "OPTIONS") or "content-type" not in request.headers or not _has_body(request):
        return Params(values, declared=declared)
    kind, options = parse_options_header(request.headers["content-type"])
    if kind == b"application/json" or kind.endswith(b"+json"):
        _merge_json(values, await request.body(MAX_TEXT_BODY))
    elif kind == b"application/x-www-form-urlencoded":
        body = await request.body(MAX_TEXT_BODY)
        _spread(values, _pairs(body.decode("utf-8", "replace")))
    elif kind == b"multipart/form-data":
        boundary = options.get(b"boundary")
        if not boundary:
            raise BadRequest("The multipart body has no boundary.")
        form = _Form(boundary, upload_limit, folder)
        try:
            async for chunk in request.chunks(max(upload_limit, 0) * 2 + MAX_TEXT_BODY):
                form.write(chunk)
            form.end()
            _spread(values, form.pairs)
        except BaseException:
            form.discard()
            raise
        return Params(values, form.files, declared)
    return Params(values, declared=declared)


def _has_body(request: Request) -> bool:
    """Whether a body comes. Mastodon.py sends one with a GET, so that long lists of ids need not fit an address."""
    if request.method != "GET":
        return True
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _pairs(text: str) -> list[tuple[str, Any]]:
    if not text:
        return []
    try:
        return list(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace"))
    except ValueError:
        raise BadRequest(f"More than {MAX_FIELDS} parameters.") from None


def _merge_json(values: dict[str, Any], body: bytes) -> None:
    if not body.strip():
        return
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadRequest("The body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise BadRequest("The JSON body must be an object.")
    for key, value in found.items():
        values[key.removesuffix("[]")] = value


def _spread(values: dict[str, Any], pairs: list[tuple[str, Any]]) -> None:
    """Put `a[b][]=1` where it belongs."""
    for name, value in pairs:
        keys = name.replace("]", "").split("[")[: MAX_DEPTH + 1]
        while keys[-2:] == ["", ""]:
            keys.pop()  # Mastodon.py 2.3.3 answers several notification requests with `id[][]=`
        _place(values, keys, value)


def _place(values: dict[str, Any], keys: list[str], value: Any) -> None:
    here: Any = values
    for i, key in enumerate(keys):
        last = i == len(keys) - 1
        following = None if last else keys[i + 1]
        if isinstance(here, list):
            # a[][b]=1: a new object begins where the last one has that key already
            if last:
                here.append(value) if key == "" else None
                return
            if not here or not isinstance(here[-1], dict) or (following in here[-1]):
                here.append({})
            here = here[-1]
            continue
        if last:
            here[key] = value
            return
        made = here.get(key)
        if following == "":
            if not isinstance(made, list):
                made = here[key] = []
        elif not isinstance(made, dict):
            made = here[key] = {}
        here = made
        if following == "" and i + 1 == len(keys) - 1:
            here.append(value)
            return


def _index(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() and len(key) < 10 else (1 << 30, key)


def _missing(name: str) -> Invalid:
    return Invalid(f"Validation failed: {name} can't be blank", fields={name: [("ERR_BLANK", "can't be blank")]})


class _Form:
    """Collects a multipart body: fields in memory, files on disk, all bounded."""

    def __init__(self, boundary: bytes, upload_limit: int, folder: Path | None) -> None:
        self.pairs: list[tuple[str, Any]] = []
        self.files: list[Path] = []
        self._limit = upload_limit
        self._folder = folder
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._filename: str | None = None
        self._data = bytearray()
        self._file: Any = None
        self._size = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_part_data": self._part,
                "on_part_end": self._finish,
                "on_header_field": self._on_name,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header,
                "on_headers_finished": self._on_headers,
            },
        )

    def write(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except (ValueError, KeyError) as error:
            raise BadRequest("The multipart body cannot be read.") from error

    def end(self) -> None:
        try:
            self._parser.finalize()
        except ValueError as error:
            raise BadRequest("The multipart body ends too early.") from error

    def discard(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # on a full disk closing fails too
                self._file.close()
        for path in self.files:
            path.unlink(missing_ok=True)

    def _begin(self) -> None:
        if len(self.pairs) >= MAX_FIELDS:
            raise BadRequest(f"More than {MAX_FIELDS} parameters.")
        self._headers, self._data, self._filename, self._size = {}, bytearray(), None, 0

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        if len(self._header_value) > 8_000:
            raise BadRequest("A part of the multipart body has too long a header.")

    def _on_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options:
            self._filename = options[b"filename"].decode("utf-8", "replace")[:255]
            if self._limit <= 0 or self._folder is None:
                raise BadRequest("Files are not taken here.")
            descriptor, path = tempfile.mkstemp(dir=self._folder, prefix="upload-")
            self._file = os.fdopen(descriptor, "wb")
            self.files.append(Path(path))

    def _part(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is not None:
            if self._size > self._limit:
                raise TooLarge(f"The file is larger than {self._limit // 1_000_000} MB.")
            self._file.write(data[start:end])
        else:
            if self._size > MAX_FIELD_BYTES:
                raise TooLarge(f"The field {self._name} is too long.")
            self._data += data[start:end]

    def _finish(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            kind = self._headers.get(b"content-type", b"").decode("latin-1")
            upload = Upload(self.files[-1], self._filename or "", kind, self._size)
            if self._size or self._filename:
                self.pairs.append((self._name, upload))
        else:
            self.pairs.append((self._name, self._data.decode("utf-8", "replace")))
