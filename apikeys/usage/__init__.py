"""What keys are used for, counted off the request path.

A request leaves one `Observation` in a queue of its process (`note`), and that is all it does. A thread of its own adds
them up (`totals`) and writes them every USAGE_FLUSH_SECONDS in one transaction (`writing`): usage, last use, endpoints,
the request log, digests under a new pepper, and the numbers of /metrics. What was counted is written at exit too; a
process that is killed loses what it had not written yet, and nothing is ever counted twice (`UsageBatch`).
"""

from apikeys.usage.observation import Observation
from apikeys.usage.recorder import flush, note

__all__ = ["Observation", "flush", "note"]
