#!/usr/bin/env python3
"""Runs the benches of issue 3 and writes what they found. Started by scripts/bench, which see."""

import argparse
import importlib
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

import peers
import table
from measure import BENCH, ROOT, Failed, circumstances, first_line

# In the order in which they run.
CASES = ["static_get", "static_get_ab", "scripted_get", "new_connections", "tls_get", "artillery_looped",
         "artillery_open", "send_delay", "known_delays", "stall", "thinking_users", "first_request", "hooks",
         "worker_documents", "big_captures", "known_delays_long", "lambda_rate", "soak"]


class Context:
    """What a case gets: where things are, how much to do."""

    def __init__(self, args, folder):
        self.rounds, self.short = args.rounds, args.short
        self.seconds = args.seconds or (1 if args.short else 3)
        self.folder = folder
        cores = sorted(os.sched_getaffinity(0))
        self.server_core, self.client_core = cores[0], cores[-1]
        # Copies, so that a build in the middle of a run changes nothing.
        self.slsart, self.target = folder / "slsart", folder / "slsart-target"
        shutil.copy(args.slsart, self.slsart)
        shutil.copy(args.target, self.target)
        # Which program it was: the commit is that of the tree, and a program may be older.
        self.program = {"built": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(args.slsart.stat().st_mtime)),
                        "sha256": hashlib.sha256(self.slsart.read_bytes()).hexdigest()}

    def requests(self, sample):
        """How many requests take about as long as the runs that are given a time, judging by a first run of a
        peer, which is not used otherwise; a multiple of the users."""
        return max(1, round(sample.requests / sample.cost.wall_seconds * self.seconds / 50)) * 50

    def expect(self, got, wanted, what):
        if got != wanted:
            raise Failed(f"{got} {what}, {wanted} expected")


def load(names):
    modules = [importlib.import_module(f"cases.{name}") for name in CASES]
    if not names:
        return [module for module in modules if not hasattr(module, "LONG")]
    known = {module.NAME: module for module in modules}
    for name in names:
        if name not in known:
            raise SystemExit(f"scripts/bench: no case {name!r}; there are: {', '.join(known)}")
    return [known[name] for name in names]


def show_list():
    for module in load([importlib.import_module(f"cases.{name}").NAME for name in CASES]):
        long = f" (only when asked for: {module.LONG})" if hasattr(module, "LONG") else ""
        print(f"{module.NAME:18} acceptance {module.ACCEPTANCE:4}{long}\n    "
              + " ".join(module.__doc__.split()))
    print("not here: acceptance 12 (allocations: a test, tests/integration/allocation_test.cpp)")


def show(figures):
    for one in figures:
        goal = "" if one["goal"] is None else \
            f"  goal {'>=' if one['at_least'] else '<='} {one['goal']}: {'met' if one['met'] else 'NOT met'}"
        print(f"  => {one['what']} / {one['against']}: {one['median']} {one['unit']} "
              f"({one['low']} .. {one['high']}){goal}", flush=True)


def record(module, context, found, around):
    document = {"case": module.NAME, "acceptance": module.ACCEPTANCE, "about": " ".join(module.__doc__.split()),
                "rounds": context.rounds, "seconds": context.seconds, **found,
                "versions": {"slsart": first_line([context.slsart, "--version"]),
                             **{name: peers.VERSIONS[name]() for name in module.VERSIONS}},
                "program": context.program,
                "cores": {"server": context.server_core, "client": context.client_core},
                "circumstances": around}
    path = BENCH / f"results/{module.NAME}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    print(f"  written: {path.relative_to(ROOT)}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures the release build beside its peers.")
    parser.add_argument("name", nargs="*", help="cases to run (all but the long ones)")
    parser.add_argument("--case", nargs="+", action="extend", default=[], metavar="NAME", help="the same")
    parser.add_argument("--list", action="store_true", help="say what cases there are")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (7; 1 with --short)")
    parser.add_argument("--seconds", type=int, help="length of a run of the speed cases (3; 1 with --short)")
    parser.add_argument("--short", action="store_true", help="less of everything: under 3 minutes")
    parser.add_argument("--record", action="store_true", help="write bench/results/*.json and docs/benchmarks.md")
    parser.add_argument("--table", action="store_true", help="write docs/benchmarks.md from the results there are")
    parser.add_argument("--slsart", default=ROOT / "build/release/slsart", type=pathlib.Path)
    parser.add_argument("--target", default=ROOT / "build/release/slsart-target", type=pathlib.Path)
    args = parser.parse_args()
    args.rounds = args.rounds or (1 if args.short else 7)
    if args.list:
        return show_list()
    if args.table:
        return table.write()

    failed, took, began = [], {}, time.monotonic()
    around = circumstances()
    with tempfile.TemporaryDirectory(prefix="slsart-bench-") as folder:
        context = Context(args, pathlib.Path(folder))
        for module in load(args.name + args.case):
            case_began = time.monotonic()
            print(f"{module.NAME} (acceptance {module.ACCEPTANCE}, {context.rounds} rounds)", flush=True)
            try:
                found = module.run(context)
            except Failed as failure:
                print(f"  FAILED: {failure}", flush=True)
                failed.append(module.NAME)
                continue
            finally:
                took[module.NAME] = time.monotonic() - case_began
            show(found["figures"])
            if args.record:
                record(module, context, found, around)
    if args.record:
        table.write()
    print("seconds: " + ", ".join(f"{name} {seconds:.0f}" for name, seconds in took.items()))
    print(f"{time.monotonic() - began:.0f} s in all" + (f"; FAILED: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
