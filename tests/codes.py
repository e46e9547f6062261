"""An authenticator app and a passkey, as the tests hold them in their hand."""

import hashlib
import secrets
import time

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def app_code(secret=SECRET, *, ahead=0):
    """What the app shows now, or `ahead` steps of 30 seconds from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def passkey(device=None):
    """What a browser says of a passkey that it made, for a `device` (an EC key), else one that nobody has."""
    key = ES256.from_cryptography_key((device or ec.generate_private_key(ec.SECP256R1())).public_key())
    credential = AttestedCredentialData.create(bytes(16), secrets.token_bytes(16), key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), flags, 0, credential)
    said = CollectedClientData.create(CollectedClientData.TYPE.CREATE, b"challenge", "http://localhost")
    ident = websafe_encode(credential.credential_id)
    response = {
        "clientDataJSON": websafe_encode(said),
        "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
    }
    return {"id": ident, "rawId": ident, "type": "public-key", "response": response}


def passkey_answer(device, made, challenge, owner, *, host, verified):
    """What a browser says when the device of `passkey(device)` signs a challenge, its user `verified` or only there."""
    flags = AuthenticatorData.FLAG.UP | (AuthenticatorData.FLAG.UV if verified else 0)
    data = AuthenticatorData.create(hashlib.sha256(host.encode()).digest(), flags, 1)
    said = CollectedClientData.create(CollectedClientData.TYPE.GET, challenge, f"http://{host}")
    response = {
        "clientDataJSON": websafe_encode(said),
        "authenticatorData": websafe_encode(data),
        "signature": websafe_encode(device.sign(bytes(data) + said.hash, ec.ECDSA(hashes.SHA256()))),
        "userHandle": websafe_encode(user_pk_to_url_str(owner).encode()),
    }
    return {"id": made["id"], "rawId": made["id"], "type": "public-key", "response": response}
