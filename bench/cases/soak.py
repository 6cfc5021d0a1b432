"""20,000 requests a second for ten minutes over 50 connections: resident memory after the first minute."""

import pathlib

import peers
from measure import figure
from servers import TEXT, Nginx

NAME = "soak"
ACCEPTANCE = "11"
VERSIONS = ["nginx"]
LONG = True
RATE, SECONDS = 20_000, 600


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def run(context):
    seen = []
    with Nginx(context) as server:
        peers.slsart(context, peers.arriving(RATE, SECONDS, [{"get": {"url": "/"}}], 50), server.url, RATE * SECONDS,
                     len(TEXT), limit=SECONDS + 60, watch=lambda pid: seen.append(resident(pid)))
    after = [kib for kib in seen[60:SECONDS - 5] if kib]
    return {"results": {"resident_kib_each_minute": seen[::60]},
            "figures": [figure(11, "resident memory after minute 1: growth", "–", [(max(after) - after[0]) / 1024], 1,
                               False, "MiB")]}
