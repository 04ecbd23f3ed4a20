"""A look at the files of an extract before the database reads them.

dbt-duckdb loads this module as a plugin (see ``profiles/profiles.yml``). It adds two functions to the DuckDB
connection that return JSON text, which the macro ``register_extract`` calls:

* ``list_extract_folder(folder)``: the names of the files in the folder;
* ``inspect_extract_file(path, with_digest)``: how one file is written (encoding, delimiter, header), or what is wrong with it.

A third, ``prepare_copy(path)``, makes room for the columnar copy of a file where such copies are kept.

A file is looked at from end to end, once, in chunks: a truncated archive or a stray Latin-1 byte is found here and
named, rather than in the middle of a model with a row of data in the message. No value of any row is ever returned: only
the header, counts and one-sentence problems.
"""

from __future__ import annotations

import codecs
import csv
import glob
import gzip
import hashlib
import json
import os
import re
import zlib
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

CHUNK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 18
SAMPLE_LINES = 1000
# Up to this share of sampled rows may differ from the header in their number of fields; above it, the delimiter is wrong.
MAX_MISFIT_SHARE = 0.5
# Bytes that no character of Latin-1 has; Windows-1252 writes its dashes and curly quotes with them.
NOT_LATIN_1 = bytes(range(0x80, 0xA0))
# How files begin that hold no text, whatever their name says.
NO_TEXT = {
    b"\x1f\x8b": ("a gzip archive", "name it .txt.gz, or unpack it where an archive is in an archive"),
    b"PK\x03\x04": ("a zip archive or a workbook", "unpack it, or save it as text"),
    b"PAR1": ("Parquet", "name it .parquet"),
}
UNSUPPORTED_DELIMITERS = {";": "semicolon", "|": "pipe"}


class FileProblem(Exception):
    """One sentence on what is wrong with a file and what to do about it."""


def list_extract_folder(folder: str) -> str:
    """List the files of an extract folder.

    Args:
        folder: path of the folder.

    Returns:
        JSON object: ``files``, the sorted names of its files and, with a slash behind them, of its folders (hidden ones left
        out), and ``problem``, a sentence or null.
    """
    path = Path(folder).expanduser()  # as DuckDB reads a path
    if not path.is_dir():
        return json.dumps({"files": [], "problem": "the folder does not exist: set MOJ_DFE_EXTRACT to the extract's folder"})
    try:
        names = sorted(entry.name + "/" * entry.is_dir() for entry in os.scandir(path) if not entry.name.startswith("."))
    except OSError as error:
        return json.dumps({"files": [], "problem": f"the folder cannot be listed ({error.strerror}): ask for read access"})
    return json.dumps({"files": names, "problem": None})


