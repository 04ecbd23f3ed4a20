"""Command line: `python -m synthetic --pupils N --share first|all-episodes|both --seed S --out FOLDER`, and `python -m synthetic report`."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from .areas import SAMPLE_AREA_TEXT, load_areas
from .delivery import FORMATS, file_list
from .dirt import KINDS
from .making import Plan, make
from .reporting import SHARES

SAMPLE_PUPILS, SAMPLE_ENRICH, SEED = 2450, 2.5, 1989   # of the bundled sample
MOST_PUPILS = 50_000_000
DATA_SUFFIXES = (".txt", ".csv", ".gz", ".parquet")


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}\n")


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """An argument type: whole numbers from `least` to `most`."""

    def convert(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"a whole number from {least} to {most} is wanted, not {text!r}")
        return int(text)

    return convert


def factor(text: str) -> float:
    """An argument type: a number from 0.01 to 20."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.01 <= value <= 20:
        raise argparse.ArgumentTypeError(f"a number from 0.01 to 20 is wanted, not {text!r}")
    return value


def dirt_rate(text: str) -> tuple[str, float]:
    """An argument type: a kind of dirt and its rate, such as missing_pmr=0.1."""
    kind, _, rate = text.partition("=")
    if kind not in KINDS:
        raise argparse.ArgumentTypeError(f"no kind of dirt is called {kind!r}; the kinds are {', '.join(KINDS)}")
    try:
        value = float(rate)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"a rate from 0 to 1 is wanted after {kind}=, not {rate!r}")
    return kind, value


def areas_text(text: str) -> str:
    """An argument type: codes or regions separated by commas, or `all`."""
    wanted = "" if text == "all" else text
    try:
        load_areas(wanted)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return wanted


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line; exits with code 2 and one line where it is wrong."""
    parser = Parser(prog="synthetic", description="Write a synthetic England in the form of the linked education, social care and justice data.",
                    epilog="`python -m synthetic report` compares a world with published figures; see its own --help.")
    parser.add_argument("--pupils", type=whole_number(1, MOST_PUPILS), metavar="N",
                        help=f"pupils of the whole world; without it the bundled sample is written ({SAMPLE_PUPILS} pupils of two regions)")
    parser.add_argument("--share", choices=[*SHARES, "both"], default="both",
                        help="first: last episode of each year; all-episodes; both: each in a folder of its own (default)")
    parser.add_argument("--seed", type=whole_number(0, 2**63 - 1), default=SEED, metavar="S", help="the same seed gives the same files (default %(default)s)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the files go; made if it does not exist")
    parser.add_argument("--format", choices=FORMATS, default="", dest="file_format", help="one form for all files; by default they come in many forms")
    parser.add_argument("--areas", type=areas_text, metavar="LIST", help="local authority codes or regions, separated by commas; all (default with --pupils)")
    parser.add_argument("--enrich", type=factor, metavar="X", help="factor on every rate of social care (default 1; the sample has %s)" % SAMPLE_ENRICH)
    parser.add_argument("--clean", action="store_true", help="plant no dirt")
    parser.add_argument("--dirt", type=dirt_rate, action="append", default=[], metavar="KIND=RATE", help="another rate for a kind of dirt; may be repeated")
    parser.add_argument("--losses", type=factor, default=1.0, metavar="X",
                        help="factor on the rates of the kinds of dirt that take a fact away for good (default 1; the tests also use 20)")
    parser.add_argument("--school-years", action="store_true", help="write the truth of every pupil and school year as well (truth/school_years.parquet)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser.parse_args(arguments)


def plan_of(options: argparse.Namespace) -> Plan:
    """What the arguments ask for."""
    sample = options.pupils is None
    return Plan(
        pupils=options.pupils or SAMPLE_PUPILS, seed=options.seed, shares=tuple(SHARES) if options.share == "both" else (options.share,), out=options.out,
        areas=options.areas if options.areas is not None else SAMPLE_AREA_TEXT if sample else "",
        enrich=options.enrich if options.enrich is not None else SAMPLE_ENRICH if sample else 1.0,
        clean=options.clean, file_format=options.file_format, rates=dict(options.dirt), losses=options.losses, school_years=options.school_years,
    )


def prepare(folder: Path, expected: set[str]) -> None:
    """Make the folder, and refuse one that holds data files of another run: an extract is all the files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted(path.name for path in folder.iterdir() if path.name.endswith(DATA_SUFFIXES) and path.name not in expected)
    if others:
        raise FileExistsError(None, f"it already holds {others[0]}, which this run would not write; choose an empty folder", str(folder))


def check_disk(plan: Plan) -> None:
    """Stop before a run that the disk cannot hold."""
    free, needed = shutil.disk_usage(plan.out).free, plan.bytes_needed()
    if needed > free:
        raise OSError(None, f"about {needed / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB are free", str(plan.out))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["report"]:
        from .report import main as report
        return report(arguments[1:])
    options = parse_arguments(arguments)
    plan = plan_of(options)
    try:
        plan.out.mkdir(parents=True, exist_ok=True)
        for share in plan.shares:
            prepare(plan.folder(share), {file.full_name for file in file_list(SHARES[share], plan.file_format)})
        check_disk(plan)
        counts = make(plan, quiet=options.quiet)
        for folder in dict.fromkeys([*(plan.folder(share) for share in plan.shares), plan.out / "truth"]):
            files = [path for path in counts if path.parent == folder]
            size = sum(path.stat().st_size for path in files)
            print(f"{folder}: {len(files)} files, {sum(counts[path] for path in files):,} rows, {size / 1e6:.1f} MB")
    except OSError as error:
        print(f"synthetic: error: cannot write to {error.filename or options.out}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
