"""The commands of a running site, one after another in one process: Django takes seconds to start, a test runs many.

Asked by a line of JSON, the words after manage.py; answers a line of JSON, {"said": …} or {"failed": …}.
"""

import json
import sys
import traceback
from contextlib import redirect_stdout
from io import StringIO

import django
from django.core.management import call_command
from django.db import connections


def main():
    """Answer until nobody asks any more."""
    django.setup()
    for line in sys.stdin:
        said = StringIO()
        try:
            with redirect_stdout(said):
                call_command(*json.loads(line))
        except BaseException:  # SystemExit is how a command fails
            answer = {"failed": traceback.format_exc()}
        else:
            answer = {"said": said.getvalue()}
        finally:
            connections.close_all()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
