import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))


def pytest_addoption(parser):
    parser.addoption("--table", action="store_true", help="print what every corpus script did, as a Markdown table")


def pytest_terminal_summary(terminalreporter, config):
    if not config.getoption("--table", default=False):
        return
    import corpus_run
    terminalreporter.write_line("")
    for line in corpus_run.table_lines():
        terminalreporter.write_line(line)
