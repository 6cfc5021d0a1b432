"""Makes the tables of docs/benchmarks.md from bench/results/*.json."""

import json

from measure import BENCH, ROOT

PAGE = ROOT / "docs/benchmarks.md"
MARKS = {"table": ("<!-- table: made by scripts/bench --table -->", "<!-- end of table -->"),
         "lambda": ("<!-- rates: made by scripts/bench --table -->", "<!-- end of rates -->")}


def goal(figure):
    if figure["goal"] is None:
        return "–"
    return f"{'≥' if figure['at_least'] else '≤'} {figure['goal']} {figure['unit'] if figure['unit'] != 'x' else ''}".strip()


def row(document, figure):
    unit = "" if figure["unit"] == "x" else " " + figure["unit"]
    verdict = {True: "met", False: "**not met**", None: ""}[figure["met"]]
    number = figure["number"] or ""
    return (f"| {number} | {figure['what']} | {figure['against']} | {goal(figure)} | {figure['median']}{unit} | "
            f"{figure['low']} … {figure['high']} | {len(figure['each'])} | {verdict} |")


def lines():
    documents = [json.loads(path.read_text()) for path in sorted((BENCH / "results").glob("*.json"))]
    documents = [document for document in documents if "figures" in document]
    rows = [(figure["number"] or 99, document["case"], row(document, figure))
            for document in documents for figure in document["figures"]]
    yield "| # | figure | beside | goal | median | lowest … highest | values | |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from (text for _, _, text in sorted(rows, key=lambda one: one[:2]))
    yield ""
    yield "Recorded under:"
    yield ""
    yield "| case | date | commit | machine | versions |"
    yield "|---|---|---|---|---|"
    for document in documents:
        around = document["circumstances"]
        versions = ", ".join(text if text.startswith(name) else f"{name} {text}"
                             for name, text in document["versions"].items())
        versions = versions.replace("ab ApacheBench", "ApacheBench").replace("nginx nginx", "nginx")
        yield (f"| {document['case']} | {around['date']} | {around['commit']} | {around['cores']} cores "
               f"{around['cpu']}, {around['memory_gib']} GiB, Linux {around['kernel']}, load {around['load_before']} "
               f"before | {versions} |")


def lambda_lines():
    path = BENCH / "results/lambda-rate.json"
    if not path.exists():
        yield "Not recorded yet: `scripts/bench lambda-rate --record`."
        return
    document = json.loads(path.read_text())
    prices, original = document["prices"], document["original"]
    yield "| memory | CPU | traffic | users/s that hold | lowest … highest | CPU used | p99, truth | $ per million, " \
          "x86_64 | arm64 | beside the original |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in document["lambda"]:
        price, held = row["dollars_per_million"], row["held"]
        start = f"| {row['memory_mb']:,} MB | {row['quota'] * row['period_ms']:.1f} of {row['period_ms']} ms | " \
                f"{row['traffic']} |"
        spread = f"{row['low']:,} … {row['high']:,}"
        if not held:
            yield f"{start} none | {spread} | | | | | {row['next_failed']} |"
            continue
        less = original["dollars_per_million"]["x86_64"] / price["x86_64"]
        yield (f"{start} {row['rate']:,} | {spread} | {held['cpu_share'] * 100:.0f} % | {held['p99_ms']}, "
               f"{held['server_p99_ms']} ms | {price['x86_64']:.4f} | {price['arm64']:.4f} | {less:,.0f} × cheaper |")
    price = original["dollars_per_million"]
    yield (f"| {original['memory_mb']:,} MB | – | serverless-artillery's default | {original['rate']} | – | – | – | "
           f"{price['x86_64']:.4f} | {price['arm64']:.4f} | 1 |")
    yield ""
    around, each = document["circumstances"], prices["gb_second"]
    yield (f"Recorded {around['date']}, commit {around['commit']}, {around['cores']} cores {around['cpu']}, Linux "
           f"{around['kernel']}, load {around['load_before']} before, {document['rounds']} searches each, "
           f"{document['method']}; at 200 users/s p99 was {document['idle'].get('p99_ms')} ms, the server's record "
           f"{document['idle'].get('server_p99_ms')} ms. Prices: {prices['region']} on {prices['date']}: "
           f"${each['x86_64']:.10f} (x86_64) and ${each['arm64']:.10f} (arm64) per GB-s, "
           f"${prices['million_invocations']:.2f} per million invocations of {original['seconds']} s; without traffic, logs and free allowances.")


def write():
    text = PAGE.read_text()
    for name, made in (("table", lines()), ("lambda", lambda_lines())):
        begin, end = MARKS[name]
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise SystemExit(f"{PAGE.relative_to(ROOT)} has lost its mark {begin if not found else end}")
        text = f"{before}{begin}\n\n" + "\n".join(made) + f"\n\n{end}{after}"
    PAGE.write_text(text)
    print(f"written: {PAGE.relative_to(ROOT)}")
