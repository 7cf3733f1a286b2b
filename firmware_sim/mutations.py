# SPDX-License-Identifier: Apache-2.0
"""Every single fault that can be put into SystemVerilog sources by one change of their text, found in slang's tree.

What is changed: operators, conditions, constants, members of enumerations, and assignments, which are left out. What
is not: declared widths (a reader of widths finds those), assertions and what they alone need, the conditions of
`$error` at elaboration, and the bodies of macros.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from interfaces.wire import Record

_SWAPS = {
    "LogicalAndExpression": ("||",),
    "LogicalOrExpression": ("&&",),
    "BinaryAndExpression": ("|",),
    "BinaryOrExpression": ("&",),
    "BinaryXorExpression": ("|",),
    "EqualityExpression": ("!=",),
    "InequalityExpression": ("==",),
    "LessThanExpression": ("<=", ">="),
    "LessThanEqualExpression": ("<", ">"),
    "GreaterThanExpression": (">=", "<="),
    "GreaterThanEqualExpression": (">", "<"),
    "AddExpression": ("-",),
    "SubtractExpression": ("+",),
    "MultiplyExpression": ("+",),
    "DivideExpression": ("*",),
    "UnaryBitwiseAndExpression": ("|",),
    "UnaryBitwiseOrExpression": ("&",),
    "UnaryBitwiseXorExpression": ("&",),
    "UnaryLogicalNotExpression": ("",),
    "UnaryBitwiseNotExpression": ("",),
    "UnaryMinusExpression": ("",),
}
_ASSIGNMENTS = ("NonblockingAssignmentExpression", "AssignmentExpression")
_LEFT_OUT = ("VariableDimension", "ImportDeclaration", "PackageImportDeclaration")
_SIZED = re.compile(r"(\d+)'([bdh])([0-9a-fA-F_]+)$")
_BASES = {"b": 2, "d": 10, "h": 16}


class Mutation(Record, frozen=True):
    """Bytes `start` to `end` of a file, which read `before`, read `after`."""

    file: str
    line: int
    start: int
    end: int
    before: str
    after: str

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}:{self.start}:{_one_line(self.before)} -> {_one_line(self.after)}"

    def apply(self, folder: Path) -> None:
        """Change the file of that folder; lines keep their numbers."""
        path = folder / self.file
        text = path.read_bytes()
        assert text[self.start : self.end].decode() == self.before
        after = self.after + "\n" * (self.before.count("\n") - self.after.count("\n"))
        path.write_bytes(text[: self.start] + after.encode() + text[self.end :])


def all_mutations(sources: Iterable[Path]) -> tuple[Mutation, ...]:
    """Of all sources, in their order."""
    files = {path.name: path.read_bytes() for path in sources}
    enumerations = _enumerations(files.values())
    return tuple(one for name, text in files.items() for one in _of_file(name, text, enumerations))


def draw(sources: Iterable[Path], seed: int) -> list[Mutation]:
    """All of them in the order in which the seed draws them."""
    found = list(all_mutations(sources))
    random.Random(seed).shuffle(found)
    return found


def without_assertions(text: bytes) -> bytes:
    """The same length, with blanks where assertions were."""
    blank = re.compile(rb"[^\n]")
    return re.sub(rb"`ifndef NO_SVA.*?`endif", lambda found: blank.sub(b" ", found[0]), text, flags=re.DOTALL)


def _enumerations(texts: Iterable[bytes]) -> dict[str, tuple[str, ...]]:
    """Each member's others; names that two enumerations share are left out."""
    groups: dict[str, tuple[str, ...]] = {}
    for text in texts:
        for body in re.findall(r"\benum\b[^{]*\{(.*?)\}", text.decode(), re.DOTALL):
            plain = re.sub(r"//[^\n]*", "", body)
            members = tuple(re.findall(r"(?:^|,)\s*([A-Za-z_]\w*)", plain))
            groups |= dict.fromkeys(members, members)
    return groups


def _of_file(name: str, text: bytes, enumerations: dict[str, tuple[str, ...]]) -> Iterator[Mutation]:
    from pyslang import SourceManager, syntax

    tree = syntax.SyntaxTree.fromText(without_assertions(text).decode(), SourceManager(), name, name)
    nodes: list[Any] = []
    tree.root.visit(nodes.append)
    manager = tree.sourceManager
    for node in nodes:
        if not isinstance(node, syntax.SyntaxNode) or _is_left_out(node):
            continue
        for part, after in _changes(node, enumerations):
            start, end = _span(part)
            if manager.isMacroLoc(_begin(part)) or end <= start:
                continue
            before = text[start:end].decode()
            line = text.count(b"\n", 0, start) + 1
            yield Mutation(name, line, start, end, before, after)


def _changes(node: Any, enumerations: dict[str, tuple[str, ...]]) -> Iterator[tuple[Any, str]]:
    """What is replaced, a node or a token, and by what."""
    kind, words = node.kind.name, str(node).strip()
    for after in _SWAPS.get(kind, ()):
        yield node.operatorToken, after
    if kind == "ExpressionStatement" and node.expr.kind.name in _ASSIGNMENTS:
        yield node, ";"
    elif kind == "ConditionalPredicate":
        for after in ("1'b0", "1'b1", f"!({words})"):
            yield node, after
    elif kind == "IdentifierName" and words in enumerations:
        members = enumerations[words]
        yield node, members[(members.index(words) + 1) % len(members)]
    elif kind.endswith("LiteralExpression") or kind == "IntegerVectorExpression":
        for after in _other_numbers(words):
            yield node, after


def _other_numbers(words: str) -> Iterator[str]:
    if words in ("'0", "'1"):
        yield "'1" if words == "'0" else "'0"
    elif sized := _SIZED.match(words):
        bits, base = int(sized[1]), _BASES[sized[2]]
        yield f"{bits}'d{(int(sized[3].replace('_', ''), base) + 1) % (1 << bits)}"
    elif words.replace("_", "").isdigit():
        number = int(words.replace("_", ""))
        yield str(number + 1)
        if number:
            yield str(number - 1)


def _is_left_out(node: Any) -> bool:
    """Within what is not changed."""
    while node is not None:
        if node.kind.name in _LEFT_OUT or (node.kind.name == "IfGenerate" and "$error" in str(node)):
            return True
        node = node.parent
    return False


def _begin(part: Any) -> Any:
    return part.sourceRange.start if hasattr(part, "sourceRange") else part.range.start


def _span(part: Any) -> tuple[int, int]:
    span = part.sourceRange if hasattr(part, "sourceRange") else part.range
    return span.start.offset, span.end.offset


def _one_line(text: str) -> str:
    return " ".join(text.split())
