# SPDX-License-Identifier: Apache-2.0
"""Finds classes that others bring: by entry point, or by a path that the user names himself.

A name without a colon is looked up in an entry-point group; `module:Class` and `file.py:Class` are
imported, the latter with its own folder on the module path, as `python file.py` would have it.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
import traceback
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from interfaces.errors import BenchError


class PluginError(BenchError):
    """A class that a file or the command line names cannot be had."""


def names(group: str) -> list[str]:
    """What the entry-point group `group` offers."""
    return sorted(entry.name for entry in entry_points(group=group))


def find(group: str, name: str, base: Path = Path()) -> Any:
    """The class called `name`; a file's path is taken from `base`. Raises `PluginError`."""
    if ":" in name:
        return _import(name, base)
    for entry in entry_points(group=group):
        if entry.name == name:
            return _load_entry(group, name, entry)
    known = names(group)
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
    raise PluginError(f"{group}: there is no {name!r}; {hint}")


def _load_entry(group: str, name: str, entry: Any) -> Any:
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise PluginError(f"{group}: {name!r} cannot be loaded ({error}); reinstall what provides it") from error


def _import(name: str, base: Path) -> Any:
    where, _, attribute = name.rpartition(":")
    try:
        module = _import_file(base / where) if where.endswith(".py") else importlib.import_module(where)
        return getattr(module, attribute)
    except (ImportError, AttributeError, OSError) as error:
        raise PluginError(f"{name}: cannot be imported ({error}); name it as module:Class or file.py:Class") from error
    except (Exception, SystemExit) as error:  # another's code may raise anything while it is imported
        raise PluginError(f"{name}: cannot be imported ({_told(error)}); mend that file") from error


def _told(error: BaseException) -> str:
    """An error of another's code, with the line it came from."""
    if isinstance(error, SyntaxError):
        return f"{error.msg}, line {error.lineno}"
    return f"{type(error).__name__}: {error}, line {traceback.extract_tb(error.__traceback__)[-1].lineno}"


def _import_file(path: Path) -> Any:
    path = path.resolve()
    name = f"_hil_plugin_{path.parent.name}_{path.stem}"
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == str(path):
        return sys.modules[name]
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]  # half a module must not be found by the next who asks
        raise
    return module
