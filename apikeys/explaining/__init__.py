"""Why a request was refused, in plain words, and how to ask again: for the portal, for the command, for operators.

Every code of a problem has its words in `codes`, every rule of the request log in `rules`; tests hold that none is
missing. Nothing here repeats what a caller sent: the log holds no body and no query, and `curl` is made from the
route's template.
"""

from apikeys.explaining.pasted import Shape, shape_of
from apikeys.explaining.request import Explanation, explain

__all__ = ["Explanation", "Shape", "explain", "shape_of"]
