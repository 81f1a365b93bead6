"""Pages under load: 20 people at once in the queue and on leads, over every lead of a scored market.

The server is a process of its own, asked over loopback by a load generator of its own: 20 people who sign in and go on
asking for pages, first with a second to read each, then without any pause. A workspace that was scored before is taken
from the environment variable ``PAGES_WORKSPACE``; otherwise one is made.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import random
import re
import statistics
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlencode

from experiments.benchmarks.results import Timed, write

from salesworthy.ledger.users import User
from salesworthy.runs.workspace import Workspace, open_workspace

DAY = "2026-07-01"
USERS = 20
SECONDS = 30.0
WARM_UP = 5.0
PASSWORD = "four plain words here"  # noqa: S105 -- of a workspace that is thrown away
MAX_P95_MS = 150.0
WORDS = ("hospital", "surgery centre", "nurse manager", "procurement", "weber", "university")


def run(leads: int) -> None:
    print(f"pages, {leads:,} leads")
    timed = Timed()
    with ExitStack() as opened:
        given = os.environ.get("PAGES_WORKSPACE")
        folder = Path(given) if given else _scored(Path(opened.enter_context(TemporaryDirectory())), leads, timed)
        workspace = open_workspace(folder)
        names = _people(workspace)
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(folder, theirs), daemon=True)
        with timed.step("index and start"):
            server.start()
            port, counts, ids = ours.recv()
        try:
            measured = {}
            for name, pause in (("a second to read each page", 1.0), ("no pause", 0.0)):
                before = _processor_ms(server.pid)
                with timed.step(name):
                    measured[name] = measure(port, names, ids, pause=pause)
                spent = _processor_ms(server.pid) - before
                measured[name]["server"] = {"share_of_a_core": round(spent / 1000 / timed.seconds(name), 2)}
        finally:
            server.terminate()
    write("pages", timed, leads=counts, users=USERS, limit_p95_ms=MAX_P95_MS, pages=measured)


def _processor_ms(process: int | None) -> float:
    """What a process has used of the processor so far; told by Linux, 0 elsewhere."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.is_file():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _scored(place: Path, leads: int, timed: Timed) -> Path:
    """A market with a champion, all of it scored."""
    from salesworthy.runs.init import write_workspace
    from salesworthy.runs.score import score
    from salesworthy.runs.train import train

    folder = place / "demo"
    with timed.step("market"):
        write_workspace(folder, example=True, leads=leads, seed=7)
    workspace = open_workspace(folder, environ={"SALESWORTHY__SCORING__LEADS": "all"})
    moment = workspace.moment(DAY)
    with timed.step("train and score"):
        workspace.ledger.promote(train(workspace, as_of=moment, now=moment).version, "benchmark", moment)
        score(workspace, as_of=moment, now=moment)
    return folder


def _people(workspace: Workspace) -> list[str]:
    """Half of them sales of one team, half marketing."""
    from salesworthy.web.sign_in.passwords import hashed

    secret, now = hashed(PASSWORD), int(time.time() * 1e6)
    names = []
    for number in range(USERS):
        roles = ("sales",) if number % 2 else ("marketing",)
        user = User(f"Reader {number}", roles, ("na_general",) if number % 2 else ())
        workspace.ledger.users.record(user, by="benchmark", now=now, password_hash=secret)
        names.append(user.name)
    return names


def serve(folder: Path, told: Connection) -> None:
    """Serve a workspace on the tables that its run was scored on; runs in a process of its own."""
    from salesworthy.cli.serve import areas
    from salesworthy.cli.serve_work import work_of
    from salesworthy.web import serving
    from salesworthy.web.app import Site
    from salesworthy.web.scope import Scope
    from salesworthy.web.services import Services
    from salesworthy.web.store.filters import Filters
    from salesworthy.web.store.latest import Latest
    from salesworthy.web.store.store import Store

    workspace = open_workspace(folder)
    listening = serving.bound_socket("127.0.0.1", 0)
    port = listening.getsockname()[1]
    latest = Latest(workspace.default_out.resolve(), workspace.cache / "pages", lambda: _tables(workspace))
    latest.load()
    store = Store(latest)
    services = Services(workspace.ledger, store, work_of(workspace), lambda: int(time.time() * 1e6), "benchmark")
    app = serving.pages(services, serving.SignIn(), Site(f"http://127.0.0.1:{port}"), areas=areas())
    some = [row["lead_id"] for row in store.leads(Scope.of(["na_general"]), Filters(), limit=400).rows]
    told.send((port, sum(store.index.manifest["counts"].values()), some))
    serving.serve(app, listening)