def inspect_extract_file(path: str, with_digest: bool) -> str:
    """Describe how one file of an extract is written.

    Args:
        path: path of a ``.txt``, ``.csv``, ``.txt.gz``, ``.csv.gz`` or ``.parquet`` file.
        with_digest: whether to tell what a text file holds by a digest of its bytes, which costs about a second per gigabyte.

    Returns:
        JSON object: ``kind`` (``text`` or ``parquet``), ``columns`` (the header, in order), ``bytes`` (size on disk),
        ``modified`` (UTC); for Parquet also ``types`` (column to type); for text also ``header`` (its line, as it is read), ``encoding`` (``utf-8`` or ``latin-1``),
        ``delimiter`` (tab or comma), ``is_quoted`` (values may stand in double quotes), ``has_nul`` (holds NUL bytes),
        ``has_nbsp`` (may hold no-break spaces), ``ends_with_line`` (its last line is ended) and ``digest`` (null where it is not wanted); and ``problem``, a sentence or null.
    """
    file = Path(path).expanduser()
    try:
        description = _inspect_parquet(file) if file.suffix.lower() == ".parquet" else _inspect_text(file, with_digest)
        status = file.stat()
        description["bytes"] = status.st_size
        description["modified"] = datetime.fromtimestamp(status.st_mtime, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        description["problem"] = None
    except FileProblem as problem:
        description = {"problem": str(problem)}
    except (EOFError, gzip.BadGzipFile, zlib.error):
        description = {"problem": "the .gz archive is damaged or cut short: copy the file again, or ask for it to be sent again"}
    except OSError as error:
        description = {"problem": f"the file cannot be read ({error.strerror}): check that you may read it"}
    return json.dumps(description)


def _inspect_parquet(file: Path) -> dict:
    path = glob.escape(str(file))
    with duckdb.connect() as connection:
        try:
            relation = connection.execute("describe select * from read_parquet(?, hive_partitioning = false)", [path])
            types = {row[0]: row[1] for row in relation.fetchall()}
            n_rows = connection.execute("select count(*) from read_parquet(?)", [path]).fetchone()[0]
        except duckdb.Error as error:
            raise FileProblem("the file is not readable as Parquet: copy it again, or ask for it to be sent again") from error
    if n_rows == 0:
        raise FileProblem(_NO_ROWS)
    return {"kind": "parquet", "columns": list(types), "types": types}


_NO_ROWS = (
    "the file holds a header and no rows: ask for it again, or take it out of the folder, so that its table counts as "
    "not supplied"
)


def _inspect_text(file: Path, with_digest: bool) -> dict:
    digest = hashlib.blake2b(digest_size=16) if with_digest else None
    seen = _read_through(file, digest)
    for start, (kind, remedy) in NO_TEXT.items():
        if seen.sample.startswith(start):
            raise FileProblem(f"its name says text, and it holds {kind}: {remedy}")
    if seen.encoding is None:
        raise FileProblem("the file is written in Windows-1252, or in another encoding than UTF-8 and Latin-1: save it as UTF-8")
    text = seen.sample.removeprefix(codecs.BOM_UTF8).decode(seen.encoding, errors="ignore").replace("\0", "").replace("\xa0", " ")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(seen.sample) == SAMPLE_BYTES:
        lines.pop()  # most likely the first half of a line
    header, *rows = lines or [""]
    if not header.strip():
        raise FileProblem("the first line is empty: the file must begin with a line of column names")
    if not any(row.strip() for row in rows):
        raise FileProblem(_NO_ROWS)

    delimiter = "\t" if "\t" in header else ","
    if delimiter not in header:
        found = [name for mark, name in UNSUPPORTED_DELIMITERS.items() if mark in header]
        looks = f"looks {found[0]}-delimited" if found else "has neither tabs nor commas in its first line"
        raise FileProblem(f"the file {looks}: save it as tab- or comma-delimited text with a header line")
    # Tab-delimited deliveries follow no quoting convention, unless even the header is quoted (R's write.table).
    is_quoted = header.startswith('"') or (delimiter == "," and seen.has_quote)
    columns = _split(header, delimiter, is_quoted)
    _check_width(rows, len(columns), delimiter, is_quoted)
    return {
        "kind": "text",
        "header": header,
        "columns": [column.strip() for column in columns],
        "encoding": seen.encoding,
        "delimiter": delimiter,
        "is_quoted": is_quoted,
        "has_nul": seen.has_nul,
        "has_nbsp": seen.has_nbsp,
        "ends_with_line": seen.ends_with_line,
        "digest": digest and digest.hexdigest(),
    }


class _Bytes(NamedTuple):
    """What the bytes of a text file show."""

    sample: bytes  # the first of them
    encoding: str | None  # utf-8 or latin-1, None where it can be neither
    has_nul: bool
    has_nbsp: bool  # perhaps a no-break space
    has_quote: bool
    ends_with_line: bool


def _read_through(file: Path, digest: hashlib.blake2b | None) -> _Bytes:
    """Read a text file to its end, through a digest."""
    sample = b""
    has_nul = False
    has_nbsp = False
    has_c1 = False
    has_quote = False
    is_utf8 = True
    decoder = codecs.getincrementaldecoder("utf-8")()
    pending = False  # the decoder holds the first half of a character
    last = b""
    for chunk in _chunks(file):
        if digest:
            digest.update(chunk)
        if len(sample) < SAMPLE_BYTES:
            sample += chunk[: SAMPLE_BYTES - len(sample)]
        last = (last + chunk[-2:])[-2:]
        has_nul = has_nul or b"\0" in chunk
        has_nbsp = has_nbsp or b"\xa0" in chunk  # the whole of it in Latin-1, its last byte in UTF-8, where other letters end so too
        has_quote = has_quote or b'"' in chunk
        is_ascii = chunk.isascii()
        has_c1 = has_c1 or not is_ascii and len(chunk.translate(None, NOT_LATIN_1)) < len(chunk)
        if is_utf8 and (pending or not is_ascii):
            try:
                decoder.decode(chunk)
                pending = decoder.getstate()[0] != b""
            except UnicodeDecodeError:
                is_utf8 = False
    ends_with_line = last.strip(b"\0")[-1:] in (b"\n", b"\r")
    encoding = "utf-8" if is_utf8 and not pending else None if has_c1 else "latin-1"
    return _Bytes(sample, encoding, has_nul, has_nbsp, has_quote, ends_with_line)


def _chunks(file: Path) -> Iterator[bytes]:
    opener = gzip.open if file.suffix.lower() == ".gz" else open
    with opener(file, "rb") as handle:
        while chunk := handle.read(CHUNK_BYTES):
            yield chunk


def _split(line: str, delimiter: str, is_quoted: bool) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter)) if is_quoted else line.split(delimiter)


