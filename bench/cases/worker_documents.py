"""Merging the stored documents of 10,000 workers (500 with --short) of one run, 120 seconds each, on one core:
`slsart report FOLDER -o report.json`, start and end of the process included, the files' pages dropped from memory
before each round. A second has 12 counters and 3 histograms of 25 to 500 log-normal samples; 500 documents differ,
the others repeat them under worker numbers of their own (bench/worker_documents.cpp)."""

import json
import os
import shutil
import statistics

import hdr
from measure import BENCH, ROOT, Failed, figure, measure, tool

NAME = "worker-documents"
ACCEPTANCE = "14"
VERSIONS = []
SECONDS = 120
SOURCES = [*(f"core/{name}.cpp" for name in ("text", "json", "value", "check")),
           *(f"metrics/{name}.cpp" for name in ("document", "histogram", "histogram_sparse", "histogram_encoding",
                                                "stored_document_encode"))]


def make(context, folder, count):
    """Writes them; (samples, their sum in nanoseconds, bytes of all documents)."""
    maker = tool("worker_documents", [ROOT / "src" / name for name in SOURCES],
                 ["-Wno-missing-field-initializers", "-I", ROOT / "src", "-lzstd", "-lz"])
    log = context.folder / "worker_documents.log"
    folder.mkdir()
    cost = measure([maker, folder, count, SECONDS], log, 600)
    if cost.exit_code != 0:
        raise Failed(f"{maker} ended with {cost.exit_code}: {log.read_text()}")
    os.sync()
    return map(int, log.read_text().split())


def forget(folder):
    """Drops the pages of the files, so that they are read from the disk."""
    for path in folder.iterdir():
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def merge(context, folder, count, samples, nanoseconds):
    report = context.folder / "merged.json"
    log = context.folder / "merge.log"
    cost = measure([context.slsart, "report", folder, "-q", "-o", report], log, 300, core=context.client_core)
    if cost.exit_code != 0:
        raise Failed(f"slsart report ended with {cost.exit_code}: {log.read_text()[-1500:]}")
    own = json.loads(report.read_text())["slsart"]
    context.expect(len(own["generator"]["workers"]), count, "workers in the report")
    latency = hdr.Histogram(own["histograms"]["http.response_time"])
    context.expect(latency.total, samples, "samples in the report")
    mean = sum(value * number for value, number in latency.counts) / samples
    if abs(mean * samples / nanoseconds - 1) > 0.004:  # half the width of a bucket
        raise Failed(f"a mean of {mean} ns, {nanoseconds / samples} expected")
    return cost


def run(context):
    count = 500 if context.short else 10_000
    folder = context.folder / "documents"
    samples, nanoseconds, size = make(context, folder, count)
    print(f"  {count} documents of {SECONDS} s, {size / 1e6:.0f} MB", flush=True)
    costs = []
    try:
        for number in range(context.rounds):
            forget(folder)
            costs.append(merge(context, folder, count, samples, nanoseconds))
            print(f"  round {number + 1}/{context.rounds}  wall {costs[-1].wall_seconds:6.2f} s  "
                  f"cpu {costs[-1].cpu_seconds:6.2f} s  peak {costs[-1].peak_rss_bytes / 2**20:6.1f} MiB", flush=True)
    finally:
        shutil.rmtree(folder)
    goals = (None, None) if context.short else (20, 300)
    words = f"merging {count:,} workers' documents of {SECONDS} s"
    return {
        "results": {"documents": count, "bytes": size, "samples_of_one_metric": samples,
                    "wall_seconds": [round(cost.wall_seconds, 3) for cost in costs],
                    "cpu_seconds": [round(cost.cpu_seconds, 3) for cost in costs],
                    "microseconds_of_cpu_a_document":
                        round(statistics.median(cost.cpu_seconds for cost in costs) / count * 1e6, 1)},
        "figures": [
            figure(14, f"{words}, on one core", "–", [cost.wall_seconds for cost in costs], goals[0], False, "s"),
            figure(14, f"{words}, peak memory", "–", [cost.peak_rss_bytes / 1e6 for cost in costs], goals[1], False,
                   "MB", 1),
            figure(0, f"{words}, CPU time", "–", [cost.cpu_seconds for cost in costs], None, False, "s")]}
