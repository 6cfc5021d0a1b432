"""The tools must find what they are for: each case plants one mistake in a small tree and expects it named."""

import pathlib
import subprocess

import pytest

TOOLS = pathlib.Path(__file__).resolve().parent

TABLE = """# page
## 3. Repository
## 4. Who may look at whom
| room | may include (besides core) |
|---|---|
| core | — |
| expr, metrics, net | — |
| protocol | net |
| cli | everything |

## 5. The rooms
"""


@pytest.fixture
def tree(tmp_path):
    """A tree of three rooms without a mistake; returns a function that adds a file."""

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    write("docs/architecture.md", TABLE)
    write("src/core/a.h", "#pragma once\n#include <vector>\n")
    write("src/net/loop.h", '#pragma once\n#include "core/a.h"\n')
    write("src/net/detail/ring.h", "#pragma once\n")
    write("src/net/CMakeLists.txt", "slsart_room(net LINKS slsart_core slsart_ext_cares)\n")
    write("src/protocol/url.h", '#pragma once\n#include <string>\n\n#include "net/loop.h"\n')
    write("src/cli/main.cpp", '#include "protocol/url.h"\n')
    write.root = tmp_path
    return write


def check(tool, tree, *args):
    done = subprocess.run([TOOLS / tool, "--root", tree.root, *args], text=True, capture_output=True)
    return done.returncode, done.stdout + done.stderr


def test_layers_pass_on_a_clean_tree(tree):
    assert check("check_layers", tree) == (0, "check_layers: ok\n")


@pytest.mark.parametrize("name, text, expected", [
    ("src/net/bad.h", '#pragma once\n#include "protocol/url.h"\n', 'src/net/bad.h:2: net may not include "protocol/url.h"'),
    ("src/core/bad.cpp", '#include "net/loop.h"\n', 'src/core/bad.cpp:1: core may not include "net/loop.h"'),
    ("src/protocol/bad_test.cpp", ' # include "cli/main.cpp"\n', "src/protocol/bad_test.cpp:1: protocol may not"),
    ("src/protocol/peek.cpp", '#include "net/detail/ring.h"\n', "is private to the room net"),
    ("src/net/near.cpp", '#include "loop.h"\n', '"loop.h" is no file below src/'),
    ("src/util/all.h", "#pragma once\n", "the room util is not in the table"),
    ("src/net/CMakeLists.txt", "slsart_room(net\n  LINKS slsart_core\n  slsart_protocol)\n",
     "src/net/CMakeLists.txt:3: net may not link slsart_protocol"),
])
def test_layers_name_a_planted_violation(tree, name, text, expected):
    tree(name, text)
    code, output = check("check_layers", tree)
    assert code == 1
    assert expected in output


def test_layers_need_the_table(tree):
    tree("docs/architecture.md", "# another page\n")
    assert check("check_layers", tree)[0] == 2


def test_headers_find_one_that_leans_on_its_includer(tree):
    assert check("check_headers", tree)[0] == 0
    tree("src/net/bad.h", "#pragma once\ninline std::string name();\n")
    code, output = check("check_headers", tree)
    assert code == 1
    assert "src/net/bad.h does not compile alone" in output
    assert "1 of 5 fail" in output


def test_headers_are_compiled_again_when_what_they_include_changed(tree):
    assert check("check_headers", tree)[0] == 0
    assert "0 compiled" in check("check_headers", tree)[1]
    tree("src/core/a.h", "#pragma once\nnot a declaration\n")
    code, output = check("check_headers", tree)
    assert code == 1
    assert "src/protocol/url.h does not compile alone" in output


def test_the_projects_own_rooms_are_all_in_the_table():
    done = subprocess.run([TOOLS / "check_layers"], text=True, capture_output=True)
    assert "is not in the table" not in done.stdout


def test_static_names_what_a_dynamic_program_needs(tmp_path):
    source = tmp_path / "main.c"
    source.write_text("int main(void) { return 0; }\n")
    for name, flags, expected in [("alone", ["-static-pie", "-fPIE"], 0), ("dynamic", [], 1), ("fixed", ["-static", "-no-pie"], 1)]:
        subprocess.run(["gcc", *flags, "-o", tmp_path / name, source], check=True)
        done = subprocess.run([TOOLS / "check_static", tmp_path / name], text=True, capture_output=True)
        assert done.returncode == expected, done.stdout
        assert name != "dynamic" or "needs libc.so.6" in done.stdout
