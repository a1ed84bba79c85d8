"""What waits in an execution of a state machine, and how its end reaches it."""

import contextvars
import threading
import time


class Ended(BaseException):
    """Carries a thread out of an execution, or of a branch, that goes on no longer; no Retry or Catch sees it."""


class Run:
    """An execution, or the branches of one state in it: what waits there, and until when it may.

    Every sleep and every wait for a callback is a wait on an event that is known here, so that the end wakes it.
    """

    def __init__(self, deadline=None, parent=None):
        self.deadline = parent.deadline if parent else deadline
        self.parent = parent
        self.timed_out = False
        self._ended = False
        self._waiting = set()
        if parent:
            parent.watch(self)

    def watch(self, waiting):
        """Something with `set()`, which is called when this ends: an event, or a run below."""
        self._waiting.add(waiting)

    def forget(self, waiting):
        self._waiting.discard(waiting)

    def set(self):
        """Ends this, and what waits in it."""
        self._ended = True
        for waiting in list(self._waiting):
            waiting.set()

    def wait(self, event, seconds):
        """Waits for the event, at most so many seconds; whether it came. Raises Ended when this ends first."""
        self.watch(event)
        try:
            self.check()
            left = seconds if self.deadline is None else min(seconds, self.deadline - time.monotonic())
            came = event.wait(min(left, threading.TIMEOUT_MAX))
            self.check()
            return came
        finally:
            self.forget(event)

    def check(self):
        """Raises Ended once there is nothing more to do."""
        self.timed_out = self.deadline is not None and time.monotonic() >= self.deadline
        if self._ended or self.timed_out:
            raise Ended

    @property
    def ended(self):
        return self._ended


_run = contextvars.ContextVar("run", default=Run())


def current():
    return _run.get()


def enter(run):
    """Makes it the run of this thread, and of those it starts."""
    _run.set(run)


def enter_branches():
    """A run for the branches of a state of this one: it can end alone, and ends with this one."""
    enter(Run(parent=current()))
    return current()


def leave_branches(branches):
    """Back to the run above. Raises Ended where that ended meanwhile."""
    enter(branches.parent)
    branches.parent.forget(branches)
    branches.parent.check()
