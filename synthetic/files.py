"""Bytes on disk: text and parquet that come out the same each time from the same values.

A file is made of pieces, one for each chunk of the world. A piece of text is compressed as a gzip member of its own, and members one after another
are a gzip file, so that the pieces are compressed where they are made.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from .tables import Text

ROW_GROUP = 250_000  # rows of a parquet file held in memory at a time


def text_lines(columns: Sequence[Text], delimiter: str) -> bytes:
    """The rows as delimited text, each ended by a line feed. Nothing is quoted, so no value may hold the delimiter."""
    table = pa.table([column.arrow() for column in columns], names=[str(number) for number in range(len(columns))])
    out = pa.BufferOutputStream()
    pc.write_csv(table, out, pc.WriteOptions(include_header=False, delimiter=delimiter, quoting_style="none"))
    return out.getvalue().to_pybytes()


def encoded(text: bytes, newline: str, encoding: str) -> bytes:
    """Text in another encoding, with other ends of lines."""
    if newline != "\n":
        text = text.replace(b"\n", newline.encode("ascii"))
    return text if encoding == "utf-8" else text.decode("utf-8").encode(encoding)


def packed(data: bytes, level: int) -> bytes:
    """One gzip member, without name or time in its header."""
    return gzip.compress(data, compresslevel=level, mtime=0)


def arrow_table(columns: Sequence[Text], header: Sequence[str]) -> pa.Table:
    """The rows for a parquet file; every column is text."""
    return pa.table([column.arrow() for column in columns], names=list(header))


def write_piece(path: Path, table: pa.Table) -> None:
    """A parquet file of a chunk."""
    pq.write_table(table, path, compression="zstd", compression_level=1, write_statistics=False)


def join_parquet(path: Path, pieces: Iterable[Path], level: int = 1) -> None:
    """Put parquet pieces together in their order, without more than some rows in memory, and delete them."""
    writer, held, rows = None, [], 0

    def flush() -> None:
        nonlocal writer, held, rows
        if held:
            table = pa.concat_tables(held).unify_dictionaries().combine_chunks()
            if writer is None:
                writer = pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=level, version="2.6", write_statistics=False, store_schema=False)
            writer.write_table(table)
            held, rows = [], 0

    for piece in pieces:
        table = pq.read_table(piece)
        piece.unlink()
        held.append(table)
        rows += table.num_rows
        if rows >= ROW_GROUP:
            flush()
    flush()
    if writer is not None:
        writer.close()
