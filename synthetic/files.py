"""Bytes on disk: text and parquet files that come out the same each time from the same values."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_text(path: Path, header: Sequence[str], columns: Sequence[Sequence[str]], delimiter: str = "\t", newline: str = "\n", bom: bool = False,
               encoding: str = "utf-8", edit_lines: Callable[[list[str]], list[str]] | None = None) -> None:
    """Write delimited text, compressed where the name ends in `.gz`. Nothing is quoted.

    Args:
        path: file to write.
        header: column names.
        columns: the values of each column, as text, all of one length.
        delimiter: one character that no value holds.
        newline: ends every line, the last one too.
        bom: begin with the byte order mark of UTF-8.
        encoding: of the text.
        edit_lines: changes the data lines (without their ends) just before they are written.
    """
    for values in [header, *columns]:
        if any(delimiter in value or "\n" in value or "\r" in value for value in set(values)):
            raise ValueError(f"{path.name}: a value holds the delimiter or the end of a line")
    lines = [delimiter.join(row) for row in zip(*columns)]
    if edit_lines:
        lines = edit_lines(lines)
    text = newline.join([delimiter.join(header), *lines]) + newline
    data = (b"\xef\xbb\xbf" if bom else b"") + text.encode(encoding)
    with open(path, "wb") as file:
        if path.suffix == ".gz":
            # No name and no time in the header, so that the same text gives the same bytes.
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                packed.write(data)
        else:
            file.write(data)


def write_parquet(path: Path, header: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
    """Write a parquet file in which every column is text."""
    table = pa.table({name: pa.array(list(values), pa.string()) for name, values in zip(header, columns)})
    pq.write_table(table, path, version="2.6", compression="zstd", use_dictionary=True, write_statistics=False, store_schema=False)
