"""Errors for users: what is wrong, where, the nearest valid names, and the command that fixes it."""

from __future__ import annotations

import difflib
import signal
from collections.abc import Iterable, Sequence


class UserError(Exception):
    """What a user is told, and can mend: their mistake, or else a `Failure`, which is told in the same way.

    The outermost `main` prints it without a traceback and exits with its exit code: 2 for a mistake.

    Args:
        what: one sentence that says what is wrong.
        where: key path, file or row of the mistake.
        suggestions: valid names closest to the one given, best first.
        fix: a command or a change that fixes it.
    """

    exit_code = 2

    def __init__(
        self, what: str, *, where: str | None = None, suggestions: Sequence[str] = (), fix: str | None = None
    ) -> None:
        self.what = what
        self.where = where
        self.suggestions = tuple(suggestions)
        self.fix = fix
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.suggestions:
            lines.append(f"  did you mean: {', '.join(self.suggestions)}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class Failure(UserError):
    """A `UserError` that is not the user's mistake but a failure around it, such as a full disk: exit code 1."""

    exit_code = 1


INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM
"""Exit codes of commands that a signal ended: Ctrl-C, SIGTERM."""


class PrunedError(Exception):
    """Ends a run early because others of its search are more promising; it has no result and is not an error."""


class UserErrors(UserError):
    """Several mistakes, reported together."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        self.errors = tuple(errors)
        super().__init__(f"{len(self.errors)} mistakes")

    def __str__(self) -> str:
        return "\n".join([f"{len(self.errors)} mistakes:", *(f"{n}. {e}" for n, e in enumerate(self.errors, 1))])


def raise_together(errors: Iterable[UserError]) -> None:
    """Raises a single error as it is and several as `UserErrors`; does nothing without errors."""
    collected = list(errors)
    if len(collected) == 1:
        raise collected[0]
    if collected:
        raise UserErrors(collected)


def distinct(errors: Iterable[UserError]) -> list[UserError]:
    """The errors without those whose message repeats, in order of first appearance."""
    return list({str(error): error for error in errors}.values())


def interruption(error: BaseException) -> BaseException | None:
    """The Ctrl-C or signal that is an error, or that it comes from; None if it comes from none.

    A library that is interrupted while it handles something else may raise an error of its own.
    """
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return error
    found = error.__context__
    while found is not None and not _is_signal(found):
        found = found.__context__
    return found


def _is_signal(error: BaseException) -> bool:
    if isinstance(error, SystemExit):  # another exit, as of a parser that a library uses, is no interruption
        return error.code in (INTERRUPTED, TERMINATED)
    return isinstance(error, KeyboardInterrupt)


def first_line(error: BaseException) -> str:
    """The first line of an error's message that is not blank; the name of its type where there is none."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def suggest(name: str, candidates: Iterable[str]) -> list[str]:
    """At most three candidates similar to `name` (case-folded similarity of at least one half), best first."""
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(candidate.casefold(), candidate)
    return [folded[match] for match in difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)]