def _tables(workspace: Workspace) -> dict[str, Path]:
    """The checked tables of the newest run, as they were then."""
    stored = [each for each in (workspace.cache / "checked").iterdir() if (each / "leads.parquet").is_file()]
    newest = max(stored, key=lambda each: each.stat().st_mtime)
    return {path.stem: path for path in sorted(newest.glob("*.parquet"))}


@dataclass
class Reader:
    """Somebody who asks for one page after the other."""

    port: int
    name: str
    ids: list[str]
    seed: int

    def read(self, until: float, pause: float, times: dict[str, list[float]], sizes: dict[str, int]) -> None:
        choose = random.Random(self.seed)  # noqa: S311 -- which page comes next
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookie = self._signed_in(link)
        while time.perf_counter() < until:
            kind, path = self._next(choose)
            start = time.perf_counter()
            link.request("GET", path, headers={"Cookie": cookie})
            answer = link.getresponse()
            text = answer.read()
            times[kind].append(time.perf_counter() - start)
            sizes[kind] = max(sizes[kind], len(text))
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            time.sleep(pause * choose.uniform(0.5, 1.5))

    def _next(self, choose: random.Random) -> tuple[str, str]:
        kind = choose.choice(["queue", "queue, filtered", "queue, searched", "lead", "lead", "lead"])
        if kind == "lead":
            return kind, f"/leads/{quote(choose.choice(self.ids), safe='')}"
        asked = {"after": str(choose.choice([0, 25, 50, 2000]))}
        if kind == "queue, filtered":
            asked = {"decision": choose.choice(["any", "MQL", "HELD"]), "fit": choose.choice("ABC")}
        if kind == "queue, searched":
            asked = {"q": choose.choice(WORDS)}
        return kind, f"/queue?{urlencode(asked)}"

    def _signed_in(self, link: http.client.HTTPConnection) -> str:
        cookies: dict[str, str] = {}

        def ask(method: str, path: str, body: str = "", *, expected: int = 200) -> str:
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
            if body:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            link.request(method, path, body or None, headers)
            answer = link.getresponse()
            for value in answer.headers.get_all("Set-Cookie", []):
                name, _, rest = value.partition("=")
                cookies[name] = rest.partition(";")[0]
            text = answer.read().decode()
            if answer.status != expected:
                raise RuntimeError(f"{path} answered {answer.status} to {self.name}: {text}")
            return text

        found = re.search(r'name="csrf" value="([0-9a-f]+)"', ask("GET", "/sign-in"))
        token = found.group(1) if found else ""
        typed = urlencode({"csrf": token, "name": self.name, "password": PASSWORD, "next": "/"})
        ask("POST", "/sign-in", typed, expected=303)
        return "; ".join(f"{name}={value}" for name, value in cookies.items())


def measure(port: int, names: list[str], ids: list[str], *, pause: float) -> dict[str, dict[str, float]]:
    """Milliseconds per kind of page while everybody reads; what comes before all are warm is not counted."""
    load(port, names, ids, pause=pause, seconds=WARM_UP)
    return load(port, names, ids, pause=pause, seconds=SECONDS)


def load(port: int, names: list[str], ids: list[str], *, pause: float, seconds: float) -> dict[str, dict[str, float]]:
    times: dict[str, list[float]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    until = time.perf_counter() + seconds
    readers = [Reader(port, name, ids, seed) for seed, name in enumerate(names)]
    with ThreadPoolExecutor(len(readers)) as pool:
        reading = [pool.submit(each.read, until, pause, times, sizes) for each in readers]
    for each in reading:
        each.result()
    told = {}
    for kind, each in sorted(times.items()):
        cuts = statistics.quantiles([1000 * value for value in each], n=100)
        told[kind] = {
            "pages": len(each),
            "p50_ms": round(cuts[49], 1),
            "p95_ms": round(cuts[94], 1),
            "p99_ms": round(cuts[98], 1),
            "kilobytes": round(sizes[kind] / 1024, 1),
        }
        print(f"  {kind}: {told[kind]}")
    return told
