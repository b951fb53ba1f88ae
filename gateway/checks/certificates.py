"""The certificate the gateway speaks HTTPS with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from gateway.checks.finding import Finding, know, mend

#: How long before its end a certificate is spoken of, and how long before it must be replaced.
SOON = timedelta(days=30)
NOW = timedelta(days=7)


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key as they are found. `wrong`: why one of them cannot be read."""

    path: Path
    wrong: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    fits_key: bool = True
    key_open: bool = False


def check_certificate(found: Certificate, now: datetime) -> list[Finding]:
    """Check a certificate."""
    if found.wrong or found.ends is None or found.begins is None:
        return [mend("tls_unreadable", found.wrong, "Correct tls_cert and tls_key; both are PEM files.")]
    findings = []
    if not found.fits_key:
        cause = f"The key in tls_key does not belong to the certificate {found.path}."
        findings.append(mend("tls_key", cause, "Set tls_key to the key the certificate was asked for with."))
    if found.key_open:
        cause = "The key in tls_key may be read by everybody."
        findings.append(mend("tls_key_open", cause, "chmod 600 it, or 640 with a group of its own."))
    day = found.ends.date().isoformat()
    if found.begins > now:
        cause = f"The certificate {found.path} holds from {found.begins.date().isoformat()} only."
        findings.append(mend("tls_early", cause, "Use one that holds now, and look at the machine's clock."))
    if found.ends <= now:
        cause = f"The certificate {found.path} ran out on {day}; no client connects."
        findings.append(mend("tls_expired", cause, "Renew it, and restart the gateway."))
    elif found.ends - now <= SOON:
        say = mend if found.ends - now <= NOW else know
        cause = f"The certificate {found.path} runs out on {day}."
        findings.append(say("tls_expiring", cause, "Renew it, and restart the gateway."))
    return findings


def look_at_certificate(cert: Path, key: Path) -> Certificate:
    """Look at a certificate and its key."""
    try:
        leaf = x509.load_pem_x509_certificates(cert.read_bytes())[0]
        private = load_pem_private_key(key.read_bytes(), None)
    except OSError as error:
        return Certificate(cert, f"{error.filename} cannot be read: {error.strerror}.")
    except (ValueError, TypeError, IndexError):
        return Certificate(cert, f"{cert} and {key} are not a certificate and a key without a password.")
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fits = leaf.public_key().public_bytes(*form) == private.public_key().public_bytes(*form)
    others = bool(key.stat().st_mode & 0o007) if os.name == "posix" else False
    return Certificate(
        cert,
        begins=leaf.not_valid_before_utc,
        ends=leaf.not_valid_after_utc,
        fits_key=fits,
        key_open=others,
    )
