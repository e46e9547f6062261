"""The password hash: Argon2id as OWASP's cheat sheet sets it, 19 MiB and two passes."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OwaspArgon2(Argon2PasswordHasher):
    """About 20 ms on one core; Django's own parameters take 100 MiB a hash."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
