"""20,000 requests a second for ten minutes over 50 connections: what resident memory grows by after the first minute
(the short form: 20 seconds, after the fifth, which has no goal: it only shows that the case works)."""

import pathlib
import time

import peers
from measure import Failed, figure
from servers import TEXT, Nginx

NAME = "soak"
ACCEPTANCE = "11"
VERSIONS = ["nginx"]
LONG = "10 minutes"
RATE = 20_000


def resident(pid):
    """KiB, or None when the process has just ended."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except OSError:
        pass
    return None


def growth(seen, settled, length):
    """Megabytes between the first look after `settled` seconds and the highest one under load; `seen` is [(seconds,
    KiB)]."""
    after = [kib for seconds, kib in seen if settled <= seconds < length]
    if len(after) < 10:
        raise Failed(f"memory was looked at {len(after)} times after second {settled}")
    return (max(after) - after[0]) * 1024 / 1e6


def run(context):
    length, settled = (20, 5) if context.short else (600, 60)
    seen, began = [], time.monotonic()

    def watch(pid):
        kib = resident(pid)
        if kib:
            seen.append((time.monotonic() - began, kib))
            if len(seen) % (5 if context.short else 60) == 1:
                print(f"  second {seen[-1][0]:5.0f}  {kib / 1024:.2f} MiB", flush=True)
    with Nginx(context) as server:
        began = time.monotonic()
        peers.slsart(context, peers.arriving(RATE, length, [{"get": {"url": "/"}}], 50), server.url, RATE * length,
                     len(TEXT), limit=length + 60, watch=watch)
    return {"rounds": 1, "length": length, "results": {"resident": [(round(s), kib) for s, kib in seen[::10]]},
            "figures": [figure(0 if context.short else 11,
                               f"{RATE:,} requests/s for {length} s: resident memory, growth after second {settled}",
                               "–", [growth(seen, settled, length)], None if context.short else 1, False, "MB", 3)]}
