"""How the gateway is reached: who may listen in, whom it believes, and whether its secrets are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from gateway.checks.finding import Finding, know, mend

#: Characters a secret must have: fewer can be guessed.
SECRET_LEAST = 24

_OBVIOUS = frozenset({"secret", "password", "changeme", "change-me", "token", "test", "example", "default"})


@dataclass(frozen=True)
class Serving:
    """What settings say about being reached. `secrets`: by their names; `hints`: by system, its webhooks' secret, None
    for a system that offers webhooks and has none."""

    host: str = "127.0.0.1"
    public_url: str = ""
    tls: bool = False
    console: bool = True
    https_only: bool = False
    forwarded_allow_ips: str = ""
    sample: bool = False
    metrics: bool = True
    secrets: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def public(self) -> bool:
        """Whether others than this machine reach it."""
        return bool(self.public_url) or not is_loopback(self.host)

    @property
    def encrypted(self) -> bool:
        """Whether it is reached by HTTPS."""
        return self.tls or self.public_url.startswith("https://")


def check_serving(found: Serving) -> list[Finding]:
    """Check how the gateway is reached."""
    return [*_openness(found), *_proxies(found), *_secrets(found)]


def _openness(found: Serving) -> list[Finding]:
    findings = []
    if found.public and not found.encrypted:
        findings.append(
            mend(
                "plain_http",
                f"The gateway is reached from outside ({found.public_url or found.host}) without encryption.",
                "Set tls_cert and tls_key, or listen on 127.0.0.1 behind a proxy and set public_url to https://….",
            )
        )
        if found.console and not found.https_only:
            findings.append(
                mend(
                    "console_plain",
                    "The console's cookies go over plain connections.",
                    "Set https_only = true, or console = false on this process.",
                )
            )
    if found.public and found.sample:
        findings.append(
            mend(
                "sample_data",
                "The sample programme is in here: anybody can work out its passwords from the source.",
                "Start with an empty folder and without --sample.",
            )
        )
    return findings


def _proxies(found: Serving) -> list[Finding]:
    trusted = [item.strip() for item in found.forwarded_allow_ips.split(",") if item.strip()]
    findings = []
    if any(item in ("*", "0.0.0.0/0", "::/0") for item in trusted):
        cause = "Anybody may say in X-Forwarded-For who they are, and so get round limits by address."
        findings.append(mend("proxy_anybody", cause, "Set forwarded_allow_ips to your proxies' addresses."))
    if found.public_url and is_loopback(found.host) and not found.tls and not trusted:
        cause = "Behind a proxy all callers look like one, since forwarded_allow_ips names none."
        findings.append(know("proxy_unknown", cause, "Set forwarded_allow_ips to the proxy's address."))
    if found.public and not found.metrics:
        cause = "Nobody watches: there are no figures."
        findings.append(know("no_figures", cause, "Set metrics_port, or metrics_token, for Prometheus."))
    return findings


def _secrets(found: Serving) -> list[Finding]:
    findings = []
    for name, value in sorted(found.secrets.items()):
        if is_weak(value):
            cause = f"The secret {name} can be guessed."
            remedy = f"Use at least {SECRET_LEAST} random characters: openssl rand -hex 32."
            findings.append(mend("secret_weak", cause, remedy))
    for system, hint in sorted(found.hints.items()):
        if hint is None:
            cause = f"{system} offers webhooks, and no secret is set for them: they are not taken."
            remedy = "Set webhook_secrets for it; until then changes are found by polling."
            findings.append(know("webhook_secret", cause, remedy))
        elif is_weak(hint):
            cause = f"The secret of {system}'s webhooks can be guessed."
            findings.append(mend("webhook_weak", cause, "Use at least 24 random characters on both sides."))
    return findings


def is_weak(secret: str) -> bool:
    """Tell whether a secret is short, obvious, or made of few different characters."""
    return len(secret) < SECRET_LEAST or secret.lower() in _OBVIOUS or len(set(secret)) < 8


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False  # a name, or nothing: all addresses
