# SPDX-License-Identifier: Apache-2.0
"""One small machine a rule, in integer nanoseconds. A table at the end says which serves which.

Each is offered the records of the types it wants, with their line in the trace, and concludes once.
`error_ns` is how wrong the clock's instants may be: a figure that near its limit is inconclusive.
"""

from __future__ import annotations

from typing import Any, Protocol

from hil.trace.events import Event
from hil.verdicts.figures import EVIDENCE_MAX, Seen, Shared, shown, timed
from hil.verdicts.model import Always, Count, Never, Order, Outcome, Rate, Requirement, Response, Verdict, worst
from hil.verdicts.select import Matcher, compile_where, milliseconds_ns, thing, value_at
from interfaces.wire import NS_PER_S


class Judge(Protocol):
    """A requirement being judged."""

    matchers: list[Matcher]

    def feed(self, line: int, event: Event) -> None: ...

    def conclude(self, end_ns: int, error_ns: int) -> Verdict: ...


class JudgeResponse:
    def __init__(self, rule: Response) -> None:
        self._rule = rule
        self._trigger, self._response = Matcher(rule.trigger), Matcher(rule.response)
        self.matchers = [self._trigger, self._response]
        self._limit_ns = milliseconds_ns(rule.within_ms)
        self._shared = Shared(rule.same)
        self._pending: dict[Any, list[tuple[int, int]]] = {}
        self._worst_ns, self._worst_lines, self._count = -1, (0, 0), 0

    def feed(self, line: int, event: Event) -> None:
        if isinstance(event, self._response.event_type) and self._response.matches(event):
            for start_ns, start_line in self._pending.pop(self._shared.of(event), ()):
                self._count += 1
                if event.time_ns - start_ns > self._worst_ns:
                    self._worst_ns, self._worst_lines = event.time_ns - start_ns, (start_line, line)
        if isinstance(event, self._trigger.event_type) and self._trigger.matches(event):
            # A trigger without the value that both must have can't be answered.
            self._pending.setdefault(self._shared.of(event) or line, []).append((event.time_ns, line))

    def conclude(self, end_ns: int, error_ns: int) -> Verdict:
        rule, limit = self._rule, f"within {shown(self._limit_ns)}"
        waiting = sorted(one for pending in self._pending.values() for one in pending)
        missing = [(start_ns, line) for start_ns, line in waiting if end_ns - start_ns > self._limit_ns]
        if missing:
            outcome = worst(timed(end_ns - start_ns, self._limit_ns, error_ns) for start_ns, _ in missing)
            if self._count:
                outcome = worst((outcome, timed(self._worst_ns, self._limit_ns, error_ns)))
            figure = (
                f"none to {len(missing)} of {len(missing) + self._count}, first at {missing[0][0] / NS_PER_S:.6f} s"
            )
            return Verdict(
                rule.id, rule.text, outcome, limit, figure, tuple(sorted(one for _, one in missing))[:EVIDENCE_MAX]
            )
        if not self._count:
            return Verdict(rule.id, rule.text, Outcome(rule.unseen), limit, "never asked for")
        outcome = timed(self._worst_ns, self._limit_ns, error_ns)
        figure = f"worst {shown(self._worst_ns)} of {self._count}"
        return Verdict(rule.id, rule.text, outcome, limit, figure, self._worst_lines)


class JudgeNever:
    def __init__(self, rule: Never) -> None:
        self._rule = rule
        self._match = Matcher(rule.match)
        self._unless = Matcher(rule.unless) if rule.unless else None
        self._reset = Matcher(rule.reset) if rule.reset else None
        self.matchers = [one for one in (self._match, self._unless, self._reset) if one is not None]
        self._shared = Shared(rule.same)
        self._allowed: set[Any] = set()
        self._allowed_count = 0
        self._broken = Seen()

    def feed(self, line: int, event: Event) -> None:
        if isinstance(event, self._match.event_type) and self._match.matches(event):
            if self._shared.of(event) in self._allowed:
                self._allowed_count += 1
            else:
                self._broken.add(line, event.time_ns)
        if self._reset is not None and isinstance(event, self._reset.event_type) and self._reset.matches(event):
            self._allowed.discard(self._shared.of(event))
        if self._unless is not None and isinstance(event, self._unless.event_type) and self._unless.matches(event):
            self._allowed |= {self._shared.of(event)} - {None}

    def conclude(self, end_ns: int, error_ns: int) -> Verdict:
        rule, limit = self._rule, "never unless preceded" if self._unless else "never"
        if self._broken.count:
            figure = f"{self._broken.count} times, first at {self._broken.first_ns / NS_PER_S:.6f} s"
            return Verdict(rule.id, rule.text, Outcome.FAIL, limit, figure, tuple(self._broken.lines))
        figure = f"{self._allowed_count} rightly" if self._unless else "0 times"
        return Verdict(rule.id, rule.text, Outcome.PASS, limit, figure)