def _check_width(rows: list[str], width: int, delimiter: str, is_quoted: bool) -> None:
    """Raise if the sampled rows do not split into as many fields as the header; a few may (they are counted later)."""
    complete = [row for row in rows[:SAMPLE_LINES] if row.strip()]
    misfits = sum(len(_split(row, delimiter, is_quoted)) != width for row in complete)
    if complete and misfits > MAX_MISFIT_SHARE * len(complete):
        mark = "tabs" if delimiter == "\t" else "commas"
        raise FileProblem(
            f"the header splits at {mark} into {width} columns, but {misfits} of the first {len(complete)} rows do not: "
            "the rows are delimited in another way, or the file is damaged; save it again with one delimiter throughout"
        )


def prepare_copy(path: str) -> bool:
    """Make the folder of a columnar copy, and remove the copies of what the same file held before.

    Args:
        path: path of the copy, ``FILE.DIGEST.parquet``.

    Returns:
        Whether the copy has still to be written: also where one was cut short.
    """
    copy = Path(path).expanduser()
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(copy.parent, os.W_OK):
            raise PermissionError(None, "no permission to write")
    except OSError as error:
        raise FileProblem(f"MOJ_DFE_CACHE, {copy.parent}, cannot be used ({error.strerror}): set it to a folder that can be written") from None
    copies = re.compile(re.escape(copy.name.rsplit(".", 2)[0]) + r"\.[0-9a-f]{32}\.parquet")
    for other in copy.parent.iterdir():
        if other != copy and copies.fullmatch(other.name):
            other.unlink()
    return not (copy.exists() and _is_whole_parquet(copy))


def _is_whole_parquet(file: Path) -> bool:
    with file.open("rb") as handle:
        first = handle.read(4)
        handle.seek(-min(4, file.stat().st_size), 2)
        return first == handle.read(4) == b"PAR1"


class Plugin(BasePlugin):
    """Adds the functions of this module to each DuckDB connection that dbt opens."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Try the settings before dbt uses them, which shows its own pages of code where one is wrong."""
        memory_limit = creds.settings["memory_limit"]
        try:
            duckdb.connect(config={"memory_limit": memory_limit}).close()
        except duckdb.Error as error:
            raise DbtRuntimeError(f"MOJ_DFE_MEMORY_LIMIT is {memory_limit}: set it to a number with a unit, such as 8GB ({error})") from None
        try:
            duckdb.connect(creds.path, config=config).close()
        except duckdb.Error as error:
            raise DbtRuntimeError(
                f"the database {creds.path} cannot be opened for writing: close the sessions that have it open, or set MOJ_DFE_DATABASE to "
                f"another file, in a folder that is there ({error})"
            ) from None

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        conn.create_function("list_extract_folder", list_extract_folder, ["VARCHAR"], "VARCHAR", side_effects=True)
        conn.create_function("inspect_extract_file", inspect_extract_file, ["VARCHAR", "BOOLEAN"], "VARCHAR", side_effects=True)
        conn.create_function("prepare_copy", prepare_copy, ["VARCHAR"], "BOOLEAN", side_effects=True)
