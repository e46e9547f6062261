"""A password hash for tests: the same algorithm, as cheap as it goes."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    """One pass over 8 KiB; one test uses the real one."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