class JudgeAlways:
    def __init__(self, rule: Always) -> None:
        self._rule = rule
        self._of = Matcher(rule.of)
        self._holds = compile_where(rule.holds)
        self._start = Matcher(rule.start) if rule.start else None
        self._until = Matcher(rule.until) if rule.until else None
        self.matchers = [one for one in (self._of, self._start, self._until) if one is not None]
        self._open = self._start is None
        self._last: dict[tuple[str, str], tuple[int, int, bool]] = {}
        self._broken = Seen()
        self._seen = 0

    def feed(self, line: int, event: Event) -> None:
        if isinstance(event, self._of.event_type) and self._of.matches(event):
            held = all(test(value_at(event, path)) for path, test in self._holds)
            self._last[thing(event)] = value = (line, event.time_ns, held)
            if self._open:
                self._check(value)
        if self._open and self._until is not None and self._is(self._until, event):
            self._open = False
        elif not self._open and self._start is not None and self._is(self._start, event):
            self._open = True
            for value in sorted(self._last.values()):  # in the order of the trace
                self._check(value)

    def _is(self, matcher: Matcher, event: Event) -> bool:
        return isinstance(event, matcher.event_type) and matcher.matches(event)

    def _check(self, value: tuple[int, int, bool]) -> None:
        self._seen += 1
        line, time_ns, held = value
        if not held:
            self._broken.add(line, time_ns)

    def conclude(self, end_ns: int, error_ns: int) -> Verdict:
        rule = self._rule
        limit = ", ".join(f"{name} {value}" for name, value in rule.holds.items())
        if self._broken.count:
            figure = f"broken {self._broken.count} times, first at {self._broken.first_ns / NS_PER_S:.6f} s"
            return Verdict(rule.id, rule.text, Outcome.FAIL, limit, figure, tuple(self._broken.lines))
        if not self._seen:
            return Verdict(rule.id, rule.text, Outcome.FAIL, limit, "nothing to judge was seen")
        return Verdict(rule.id, rule.text, Outcome.PASS, limit, f"held over {self._seen} values")


class JudgeOrder:
    def __init__(self, rule: Order) -> None:
        self._rule = rule
        self.matchers = [Matcher(step) for step in rule.steps]
        self._limit_ns = None if rule.within_ms is None else milliseconds_ns(rule.within_ms)
        self._shared = Shared(rule.same)
        self._runs: dict[Any, _Run] = {}

    def feed(self, line: int, event: Event) -> None:
        value = self._shared.of(event)
        run = self._runs.get(value)
        # One record is one step at most: a step that looks like the one before it needs a record of its own.
        number = 0 if run is None else len(run.lines)
        if value is None or number == len(self.matchers):
            return
        step = self.matchers[number]
        if isinstance(event, step.event_type) and step.matches(event):
            run = self._runs.setdefault(value, _Run(event.time_ns))
            run.lines.append(line)
            run.last_ns = event.time_ns

    def conclude(self, end_ns: int, error_ns: int) -> Verdict:
        rule, total = self._rule, len(self.matchers)
        limit = f"{total} steps"
        if self._limit_ns is not None:
            limit += f" within {shown(self._limit_ns)}"
        whole = [run for run in self._runs.values() if len(run.lines) == total]
        begun = [run for run in self._runs.values() if len(run.lines) < total]
        # As of a response: what can still come in time is not judged, if there is something else to judge.
        cut = [run for run in begun if not whole or self._limit_ns is None or end_ns - run.first_ns > self._limit_ns]
        outcome = self._outcome(whole, cut, end_ns, error_ns)
        if cut or not whole:
            lines = min((run.lines for run in cut), default=[])
            step = rule.steps[len(lines)]
            wanted = " ".join(f"{name}={value}" for name, value in step.where.items())
            figure = f"step {len(lines) + 1} of {total} not seen ({step.kind} {step.place} {wanted})"
            return Verdict(rule.id, rule.text, outcome, limit, figure, tuple(lines))
        slowest = max(whole, key=_Run.took_ns)
        figure = f"all in {shown(slowest.took_ns())}" + (f", the slowest of {len(whole)}" if len(whole) > 1 else "")
        return Verdict(rule.id, rule.text, outcome, limit, figure, tuple(slowest.lines))

    def _outcome(self, whole: list[_Run], cut: list[_Run], end_ns: int, error_ns: int) -> Outcome:
        if not whole or (cut and self._limit_ns is None):
            return Outcome.FAIL
        if self._limit_ns is None:
            return Outcome.PASS
        figures_ns = [*(run.took_ns() for run in whole), *(end_ns - run.first_ns for run in cut)]
        return worst(timed(figure_ns, self._limit_ns, error_ns) for figure_ns in figures_ns)


