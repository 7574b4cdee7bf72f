"""Stands for a machine: runs a program, and loses it with all that it has started, once nobody is left to write to its
standard input. Whatever was started there has it for a parent in the end, and is waited for.

    python machine.py <program> <parameters> …
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36


def adopt():
    """Has those without a parent become children of this process."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap():
    """Waits for whatever has ended, so that nobody takes it for running."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            time.sleep(0.02)


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def descendants(pid):
    found = children(pid)
    return found + [deeper for child in found for deeper in descendants(child)]


def tell(pids, what):
    for pid in pids:
        try:
            os.kill(pid, what)
        except ProcessLookupError:
            pass


def lose():
    """Ends all of them as when a machine goes: nobody notices, or starts others, before he is killed himself."""
    own = os.getpid()
    stopped = set()
    while found := set(descendants(own)) - stopped:
        tell(found, signal.SIGSTOP)
        stopped |= found
    tell(stopped, signal.SIGKILL)
    while descendants(own):
        time.sleep(0.005)


adopt()
subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=reap, daemon=True).start()
sys.stdin.buffer.read()
lose()
