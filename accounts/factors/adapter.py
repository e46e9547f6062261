"""Where allauth's second factors meet our rules: secrets are encrypted, and a passkey belongs to this site."""

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from accounts import encryption


class FactorAdapter(DefaultMFAAdapter):
    """allauth, asking us."""

    def encrypt(self, text: str) -> str:
        """Before it is stored."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """After it was read."""
        return encryption.decrypt(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whom a passkey is for: the host of SITE_URL; in local mode the name in the address bar, like localhost."""
        host = context.request.get_host().partition(":")[0] if settings.LOCAL_MODE else settings.SITE_HOST
        return {"id": host, "name": settings.MFA_TOTP_ISSUER}

    def send_notification_mail(self, *args, **kwargs) -> None:
        """`accounts.notices` tells it."""
