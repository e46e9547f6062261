"""The same call as a command that works: from the route's template, with nothing in it that the caller sent."""

import re
import shlex

from django.conf import settings

SAFE_ROUTE = re.compile(r"/api/v1(?:/(?:[a-z0-9.-]+|\{[a-z_]+\}))+")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
WITH_BODY = {"POST", "PUT", "PATCH"}
KEY = '"X-Open-Wearables-API-Key: $OW_API_KEY"'
BEARER = '"Authorization: Bearer $OW_ACCESS_TOKEN"'
# What no other command would change: the server's own trouble is in neither of them.
POINTLESS = {"method_not_allowed", "csrf_failed", "signup_closed", "invalid_credentials", "otp_required"}
POINTLESS |= {"refresh_rejected", "email_not_verified", "too_many_attempts"}
FOR_TOKENS = {"developer_session_required", "recent_sign_in_required", "forbidden_role"}
TOKENS_ONLY = re.compile(r"/api/v1/(?:auth|developers|teams|invitations|requests|usage|api-keys(?!/self$))(?:/|$)")


def curl_for(record) -> str:
    """The command, in lines that a shell takes as one; '' where none would help, or where the route is not known.

    Ids in the path are shell variables (`{user_id}` is `"$USER_ID"`), a body is the file body.json.
    """
    if record.status < 400 or record.code in POINTLESS or record.method not in METHODS:
        return ""
    if not SAFE_ROUTE.fullmatch(record.route):
        return ""
    lines = ["curl"]
    if record.method == "HEAD":
        lines[0] += " --head"
    elif record.method != "GET":
        lines[0] += f" --request {record.method}"
    if record.status in (429, 503):
        lines[0] += " --retry 3"  # waits as long as Retry-After says
    lines[0] += f" {_address(record.route)}"
    lines.append(f"--header {_credential(record)}")
    if record.method in WITH_BODY:
        lines.append(f"--header {shlex.quote('Content-Type: application/json')}")
        lines.append("--data @body.json")
    return " \\\n  ".join(lines)


def _address(route: str) -> str:
    parts = re.split(r"\{([a-z_]+)\}", route)
    said = [shlex.quote(settings.SITE_URL + parts[0])]
    for name, rest in zip(parts[1::2], parts[2::2], strict=True):
        said.append(f'"${name.upper()}"')
        said.append(shlex.quote(rest) if rest else "")
    return "".join(said)


def _credential(record) -> str:
    if record.code == "api_key_required":
        return KEY
    by_token = record.code in FOR_TOKENS or record.developer_id or TOKENS_ONLY.match(record.route)
    return BEARER if by_token else KEY
