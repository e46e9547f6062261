"""Every code of a problem, explained once: the errors page, the schema's examples and the tests read it here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorCode:
    """What one `code` of a problem means to whoever meets it."""

    code: str
    status: int
    meaning: str
    next: str


CATALOGUE = {
    row[0]: ErrorCode(*row)
    for row in (
        (
            "bad_request",
            400,
            "The request is broken before its body is read.",
            "Check the Host header and the address.",
        ),
        ("not_authenticated", 401, "No credential was sent.", "Send an API key, or an access token as a Bearer."),
        (
            "invalid_api_key",
            401,
            "The API key is unknown, expired, disabled or revoked.",
            "Compare its prefix with your list of keys; make or rotate one.",
        ),
        (
            "invalid_token",
            401,
            "The access token is not valid, or not any more.",
            "Refresh it, and sign in again if that is refused.",
        ),
        (
            "invalid_credentials",
            401,
            "The e-mail address or the password is wrong.",
            "Try again. Which of the two was wrong is never said.",
        ),
        (
            "otp_required",
            401,
            "The password is right and a second factor is set up.",
            "Sign in again with a code in otp.",
        ),
        (
            "refresh_rejected",
            401,
            "The refresh token is spent, expired, revoked or unknown.",
            "Sign in again. If nobody used the old token but you, tell us: a replay ends the session.",
        ),
        (
            "ambiguous_credentials",
            401,
            "Two different credentials came in one request.",
            "Send one. The detail names the headers.",
        ),
        (
            "recent_sign_in_required",
            401,
            "The sign-in is too old for making, rotating or widening a key, or older than the second factor.",
            "Sign in again with the password, and a code where there is a second factor; refreshing does not help.",
        ),
        (
            "csrf_failed",
            403,
            "A form came without its token, or with an old one.",
            "Reload the page and send the form again.",
        ),
        ("api_key_required", 403, "This call is for a program.", "Send an API key instead of a developer’s token."),
        (
            "developer_session_required",
            403,
            "This call is for a person; an API key may not make it.",
            "Sign in and send the access token.",
        ),
        (
            "insufficient_scope",
            403,
            "The key is good but lacks a scope.",
            "Give the key the scope that the detail names, or use another key.",
        ),
        (
            "ip_not_allowed",
            403,
            "The key may not be used from this address.",
            "Add the address to the key’s list, or call from one that is on it.",
        ),
        (
            "https_required",
            403,
            "The request came over plain HTTP.",
            "Use https://. If it carried a key, rotate that key: others may have read it.",
        ),
        (
            "origin_not_allowed",
            403,
            "The cookie was used from a page of another origin.",
            "Call from this site or from an origin in CORS_ALLOWED_ORIGINS.",
        ),
        ("forbidden_role", 403, "Your role in the team does not allow this.", "Ask an owner or admin of the team."),
        (
            "email_not_verified",
            403,
            "The e-mail address is not confirmed yet.",
            "Open the link in the mail that was sent to it.",
        ),
        ("signup_closed", 403, "Nobody can make an account here by themselves.", "Ask whoever runs this site."),
        (
            "not_found",
            404,
            "There is nothing at this address, or nothing of yours.",
            "Check the id and the path: no slash at its end.",
        ),
        ("method_not_allowed", 405, "The address exists, the method does not.", "Use one that the Allow header names."),
        (
            "already_exists",
            409,
            "Something with this e-mail address or external id exists.",
            "Use the one that exists, or send another value.",
        ),
        ("too_many_keys", 409, "The team has as many keys as it may have.", "Revoke one that nobody uses."),
        ("last_owner", 409, "A team keeps at least one owner.", "Make somebody else an owner first."),
        ("key_not_active", 409, "The key is disabled, expired or revoked.", "Enable it, or make a new one."),
        (
            "already_rotated",
            409,
            "The key has a successor already.",
            "Use or rotate the successor, whose id is in the answer.",
        ),
        ("payload_too_large", 413, "The body is longer than 64 KB.", "Send less at once."),
        (
            "unsupported_media_type",
            415,
            "The body is of a type that this call does not read.",
            "Send what the detail names, mostly application/json.",
        ),
        (
            "validation_error",
            422,
            "Something in the body or the query is wrong.",
            "See errors: one entry for each fault, with its place.",
        ),
        (
            "unknown_field",
            422,
            "Inside errors: a field or parameter that this call does not know.",
            "Check its spelling, or leave it out.",
        ),
        (
            "rate_limited",
            429,
            "The key made more calls than its limit allows.",
            "Wait as long as Retry-After says, then go slower.",
        ),
        (
            "too_many_attempts",
            429,
            "Too many wrong passwords or keys came from here.",
            "Wait as long as Retry-After says.",
        ),
        ("server_error", 500, "We made a mistake.", "Try again; if it stays, tell us the request id."),
        (
            "service_unavailable",
            503,
            "A part of the service is away.",
            "Wait as long as Retry-After says, then try again.",
        ),
    )
}
