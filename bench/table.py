"""Makes the table of docs/benchmarks.md from bench/results/*.json."""

import json

from measure import BENCH, ROOT

PAGE = ROOT / "docs/benchmarks.md"
BEGIN, END = "<!-- table: made by scripts/bench --table -->", "<!-- end of table -->"


def goal(figure):
    if figure["goal"] is None:
        return "–"
    return f"{'≥' if figure['at_least'] else '≤'} {figure['goal']} {figure['unit'] if figure['unit'] != 'x' else ''}".strip()


def row(document, figure):
    unit = "" if figure["unit"] == "x" else " " + figure["unit"]
    verdict = {True: "met", False: "**not met**", None: ""}[figure["met"]]
    number = figure["number"] or ""
    return (f"| {number} | {figure['what']} | {figure['against']} | {goal(figure)} | {figure['median']}{unit} | "
            f"{figure['low']} … {figure['high']} | {document['rounds']} | {verdict} |")


def lines():
    documents = [json.loads(path.read_text()) for path in sorted((BENCH / "results").glob("*.json"))]
    documents = [document for document in documents if "figures" in document]
    rows = [(figure["number"] or 99, document["case"], row(document, figure))
            for document in documents for figure in document["figures"]]
    yield "| # | figure | beside | goal | median | lowest … highest | rounds | |"
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


def write():
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n".join(lines()) + f"\n\n{END}{after}")
    print(f"written: {PAGE.relative_to(ROOT)}")
