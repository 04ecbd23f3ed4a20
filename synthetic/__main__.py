"""Command line: `python -m synthetic --pupils N --share first|all-episodes|both --seed S --out FOLDER [--clean]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from .delivery import deliver, file_list
from .dirt import plant_all
from .justice import make_links
from .people import make_people
from .reporting import SHARES, Returns, cut_share, make_returns
from .school import make_census, make_enrolments
from .social_care import make_social_care
from .streams import Streams

PUPILS, SEED = 3000, 1989                      # of the bundled sample
MOST_PUPILS = 1_000_000                        # above this one process would need too much memory
FOLDERS = {"first": "first_share", "all-episodes": "all_episodes_share"}
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


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line; exits with code 2 and one line where it is wrong."""
    parser = Parser(prog="synthetic", description="Write synthetic extracts of the linked education, social care and justice data.")
    parser.add_argument("--pupils", type=whole_number(1, MOST_PUPILS), default=PUPILS, metavar="N",
                        help="pupils in the world (default %(default)s)")
    parser.add_argument("--share", choices=[*SHARES, "both"], default="both",
                        help="first: last episode of each year; all-episodes; both: each in a folder of its own (default)")
    parser.add_argument("--seed", type=whole_number(0, 2**63 - 1), default=SEED, metavar="S",
                        help="the same seed gives the same files (default %(default)s)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the files go; made if it does not exist")
    parser.add_argument("--clean", action="store_true", help="plant no dirt")
    return parser.parse_args(arguments)


def make_world(pupils: int, seed: int) -> Returns:
    """Draw the world of a seed and report all of its years.

    Args:
        pupils: number of children who go to a state school.
        seed: a whole number, 0 or more.
    """
    streams = Streams(seed)
    people = make_people(pupils, streams)
    enrolments = make_enrolments(people, streams)
    care = make_social_care(people, streams)
    people["move_day"] = care.move_day
    census = make_census(people, enrolments, streams)
    links = make_links(people, care, streams)
    return make_returns(people, enrolments, census, care, links, streams)


def prepare(folder: Path, expected: set[str]) -> None:
    """Make the folder, and refuse one that holds data files of another run: an extract is all the files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted(path.name for path in folder.iterdir() if path.name.endswith(DATA_SUFFIXES) and path.name not in expected)
    if others:
        raise FileExistsError(None, f"it already holds {others[0]}, which this run would not write; choose an empty folder", str(folder))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = parse_arguments(arguments)
    streams = Streams(options.seed)
    shares = list(SHARES.values()) if options.share == "both" else [SHARES[options.share]]
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        returns = make_world(options.pupils, options.seed)
        for share in shares:
            tables = cut_share(returns, share)
            if not options.clean:
                tables = plant_all(tables, share.name, streams)
            folder = options.out / FOLDERS[share.name] if options.share == "both" else options.out
            prepare(folder, {name + form.suffix for _, _, name, form in file_list(tables, share)})
            written = deliver(tables, share, folder, streams, options.clean)
            print(f"{folder}: {len(written)} files, {sum(path.stat().st_size for path in written) / 1e6:.1f} MB")
    except OSError as error:
        print(f"synthetic: error: cannot write to {error.filename or options.out}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
