"""Our JMESPath beside npm's jmespath, which the reference uses, on random expressions and documents."""

import json
import os
import pathlib
import random
import re
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OURS = os.environ.get("SLSART_JMESPATH_SAMPLES", ROOT / "build/debug/jmespath_samples")
NAMES = ["a", "b", "c", "id"]
COUNT = 4000


def run(*command, text):
    words = [str(word) for word in command]
    done = subprocess.run(words, input=text, text=True, capture_output=True, check=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


def document(rng, depth=0):
    kind = rng.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return None
    if kind == 1:
        return rng.random() < 0.5
    if kind == 2:
        return rng.randrange(-9, 10)
    if kind == 3:
        return rng.choice(["", "x", "yy", "abc", "4", "b"])
    if kind == 4:
        return rng.randrange(20) / 4
    if kind == 5:
        return [document(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {name: document(rng, depth + 1) for name in rng.sample(NAMES, rng.randrange(1, 4))}


class Expressions:
    """Random expressions. Left out is where npm's goes another way than the specification (docs/differences.md):
    sort() of numbers, starts_with(), functions on text beyond ASCII, avg() of nothing, contains() of lists in lists,
    max_by() and min_by() by texts or of nothing; and ordering lists and objects, which it compares as texts."""

    def __init__(self, rng):
        self.rng = rng

    def name(self):
        name = self.rng.choice(NAMES)
        return f'"{name}"' if self.rng.random() < 0.1 else name

    def value(self):
        return self.rng.choice(["`1`", "`\"x\"`", "'yy'", "`null`", "`[1]`", "`true`", "`4`", "'4'"])

    def base(self, depth):
        choice = self.rng.randrange(10)
        if choice < 5 or depth > 3:
            return self.name()
        if choice == 5:
            return "@"
        if choice == 6:
            return f"({self.any(depth + 1)})"
        if choice == 7:
            return "[" + ", ".join(self.any(depth + 1) for _ in range(self.rng.randrange(1, 3))) + "]"
        if choice == 8:
            return "{" + ", ".join(f"{name}: {self.any(depth + 1)}" for name in NAMES[:self.rng.randrange(1, 3)]) + "}"
        return self.call(depth)

    def call(self, depth):
        one = lambda: self.any(depth + 1)
        return self.rng.choice([
            lambda: f"{self.rng.choice(['length', 'type', 'keys', 'values', 'to_array', 'to_string', 'to_number', 'not_null', 'reverse', 'abs', 'ceil', 'floor', 'sum', 'max', 'min'])}({one()})",
            lambda: f"sort_by({one()}, &{one()})",
            lambda: f"{self.rng.choice(['max_by', 'min_by'])}([{one()}, {one()}], &length(to_string({one()})))",
            lambda: f"map(&{one()}, {one()})",
            lambda: f"not_null({one()}, {one()})",
            lambda: f"merge({{a: {one()}}}, {{b: {one()}}})",
            lambda: f"ends_with({one()}, 'b')",
            lambda: f"join('-', {one()})",
        ])()

    def step(self, depth):
        choice = self.rng.randrange(9)
        number = lambda: self.rng.choice(["", "0", "1", "-1", "-2", "3"])
        return [lambda: "." + self.name(), lambda: "[*]", lambda: "[]", lambda: ".*",
                lambda: f"[{self.rng.randrange(-3, 4)}]",
                lambda: f"[{number()}:{number()}:{self.rng.choice(['', '1', '2', '-1'])}]",
                lambda: f"[?{self.any(depth + 1)}]",
                lambda: f".[{self.name()}, {self.name()}]", lambda: f".{{a: {self.name()}}}"][choice]()

    def path(self, depth):
        return self.base(depth) + "".join(self.step(depth) for _ in range(self.rng.randrange(4)))

    def any(self, depth=0):
        choice = self.rng.randrange(12)
        if choice < 7 or depth > 2:
            return self.path(depth)
        if choice == 7:
            return self.value()
        if choice == 8:
            return "!" + self.path(depth)
        operator = self.rng.choice([" || ", " && ", " | ", " == ", " != "])
        return self.path(depth) + operator + self.any(depth + 1)


def samples(seed):
    rng = random.Random(seed)
    expressions = Expressions(rng)
    for _ in range(COUNT):
        shape = {"a": document(rng), "b": [document(rng, 1) for _ in range(3)], "c": {"id": document(rng), "a": 1}}
        expression = expressions.any()
        if re.search(r"[(,]\s*@[^,)]", expression):
            expression = expression.replace("@", "b")  # npm's takes an @ there for the whole argument
        if rng.random() < 0.1:  # damaged ones
            at = rng.randrange(len(expression))
            expression = expression[:at] + rng.choice(["", "]", ".", "[", ")", "&", "`"]) + expression[at + 1:]
        yield {"expression": expression, "document": shape}


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_it_finds_what_npm_finds(seed):
    asked = list(samples(seed))
    text = "".join(json.dumps(one) + "\n" for one in asked)
    theirs, ours = run("node", HERE / "jmespath.js", text=text), run(OURS, text=text)
    assert len(theirs) == len(ours) == COUNT
    different = [(one["expression"], json.dumps(one["document"]), a, b) for one, a, b in zip(asked, theirs, ours)
                 if a != b]
    # It passes over missing commas, and finds unknown functions only when it comes there.
    refused = [one for one in different if "wrong" in one[3]]
    assert [one for one in different if one not in refused][:5] == []
    assert len(refused) < COUNT / 30, refused[:5]
    found = sum(1 for one in ours if one.get("result") not in (None, [], {}))
    assert found > COUNT / 8, "hardly anything is found"
    assert sum("wrong" in one for one in ours) > COUNT / 100
