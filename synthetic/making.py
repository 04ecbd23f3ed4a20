"""From chunks to folders: each chunk is lived, reported, cut into shares, dirtied and written as pieces; the pieces become the files.

Two processes make chunks. What a chunk holds depends on the seed and its number alone, and pieces are put together in the order of the chunks, so
the files do not depend on which process was faster. Memory does not grow with the size of the world: no more than a few chunks are alive at a time.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from .areas import load_areas
from .delivery import File, file_list, names_in, rows_of
from .dirt import LEDGER, MALFORMED, MALFORMED_RATE, RESTYLED, malformed_lines, plant_all
from .files import arrow_table, encoded, join_parquet, packed, text_lines, write_piece
from .people import Block, blocks
from .reporting import SHARES, Share, cut_share, make_returns
from .streams import Streams
from .truth import life_tables, pupil_truth, with_pupil_id, write_effects
from .truth_justice import justice_truth
from .truth_school import school_years
from .truth_social_care import social_care_tables
from .truth_timeline import timeline_truth
from .world import make_world

FOLDERS = {"first": "first_share", "all-episodes": "all_episodes_share"}
WORKERS = 2
SMALL = 100_000  # worlds up to this size are compressed as well as can be, larger ones quickly
# Bytes on disk for each pupil and share, measured at 150,000 pupils; the truth comes on top, and half as much again while pieces are put together.
BYTES_PER_PUPIL = {"": 800, "txt": 2900, "txt.gz": 720, "parquet": 720}
BYTES_OF_TRUTH, BYTES_OF_SCHOOL_YEARS = 160, 80


@dataclass(frozen=True)
class Plan:
    """What to make."""

    pupils: int
    seed: int
    shares: tuple[str, ...]
    out: Path
    areas: str = ""
    enrich: float = 1.0
    clean: bool = False
    file_format: str = ""
    rates: dict[str, float] = field(default_factory=dict)  # of dirt, by kind, where it is not the usual one
    losses: float = 1.0         # factor on the rates of dirt that takes a fact away for good
    truth: bool = True
    school_years: bool = False  # the truth of every pupil and school year as well; too large for the bundled sample
    deliver: bool = True

    def folder(self, share: str) -> Path:
        """Where a share goes: a folder of its own if both are made."""
        return self.out / FOLDERS[share] if len(self.shares) > 1 else self.out

    def level(self) -> int:
        """Strength of compression."""
        return 9 if self.pupils <= SMALL else 1

    def bytes_needed(self) -> int:
        """Estimate of the disk that the run needs at its fullest."""
        per_pupil = len(self.shares) * BYTES_PER_PUPIL[self.file_format] * self.deliver + BYTES_OF_TRUTH + self.school_years * BYTES_OF_SCHOOL_YEARS
        return int(self.pupils * per_pupil * (1.6 if self.file_format == "parquet" else 1.15)) + 2_000_000


@dataclass
class Piece:
    """Part of a file: bytes of text to append, or the path of a parquet file; and how many rows."""

    target: Path
    path: Path
    rows: int


def make_chunk(plan: Plan, block: Block, scratch: Path) -> tuple[list[Piece], pd.DataFrame]:
    """Make one chunk of the world and write its pieces.

    Returns:
        The pieces, and the chunk's part of the faults that reach over all chunks.
    """
    streams = Streams(plan.seed, block.number)
    world = make_world(block, plan.seed, plan.areas, plan.enrich)
    returns = make_returns(world, plan.seed)
    pieces: list[Piece] = []
    restyled = pd.DataFrame()
    cuts = {share: cut_share(returns, SHARES[share]) for share in plan.shares}
    ledgers = []
    if plan.deliver:
        for share, tables in cuts.items():
            if not plan.clean:
                tables, ledger = plant_all(tables, share, streams, world.people, plan.rates, plan.losses)
                ledgers.append(ledger.assign(share=share))
            for file in file_list(SHARES[share], plan.file_format):
                made, broken = write_rows(plan, file, SHARES[share], tables, streams, scratch)
                pieces += made
                ledgers += [broken.assign(share=share)] if len(broken) else []
    if plan.truth:
        of_shares = {FOLDERS[share]: (SHARES[share], tables) for share, tables in cuts.items()}
        truth = {"pupils": pupil_truth(world, returns, of_shares)}
        truth |= life_tables(world, returns) | social_care_tables(world, returns, of_shares)
        if plan.school_years:
            truth["school_years"] = with_pupil_id(school_years(world, returns.tables), world, returns)
        truth |= justice_truth(world, returns, {folder: tables for folder, (_, tables) in of_shares.items()})
        truth["at_risk_spells"] = timeline_truth(world, of_shares, truth["pupils"])
        if not plan.clean and ledgers:
            ledger = pd.concat(ledgers, ignore_index=True)
            ledger = ledger.astype({"cells": np.int64})[["share", *LEDGER]]
            whole = ledger["kind"].isin(RESTYLED)
            truth["dirt_ledger"], restyled = ledger[~whole], ledger[whole]
        for name, table in truth.items():
            if len(table):
                path = scratch / f"{block.number:06d}.truth.{name}"
                write_piece(path, truth_table(table))
                pieces.append(Piece(plan.out / "truth" / f"{name}.parquet", path, len(table)))
    return pieces, restyled


def restyled_piece(plan: Plan, parts: list[pd.DataFrame], scratch: Path) -> list[Piece]:
    """The faults that reach over all chunks, one ledger row each."""
    ledger = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if not len(ledger):
        return []
    names = [name for name in ledger.columns if name != "cells"]
    ledger = ledger.groupby(names, sort=False, as_index=False)["cells"].sum()
    path = scratch / "restyled.truth.dirt_ledger"
    write_piece(path, truth_table(ledger))
    return [Piece(plan.out / "truth" / "dirt_ledger.parquet", path, len(ledger))]


def truth_table(table: pd.DataFrame) -> pa.Table:
    """A table of the truth for parquet: the same types in every chunk."""
    arrays, names = [], []
    for name in table.columns:
        values = table[name]
        kind = values.dtype.kind if hasattr(values.dtype, "kind") else "O"
        if kind == "M":
            arrays.append(pa.array(values.to_numpy().astype("datetime64[D]"), pa.date32()))
        elif kind == "b":
            arrays.append(pa.array(values.to_numpy(), pa.bool_()))
        elif kind in "iu":
            arrays.append(pa.array(values.to_numpy(), pa.int64()))
        elif kind == "f":
            arrays.append(pa.array(values.to_numpy(), pa.float64(), from_pandas=True))
        else:
            texts = values.to_numpy(dtype=object)
            arrays.append(pa.array(texts, pa.string(), mask=texts == ""))
        names.append(name)
    return pa.table(arrays, names=names)


def write_rows(plan: Plan, file: File, share: Share, tables: dict, streams: Streams, scratch: Path) -> tuple[list[Piece], pd.DataFrame]:
    """Write the rows of a chunk that belong to one file, and tell which lines were broken."""
    stream = f"delivery.{share.name}.{file.name}"
    rng = streams.named(stream)
    rows = rows_of(file, tables[file.table], rng)
    broken = pd.DataFrame()
    target = plan.folder(share.name) / file.full_name
    names = names_in(file, share, streams.shared(stream))
    if not len(rows):
        return [], broken
    columns = [rows.columns[name] for name in names]
    path = scratch / f"{streams.chunk:06d}.{share.name}.{file.full_name}"
    if file.form.suffix == ".parquet":
        write_piece(path, arrow_table(columns, list(names.values())))
        return [Piece(target, path, len(rows))], broken
    text = text_lines(columns, file.form.delimiter)
    if file.breaks_lines and not plan.clean:
        lines, faults = malformed_lines(text.split(b"\n")[:-1], file.form.delimiter.encode(), rng, plan.rates.get(MALFORMED, MALFORMED_RATE), int(streams.chunk == 0))
        text = b"\n".join(lines) + b"\n"
        broken = pd.DataFrame([(file.table, MALFORMED, kind, file.full_name, line.decode("utf-8"), "", 1) for kind, line in faults], columns=LEDGER)
    data = encoded(text, file.form.newline, file.form.encoding)
    path.write_bytes(packed(data, plan.level()) if file.form.suffix.endswith(".gz") else data)
    return [Piece(target, path, len(rows))], broken


def header_of(plan: Plan, file: File, share: Share) -> bytes:
    """The first bytes of a text file."""
    names = names_in(file, share, Streams(plan.seed).shared(f"delivery.{share.name}.{file.name}"))
    line = (file.form.delimiter.join(names.values()) + file.form.newline).encode(file.form.encoding)
    data = (b"\xef\xbb\xbf" if file.form.bom else b"") + line
    return packed(data, plan.level()) if file.form.suffix.endswith(".gz") else data


class Progress:
    """A bar on the terminal, or now and then a line where there is none."""

    def __init__(self, total: int, quiet: bool = False) -> None:
        self.total, self.quiet, self.begun, self.said = total, quiet, time.monotonic(), -1.0

    def show(self, done: int, what: str = "chunks") -> None:
        """Say how far the run is."""
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if self.quiet or (done < self.total and now - self.said < (0.2 if terminal else 30)):
            return
        self.said = now
        share = done / max(self.total, 1)
        left = (now - self.begun) * (1 - share) / share if share else 0
        text = f"[{'#' * int(30 * share):<30}] {done}/{self.total} {what}, {now - self.begun:.0f} s, about {left:.0f} s left"
        print(f"\r{text}" if terminal else text, end="\n" if not terminal or done == self.total else "", file=sys.stderr, flush=True)


def run_all(tasks: list[tuple], work: Callable, workers: int) -> Iterator:
    """Results of `work(*task)` in the order of the tasks, a few tasks ahead at most."""
    if workers < 2 or len(tasks) < 3:
        for task in tasks:
            yield work(*task)
        return
    with ProcessPoolExecutor(max_workers=workers, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(work, *task) for task in tasks[:2 * workers]]
        for number in range(len(tasks)):
            result = waiting.pop(0).result()
            if number + 2 * workers < len(tasks):
                waiting.append(pool.submit(work, *tasks[number + 2 * workers]))
            yield result


def make(plan: Plan, quiet: bool = False, workers: int | None = None) -> dict[Path, int]:
    """Make a world and write everything.

    Returns:
        Rows of each file, headers aside.
    """
    for share in plan.shares if plan.deliver else ():
        plan.folder(share).mkdir(parents=True, exist_ok=True)
    if plan.truth:
        (plan.out / "truth").mkdir(parents=True, exist_ok=True)
        write_effects(plan.out / "truth", load_areas(plan.areas))
    workers = min(WORKERS, os.cpu_count() or 1) if workers is None else workers
    counts: dict[Path, int] = {}
    pieces_of: dict[Path, list[Path]] = {}
    scratch = Path(tempfile.mkdtemp(prefix=".pieces-", dir=plan.out))
    try:
        for share in plan.shares if plan.deliver else ():
            for file in file_list(SHARES[share], plan.file_format):
                target = plan.folder(share) / file.full_name
                counts[target] = 0
                if file.form.suffix != ".parquet":
                    target.write_bytes(header_of(plan, file, SHARES[share]))
        chunks = blocks(plan.pupils)
        progress = Progress(len(chunks), quiet)
        restyled: list[pd.DataFrame] = []
        for done, (pieces, whole_years) in enumerate(run_all([(plan, block, scratch) for block in chunks], make_chunk, workers), start=1):
            restyled.append(whole_years)
            if done == len(chunks):
                pieces = [*pieces, *restyled_piece(plan, restyled, scratch)]
            for piece in pieces:
                counts[piece.target] = counts.get(piece.target, 0) + piece.rows
                if piece.target.suffix == ".parquet":
                    pieces_of.setdefault(piece.target, []).append(piece.path)
                else:
                    with open(piece.target, "ab") as file, open(piece.path, "rb") as part:
                        shutil.copyfileobj(part, file, 1 << 20)
                    piece.path.unlink()
            progress.show(done)
        joining = [(target, paths, 1 if plan.pupils > SMALL else 19) for target, paths in sorted(pieces_of.items(), key=lambda item: -counts[item[0]])]
        progress = Progress(len(joining), quiet or len(chunks) < 3)
        for done, _ in enumerate(run_all(joining, join_parquet, workers if len(chunks) > 2 else 1), start=1):
            progress.show(done, "parquet files")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for target in [target for target, rows in counts.items() if not rows]:
        target.unlink(missing_ok=True)
        del counts[target]
    return counts


__all__ = ["FOLDERS", "Plan", "make"]