class _Run:
    """The steps seen so far for one value."""

    def __init__(self, first_ns: int) -> None:
        self.first_ns = self.last_ns = first_ns
        self.lines: list[int] = []

    def took_ns(self) -> int:
        return self.last_ns - self.first_ns


class JudgeCount:
    def __init__(self, rule: Count) -> None:
        self._rule = rule
        self._match = Matcher(rule.match)
        self.matchers = [self._match]
        self._seen = Seen()

    def feed(self, line: int, event: Event) -> None:
        if self._match.matches(event):
            self._seen.add(line, event.time_ns)

    def conclude(self, end_ns: int, error_ns: int) -> Verdict:
        rule, count = self._rule, self._seen.count
        limit = f"at least {rule.min}" + (f", at most {rule.max}" if rule.max is not None else "")
        fits = rule.min <= count and (rule.max is None or count <= rule.max)
        outcome = Outcome.PASS if fits else Outcome.FAIL
        return Verdict(rule.id, rule.text, outcome, limit, f"{count} times", tuple(self._seen.lines))


class JudgeRate:
    def __init__(self, rule: Rate) -> None:
        self._rule = rule
        self._match = Matcher(rule.match)
        self.matchers = [self._match]
        self._period_ns, self._tolerance_ns = milliseconds_ns(rule.period_ms), milliseconds_ns(rule.tolerance_ms)
        self._last: tuple[int, int] | None = None
        self._count = 0
        self._worst_ns = -1
        self._worst_lines: tuple[int, ...] = ()

    def feed(self, line: int, event: Event) -> None:
        if not self._match.matches(event):
            return
        self._count += 1
        if self._last is not None:
            self._grade(abs(event.time_ns - self._last[0] - self._period_ns), (self._last[1], line))
        self._last = (event.time_ns, line)

    def _grade(self, off_ns: int, lines: tuple[int, ...]) -> None:
        if off_ns > self._worst_ns:
            self._worst_ns, self._worst_lines = off_ns, lines

    def conclude(self, end_ns: int, error_ns: int) -> Verdict:
        rule = self._rule
        limit = f"{shown(self._period_ns)} +- {shown(self._tolerance_ns)}"
        if self._last is None or self._count < max(2, rule.at_least):
            return Verdict(rule.id, rule.text, Outcome.FAIL, limit, f"seen {self._count} times")
        # What falls silent before the end is late too; what may still come in time is not.
        before_ns = self._match.before_ns
        until_ns = end_ns if before_ns is None else min(end_ns, before_ns)
        self._grade(until_ns - self._last[0] - self._period_ns, (self._last[1],))
        outcome = timed(self._worst_ns, self._tolerance_ns, error_ns)
        figure = f"off by {shown(self._worst_ns)} at worst, {self._count} times"
        return Verdict(rule.id, rule.text, outcome, limit, figure, self._worst_lines)


JUDGES: dict[type, Any] = {
    Response: JudgeResponse,
    Never: JudgeNever,
    Always: JudgeAlways,
    Order: JudgeOrder,
    Count: JudgeCount,
    Rate: JudgeRate,
}


def judge_of(rule: Requirement) -> Judge:
    """The machine that judges a requirement."""
    judge: Judge = JUDGES[type(rule)](rule)
    return judge
