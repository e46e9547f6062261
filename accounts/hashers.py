"""How passwords are hashed: Argon2id as OWASP's password storage cheat sheet has it, one at a time, and out of the way.

One hash takes a core for some 20 ms. Each process has one thread for it, which the kernel gives a third of the share of
the threads that answer calls: on a quiet machine sign-ins lose nothing by it, under a flood of guesses key traffic
keeps its cores.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.hashers import Argon2PasswordHasher

STEP_BACK = 5  # niceness of the thread that hashes; setpriority(2): each step is 1.25 of a share


def _step_back() -> None:
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STEP_BACK)


_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hash", initializer=_step_back)


class OwaspArgon2(Argon2PasswordHasher):
    """t=2, m=19 MiB, p=1: about 20 ms on one core (Django's own defaults take 100 MiB and 130 ms)."""

    time_cost, memory_cost, parallelism = 2, 19456, 1

    def encode(self, password, salt):
        """Hash, in the thread for it."""
        return _thread.submit(super().encode, password, salt).result()

    def verify(self, password, encoded):
        """Hash and compare, in the thread for it."""
        return _thread.submit(super().verify, password, encoded).result()
