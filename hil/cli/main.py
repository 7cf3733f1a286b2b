# SPDX-License-Identifier: Apache-2.0
"""`hil`: finds the verb, and turns every error a user can mend into one message and exit code 2.

A verb's module is imported only when it is used, so that `hil --help` is quick. Results go to
standard output, progress and logs to standard error.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback

from interfaces.errors import BenchError

VERBS = {
    "run": "play a scenario and judge it",
    "serve": "emulate a bench, or one device from its ICD, on real ports until stopped",
    "validate": "check ICD, bench and scenario files",
    "inspect": "show an ICD as a register table, a bench, a scenario, or a trace",
    "icd": "generate code from an ICD, or check that generated code is up to date",
    "diff": "compare two runs of a scenario: discrete edges, states, answers, to the ns",
    "list": "list devices, links, ICDs, scenarios and benches that can be named",
    "doctor": "measure what this host can judge",
}

COULD_NOT_RUN = 2


def parser() -> argparse.ArgumentParser:
    """The parser with every verb's name and purpose; a verb's own options come with its module."""
    top = argparse.ArgumentParser(
        prog="hil",
        description="Hardware-in-the-loop bench: emulated radars and launchers for a controller under test.",
        epilog="exit codes: 0 all passed, 1 a verdict failed, 2 could not run, 3 inconclusive",
    )
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, purpose in VERBS.items():
        verbs.add_parser(name, help=purpose, description=purpose, add_help=False)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    known, rest = parser().parse_known_args(words)
    module = importlib.import_module(f"hil.cli.{known.verb}")
    verb = argparse.ArgumentParser(prog=f"hil {known.verb}", description=VERBS[known.verb])
    module.add_arguments(verb)
    options = verb.parse_args(rest)
    try:
        code = int(module.execute(options))
        sys.stdout.flush()
    except BenchError as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:
        # The reader of our output has gone (a pager, `head`): what is left is not for him, nor for a complaint at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print(f"hil {known.verb}: interrupted", file=sys.stderr)
    except (Exception, SystemExit):  # noqa: BLE001  # the process's boundary: Python's own exit code 1 would say "a verdict failed"
        traceback.print_exc()
    else:
        return code
    return COULD_NOT_RUN
