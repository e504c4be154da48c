"""Measure the shop, on a throwaway PostgreSQL and under gunicorn, against a bare page of Django's.

::

    .venv/bin/python tools/bench [--size full|none|small] [--print]

``full`` measures once more with 100 000 sessions and 1 000 000 bookings; ``none`` leaves that out; ``small`` is a
trial of a few minutes. Writes the table into docs/benchmarks.md, a trial only onto the screen.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import buyers
import door
import lighthouse
import report
from installation import ROOT, THREADS, WORKERS, Failed, Installation, Server
from postgres import NoPostgres, throwaway_server
from report import Row, middle, number, spread
from wire import Load, Unexpected, hammer

DOCUMENT = ROOT / "docs/benchmarks.md"
CONNECTIONS = 8  # as many as both workers have threads
BUYERS_AT_ONCE = 8
RUSHING, PLACES = 100, 50
LOG_EVERYTHING = "ALTER ROLE shop SET log_statement = 'all'"
LOG_AS_USUAL = "ALTER ROLE shop RESET log_statement"
COUNTED_BOOKINGS = 10


@dataclass(frozen=True)
class Size:
    """How much is measured. ``large`` are sessions and bookings that are loaded for the second half."""

    rounds: int
    seconds: float  # of each round of a page
    selling_seconds: float
    large: tuple[int, int] | None


SIZES = {
    "full": Size(rounds=7, seconds=2.0, selling_seconds=10, large=(100_000, 1_000_000)),
    "none": Size(rounds=7, seconds=2.0, selling_seconds=10, large=None),
    "small": Size(rounds=3, seconds=1.0, selling_seconds=3, large=(1_000, 10_000)),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.partition("::")[0].strip())
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--print", action="store_true", help="leave the document as it is")
    options = parser.parse_args()
    began = time.monotonic()
    try:
        with (
            throwaway_server(autovacuum="on") as socket_folder,
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ):
            bench = Bench(SIZES[options.size], Path(folder), socket_folder)
            measured = bench.run()
    except (Failed, Unexpected, NoPostgres) as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    minutes = f"{(time.monotonic() - began) / 60:.0f}"
    measured = f"Measured on {date.today().isoformat()}, in {minutes} minutes. {measured}"  # noqa: DTZ011
    print(f"\n{measured}")
    if options.size != "small" and not options.print:
        report.write(DOCUMENT, measured)
        print(f"\nWritten into {DOCUMENT.relative_to(ROOT)}.")
    return 0


class Bench:
    """One run. Measurements come in a fixed order, because later ones need what earlier ones sold."""

    def __init__(self, size: Size, folder: Path, socket_folder: Path) -> None:
        self.size = size
        self.began = time.monotonic()
        self.socket_folder = socket_folder
        self.rows: list[Row] = []
        self.notes: list[str] = []
        self.say("installing the shop in a folder of its own")
        self.shop = Installation(folder, socket_folder)

    def say(self, what: str) -> None:
        seconds = time.monotonic() - self.began
        print(f"{seconds // 60:3.0f}:{seconds % 60:02.0f}  {what} …", flush=True)

    def run(self) -> str:
        self.measure_migrations()
        self.say("loading the demo")
        self.load_demo()
        self.paths = self.shop.ask("pages")
        self.measure_starts()
        pages, bookings = self.measure_pages_and_bookings("the demo", name="booked")
        with self.shop.serving(), self.shop.stripe_standing_in():
            self.measure_rushes()
        self.count_statements()
        self.measure_home_page()
        if self.size.large:
            sessions, many = self.size.large
            self.say(f"loading {sessions} sessions and {many} bookings")
            self.load_demo("--sessions", str(sessions), "--bookings", str(many))
            what = f"{sessions:,} sessions and {many:,} bookings".replace(",", " ")
            self.measure_pages_and_bookings(what, name="large", before=(pages, bookings))
        if problems := self.shop.ask("check")["problems"]:
            raise Failed("The shop does not agree with itself any more:\n" + "\n".join(problems))
        postgres = self.shop.sql("SHOW server_version")[0][0].split()[0]
        facts = f"{report.machine(postgres)} gunicorn with {WORKERS} workers of {THREADS} threads."
        return "\n\n".join([facts, report.table(self.rows), *self.notes])

    def load_demo(self, *large: str) -> None:
        settings = {"DJANGO_SETTINGS_MODULE": "loading_settings", "PYTHONPATH": str(Path(__file__).parent)}
        self.shop.manage("load_demo", *large, **settings)
        self.shop.sql("VACUUM ANALYZE", "CHECKPOINT")

    # What is measured once

    def measure_migrations(self) -> None:
        self.say("migrating an empty database")
        took = []
        for _ in range(1 if self.size.rounds < 5 else 3):
            self.shop.create_database()
            took.append(_seconds(lambda: self.shop.manage("migrate_safely")))
        self.add(
            "migrate an empty database",
            took,
            "s",
            goal="< 10 s",
            is_met=median(took) < 10,
        )

    def measure_starts(self) -> None:
        self.say("starting the server anew")
        took = []
        for _ in range(self.size.rounds):
            began = time.perf_counter()
            with self.shop.serving():
                took.append(time.perf_counter() - began)
        self.add(
            "cold start of the server, until it is ready",
            took,
            "s",
            goal="< 0.8 s",
            is_met=median(took) < 0.8,
        )

    def measure_rushes(self) -> None:
        self.say(f"letting {RUSHING} buyers rush {PLACES} places")
        slugs = self.shop.ask("sessions", name="rushed", many=self.size.rounds, capacity=PLACES)["slugs"]
        rushes = []
        for slug in slugs:
            sales = buyers.rush(self.shop, slug, RUSHING)
            if sales.wrong:
                raise Failed(f"In the rush somebody saw an error:\n{sales.wrong[0]}")
            sold = self.shop.ask("sold", slugs=[slug])
            expected = {"places": PLACES, "orders": PLACES}
            if sold != expected or (len(sales.seconds), sales.told_no) != (PLACES, RUSHING - PLACES):
                raise Failed(f"After the rush: {sold}, {len(sales.seconds)} bought, {sales.told_no} told no.")
            rushes.append(sales)
        self.add(
            f"{RUSHING} buyers rush {PLACES} places: until the last has paid or was told",
            [sales.duration for sales in rushes],
            "s",
            against=f"{PLACES} sold, {RUSHING - PLACES} told politely, no error, each time",
            goal="< 2 s",
            is_met=median(sales.duration for sales in rushes) < 2,
        )
        self.add(
            "… until the last knows whether there is a place", [sales.last_told for sales in rushes], "s"
        )

    def count_statements(self) -> None:
        self.say("counting the statements of a booking")
        [slug] = self.shop.ask("sessions", name="counted", many=1, capacity=1000)["slugs"]
        self.shop.sql(LOG_EVERYTHING)
        try:
            own, told = (self.statements(slug, tells=tells) for tells in (False, True))
        finally:
            self.shop.sql(LOG_AS_USUAL)
        beside = f"{number(told)} with Stripe's notification, which dj-stripe keeps"
        self.rows.append(
            Row(
                "statements of a booking, as PostgreSQL sees them", number(own), "", beside, "≤ 60", own <= 60
            )
        )

    def statements(self, slug: str, *, tells: bool) -> float:
        """How many a booking takes on connections that are open already."""
        log = self.socket_folder / "log"
        with self.shop.serving(), self.shop.stripe_standing_in(tells=tells):
            buyers.book(self.shop, slug, 2 * THREADS * WORKERS)  # each thread opens its connection
            began_at = log.stat().st_size
            buyers.book(self.shop, slug, COUNTED_BOOKINGS)
        with log.open("rb") as lines:
            lines.seek(began_at)
            return lines.read().count(b"LOG:  statement: ") / COUNTED_BOOKINGS

    def measure_home_page(self) -> None:
        self.say("opening the home page in a browser")
        with self.shop.serving():
            seen = lighthouse.visits(self.shop.address, rounds=self.size.rounds)
        if seen is None:
            self.notes.append("The home page was not opened: there is no chromium on this machine.")
            return
        for name, visit in seen.items():
            kilobytes = visit.bytes / 1000
            self.rows += [
                Row(
                    f"home page over the wire, {name}, nothing cached",
                    f"{kilobytes:.1f} KB",
                    f"{visit.requests:.0f} requests",
                    f"the page itself {visit.document / 1000:.1f} KB",
                    "≤ 60 KB",
                    kilobytes <= 60,
                ),
                Row(
                    f"home page, {name}: layout shift; largest paint on a slow telephone network",
                    f"{visit.shift:.3f}; {visit.largest:.2f} s",
                    "",
                    f"{visit.failed:.0f} requests failed",
                    "0; < 2.5 s",
                    visit.shift == 0 and visit.largest < 2.5 and not visit.failed,
                ),
            ]

    # What is measured twice

    def measure_pages_and_bookings(self, what: str, *, name: str, before=None) -> tuple[dict, float]:
        """Measure pages, bookings and the door. ``before`` are the medians of the first time."""
        with self.shop.serving() as server, self.shop.serving_bare() as bare, self.shop.stripe_standing_in():
            pages = {
                kind: self.measure_page(server, bare, kind, path, what, before and before[0][kind])
                for kind, path in self.paths.items()
            }
            bookings = self.measure_bookings(what, name, before and before[1])
            self.measure_memory(server, what)
        return pages, bookings

    def measure_page(
        self, server: Server, bare: Server, kind: str, path: str, what: str, before: float | None
    ) -> float:
        self.say(f"asking for the {kind} page")
        first = hammer(server.address, path, seconds=1, connections=CONNECTIONS)
        bare_path = _bare_path(bare, first.largest)
        whole, known, plain = [], [], []
        cost = {server: 0.0, bare: 0.0}
        for _ in range(self.size.rounds):
            used = {each: each.processor_seconds() for each in cost}
            whole.append(self.load(server, path))
            cost[server] += server.processor_seconds() - used[server]
            plain.append(self.load(bare, bare_path))
            cost[bare] += bare.processor_seconds() - used[bare]
            known.append(self.load_known(server, path))
        ratios = [one.per_second / other.per_second for one, other in zip(whole, plain, strict=True)]
        rate = median(load.per_second for load in whole)
        ours = 1000 * cost[server] / sum(len(load.seconds) for load in whole)
        theirs = 1000 * cost[bare] / sum(len(load.seconds) for load in plain)
        self.add(
            f"{kind} page, {what}",
            [load.per_second for load in whole],
            "/s",
            against=f"{number(median(ratios))} of the bare page ({spread(ratios)}); "
            f"{number(ours)} ms of a processor, the bare page {number(theirs)}",
            goal="≥ 0.8",
            is_met=median(ratios) >= 0.8,
        )
        again = [one.per_second / other.per_second for one, other in zip(known, plain, strict=True)]
        self.add(
            "… asked for what the browser knows already (304)",
            [load.per_second for load in known],
            "/s",
            against=f"{number(median(again))} of the bare page",
            goal="> the bare page",
            is_met=median(again) > 1,
        )
        if before is None:
            self.add(
                f"… the bare page of {first.largest / 1000:.1f} KB", [load.per_second for load in plain], "/s"
            )
        else:
            self.compare("… beside the same with the demo alone", rate, before)
        return rate

    def load(self, server: Server, path: str, **more) -> Load:
        return hammer(server.address, path, seconds=self.size.seconds, connections=CONNECTIONS, **more)

    def load_known(self, server: Server, path: str) -> Load:
        """Ask with the page's present ``ETag``; a few may find that the page has changed since."""
        return self.load(server, path, headers=server.known(path), statuses=(304, 200))

    def measure_bookings(self, what: str, name: str, before: float | None) -> float:
        self.say(f"booking, {BUYERS_AT_ONCE} buyers at a time")
        slugs = self.shop.ask("sessions", name=name, many=12, capacity=100_000)["slugs"]
        buyers.sell(self.shop, slugs, seconds=1, at_once=BUYERS_AT_ONCE)
        runs = []
        for _ in range(3):
            sales = buyers.sell(self.shop, slugs, seconds=self.size.selling_seconds, at_once=BUYERS_AT_ONCE)
            if sales.wrong:
                raise Failed(f"A booking went wrong:\n{sales.wrong[0]}")
            runs.append(sales)
        rate = median(sales.per_second for sales in runs)
        self.add(
            f"whole bookings, {BUYERS_AT_ONCE} buyers at a time, {what}",
            [sales.per_second for sales in runs],
            "/s",
            against=f"{middle(1000 * second for sales in runs for second in sales.seconds)} ms each",
            goal="≥ 60/s",
            is_met=rate >= 60,
        )
        if before is not None:
            self.compare("… beside the same with the demo alone", rate, before)
        self.measure_door(slugs, what)
        return rate

    def measure_door(self, slugs: list[str], what: str) -> None:
        self.say("letting them in")
        opened = self.shop.ask("door", slugs=slugs)
        sales = door.redeem(self.shop, opened["secret"], opened["tickets"], at_once=BUYERS_AT_ONCE)
        came = self.shop.ask("entries", slugs=slugs)["entries"]
        if sales.wrong or came != len(opened["tickets"]):
            raise Failed(f"At the door: {came} of {len(opened['tickets'])} came. {sales.wrong[:1]}")
        self.rows.append(
            Row(
                f"tickets redeemed, {BUYERS_AT_ONCE} scanners at a time, {what}",
                f"{number(sales.per_second)} /s",
                "",
                f"{middle(1000 * second for second in sales.seconds)} ms each; {came} tickets, each once",
            )
        )

    def measure_memory(self, server: Server, what: str) -> None:
        worst = max(server.memory())
        self.rows.append(
            Row(
                f"memory of a worker after that (PSS), {what}",
                f"{number(worst)} MiB",
                "",
                "",
                "≤ 70 MiB",
                worst <= 70,
            )
        )

    # The table

    def add(self, work: str, values: list[float], unit: str, **more) -> None:
        self.rows.append(Row(work, f"{middle(values)} {unit}", spread(values), **more))

    def compare(self, work: str, rate: float, before: float) -> None:
        change = rate / before
        self.rows.append(Row(work, number(change), "", "", "≥ 0.9", change >= 0.9))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _bare_path(bare: Server, size: int) -> str:
    """The address of a bare page of this size, with as many rows as a page of the catalogue has."""
    rows, filling = 18, 0
    for _ in range(2):
        largest = hammer(bare.address, f"/{rows}/{filling}/", seconds=0.1, connections=1).largest
        filling = max(0, filling + size - largest)
    return f"/{rows}/{filling}/"


if __name__ == "__main__":
    sys.exit(main())
