"""The second step of signing in, and signing in by a passkey alone."""

import json

from allauth.account.internal.decorators import login_stage_required
from allauth.account.models import Login
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth, flows
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator

from accounts import factors
from accounts.adapter import is_same_password
from accounts.forms import CodeForm, PasskeyForm, PasskeySignInForm
from accounts.portal.sign_in import way_back
from protocol.counters import counters
from protocol.problems import TooManyAttempts

CHALLENGES = (60, 60)  # an address may ask for, per seconds: each is a row


@method_decorator(login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login"), name="dispatch")
class SecondStepView(AuthenticateView):
    """allauth's, in our layout: a code or a passkey, after the right password."""

    template_name = "accounts/second_step.html"
    form_class = CodeForm
    webauthn_form_class = PasskeyForm

    def dispatch(self, request, *args, **kwargs):
        """Over for who began by a password that was changed since."""
        stage = request._login_stage
        if not is_same_password(request, stage.login.user):
            return stage.abort()
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs) -> dict:
        """The ways that this developer has."""
        developer = self.stage.login.user
        context = super().get_context_data(**kwargs)
        return context | {
            "options": json.dumps(context["js_data"]["request_options"], cls=DjangoJSONEncoder),
            "has_app": factors.of(developer).filter(type=factors.Type.TOTP).exists(),
            "has_passkeys": factors.passkeys_of(developer).exists(),
        }


class PasskeySignInView(LoginWebAuthnView):
    """allauth's: a script asks for the challenge, and the form sends what the passkey made of it."""

    form_class = PasskeySignInForm

    def get(self, request, *args, **kwargs):
        """A fresh challenge, for the script of the sign-in page."""
        most, seconds = CHALLENGES
        count, left = counters().hit(f"passkey:{request.caller.counted}", seconds)
        if count > most:
            raise TooManyAttempts(left)
        return JsonResponse(auth.begin_authentication(user=None))

    def form_invalid(self, form):
        """Back to the page with its other way in."""
        for message in form.errors.get("credential", []):
            messages.error(self.request, message)
        return redirect("account_login")

    def form_valid(self, form):
        """In, and on to where one wanted to go."""
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=way_back(self.request))
        return flows.perform_passwordless_login(self.request, passkey, login)
