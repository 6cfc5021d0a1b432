"""The case known-delays with 50 s a run: 100,000 samples of each distribution in every round, for p99.9."""

from cases import known_delays

NAME = "known-delays-long"
ACCEPTANCE = "8"
VERSIONS = []
LONG = "24 minutes"


def run(context):
    return known_delays.run(context, 10 if context.short else 50)
