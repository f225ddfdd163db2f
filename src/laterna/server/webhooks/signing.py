"""Standard Webhooks signatures (standardwebhooks.com, specification 1.0).

    webhook-id: evt_...      webhook-timestamp: 1795305600
    webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">

While a secret is being changed both sign, and the header holds both signatures.
"""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook

from laterna.server.tables import Endpoint

__all__ = ["headers", "hint", "new_secret", "secrets_of", "signature"]

PREFIX = "whsec_"


def new_secret() -> str:
    """192 random bits, as the specification writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def hint(secret: str) -> str:
    """Enough of a secret to tell it from another."""
    return f"{PREFIX}...{secret[-4:]}"


def secrets_of(endpoint: Endpoint, now: float) -> list[str]:
    """Those that sign now, the newest first."""
    before, until = endpoint.secret_before, endpoint.secret_until
    old = [before] if before is not None and until is not None and now < until else []
    return [endpoint.secret, *old]


def signature(secret: str, name: str, moment: int, body: str) -> str:
    """One signature, with its version."""
    return Webhook(secret).sign(name, datetime.fromtimestamp(moment, UTC), body)


def headers(endpoint: Endpoint, name: str, moment: float, body: str) -> dict[str, str]:
    """What is sent along with `body`."""
    whole = int(moment)
    signatures = [signature(one, name, whole, body) for one in secrets_of(endpoint, moment)]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(whole),
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
        "user-agent": "laterna-webhooks",
    }
