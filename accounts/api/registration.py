"""Signing up, and a forgotten password: endpoints that need no credential and tell nobody who has an account."""

from accounts import emails, reset
from accounts.serializers import Forgotten, Message, Registration, Reset
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint
from protocol.problems import Fault, ValidationProblem

SIGNED_UP = "If this address has no account yet, a mail is on its way to it. Open its link to finish."
FORGOTTEN = "If there is an account with this address, a mail is on its way to it. Its link works for an hour."


class OpenEndpoint(Endpoint):
    """For everybody: `Authorization` is not looked at."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


class RegisterView(OpenEndpoint):
    """POST /auth/register"""

    calls = {"POST": Call("register", body=Registration, answers={202: Message}, refusals=("signup_closed",))}

    def check_permissions(self, request):
        """Everybody may, unless it is closed; then it is, whatever is sent."""
        emails.require_open()

    def post(self, request):
        """Make an account whose address is still to be proved; the same answer for a taken address."""
        emails.register(**self.body)
        return Answer({"message": SIGNED_UP}, status=202)


class ForgotPasswordView(OpenEndpoint):
    """POST /auth/forgot-password"""

    calls = {"POST": Call("forgot_password", body=Forgotten, answers={202: Message})}

    def post(self, request):
        """Send a link that sets another password; the same answer for every address."""
        reset.forgot(self.body["email"])
        return Answer({"message": FORGOTTEN}, status=202)


class ResetPasswordView(OpenEndpoint):
    """POST /auth/reset-password"""

    calls = {"POST": Call("reset_password", body=Reset, answers={204: None})}

    def post(self, request):
        """Set another password by the link of the mail; every sign-in ends."""
        if reset.reset(self.body["token"], self.body["password"]) is None:
            said = "This link is used, too old or not one of ours: ask for a new one."
            raise ValidationProblem([Fault(said, "invalid", pointer="#/token")])
        return Answer(status=204)
