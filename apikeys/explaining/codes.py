"""What each code of a problem means to whoever met it, and what to do next."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Words(NamedTuple):
    """`why` it was refused, and what to do `next`, each a sentence or two."""

    why: object
    next: object


CODES = {
    "bad_request": Words(
        _("The request itself was broken: its Host, its path or its form."),
        _("Check the address, and let an HTTP library write the request."),
    ),
    "not_authenticated": Words(
        _("The request brought no credential that counts: no key and no access token in a header."),
        _("Send your key in the header X-Open-Wearables-API-Key. Keys in the query are not read."),
    ),
    "invalid_api_key": Words(
        _("The key opens nothing."),
        _("Look the key up in your list by its prefix, and use one that is active."),
    ),
    "invalid_token": Words(
        _("The access token is not valid, or not any more."),
        _("Refresh it once; if that is refused too, sign in again."),
    ),
    "invalid_credentials": Words(
        _("The e-mail address or the password was wrong. Which of the two is never said."),
        _("Try again, or reset the password."),
    ),
    "otp_required": Words(
        _("The password was right, and this account has a second factor."),
        _("Sign in again with a fresh code in “otp”."),
    ),
    "refresh_rejected": Words(
        _("The refresh token was spent, expired, revoked or unknown."),
        _("Sign in again. Keep the newest refresh token only: using an old one ends the session."),
    ),
    "ambiguous_credentials": Words(
        _("Two different credentials came in one request, and we do not guess which one is meant."),
        _("Send one: the key in X-Open-Wearables-API-Key, or the token as a Bearer."),
    ),
    "recent_sign_in_required": Words(
        _("Making, rotating or widening a key needs a sign-in of the last minutes, and this one was older."),
        _("Sign in again with the password or second factor. Refreshing does not help."),
    ),
    "csrf_failed": Words(
        _("A form came without its token, or with an old one."),
        _("Reload the page and send the form again."),
    ),
    "api_key_required": Words(
        _("This call is for programs, and it came with a developer’s access token."),
        _("Send an API key instead."),
    ),
    "developer_session_required": Words(
        _("This call is for people, and it came with an API key. No scope opens it."),
        _("Sign in and send the access token as a Bearer."),
    ),
    "insufficient_scope": Words(
        _("The key is good, but it lacks the scope that this call needs."),
        _("Give the key that scope, or use another key."),
    ),
    "ip_not_allowed": Words(
        _("The key is good, but its address list does not hold the address that the call came from."),
        _("Add the address to the key’s list, or call from one that is on it. Behind a proxy, it is the proxy’s."),
    ),
    "https_required": Words(
        _("The request came over plain HTTP, where others can read along."),
        _("Use https://. If a key was sent, rotate it: take it as read by others."),
    ),
    "origin_not_allowed": Words(
        _("The sign-in cookie was used from a page of another origin."),
        _("Call from this site, or ask who runs it to allow the origin (CORS_ALLOWED_ORIGINS)."),
    ),
    "forbidden_role": Words(
        _("The role in the team does not allow this."),
        _("Ask an owner or admin of the team for another role, or to do it."),
    ),
    "email_not_verified": Words(
        _("The account’s e-mail address is not confirmed yet."),
        _("Open the link in the mail that was sent to it."),
    ),
    "signup_closed": Words(
        _("Nobody can make an account here by themselves."),
        _("Ask whoever runs this site for an invitation."),
    ),
    "not_found": Words(
        _("There is nothing at this address, or it belongs to another team: the answer is the same for both."),
        _("Check the id, that the key is of the right team, and the path: no slash at its end."),
    ),
    "method_not_allowed": Words(
        _("The address exists, but not with this method."),
        _("Use one that the answer’s Allow header names."),
    ),
    "already_exists": Words(
        _("Something with this e-mail address or external id exists already."),
        _("Use the one that exists, or send another value."),
    ),
    "too_many_keys": Words(
        _("The team has as many keys as it may have."),
        _("Revoke one that nobody uses."),
    ),
    "last_owner": Words(
        _("It would have left a team without any owner."),
        _("Make somebody else an owner first."),
    ),
    "key_not_active": Words(
        _("The key that was to be changed is disabled, expired or revoked."),
        _("Enable it, or make a new one."),
    ),
    "already_rotated": Words(
        _("The key has a successor already."),
        _("Use or rotate the successor, whose id is in the answer."),
    ),
    "payload_too_large": Words(_("The body was longer than 64 KB."), _("Send less at once.")),
    "unsupported_media_type": Words(
        _("The body was of a type that this call does not read."),
        _("Send JSON, with the header Content-Type: application/json."),
    ),
    "validation_error": Words(
        _("Something in the body or the query was not right."),
        _("See “errors” in the answer: one entry for each fault, with its place."),
    ),
    "unknown_field": Words(
        _("A field or parameter that this call does not know."),
        _("Check its spelling, or leave it out."),
    ),
    "rate_limited": Words(
        _("More calls came than the limit allows."),
        _("Wait as long as Retry-After said, then go slower."),
    ),
    "too_many_attempts": Words(
        _("Too many wrong passwords or keys came from this address lately."),
        _("Wait as long as Retry-After said, and mend what sends the wrong ones."),
    ),
    "server_error": Words(
        _("We made a mistake. It is not the request’s fault."),
        _("Try again; if it stays, tell whoever runs this site the request id."),
    ),
    "service_unavailable": Words(
        _("A part of the service was away for a moment."),
        _("Try again after what Retry-After said. It is safe to repeat a GET."),
    ),
}
WITHOUT_CODE = Words(
    _("It was refused without a code of ours."),
    _("Look at the answer’s body, and tell whoever runs this site the request id."),
)
