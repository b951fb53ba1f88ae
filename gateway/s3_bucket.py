"""One bucket of a store that speaks S3: how it is reached, and in plain words what is wrong with it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

#: What the credentials have to allow, as `problem` and docs/gateway.md name it.
RIGHTS = (
    "s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and"
    " s3:ListBucketMultipartUploads"
)

_ENV = "COUNTERPART_GATEWAY_S3_"
_KEYS = f"{_ENV}ACCESS_KEY and {_ENV}SECRET_KEY"
_EVERYBODY = ("http://acs.amazonaws.com/groups/global/AllUsers",
              "http://acs.amazonaws.com/groups/global/AuthenticatedUsers")  # fmt: skip
_WRONG_KEY = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "TokenRefreshRequired",
}
_ELSEWHERE = {
    "301",
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
}


@dataclass(frozen=True)
class Bucket:
    """Where a gateway keeps its files. Without keys the ordinary AWS chain is asked: environment, profile, role.

    `endpoint`: empty for AWS itself. `prefix`: empty, or ends with a slash. `encryption`: the header that asks the
    store to encrypt, "AES256" or "aws:kms"; empty leaves it to the bucket's own default.
    """

    name: str
    endpoint: str = ""
    region: str = ""
    prefix: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    encryption: str = ""
    kms_key: str = ""

    def sealed(self) -> dict[str, str]:
        """Return the arguments by which every object that is written asks to be encrypted."""
        asked = {"ServerSideEncryption": self.encryption, "SSEKMSKeyId": self.kms_key}
        return {name: value for name, value in asked.items() if value}


def connect(bucket: Bucket) -> S3Client:
    """Return what calls the store; nothing is called yet."""
    return boto3.client(
        "s3",
        endpoint_url=bucket.endpoint or None,
        # A store of one's own has no regions, but the signature names one.
        region_name=bucket.region or ("us-east-1" if bucket.endpoint else None),
        aws_access_key_id=bucket.access_key or None,
        aws_secret_access_key=bucket.secret_key or None,
        config=Config(
            connect_timeout=3,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=40,
            # Checksums only where S3 demands them: other stores do not all know the newer ones. The signature covers
            # the hash of what is sent, also through TLS.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"payload_signing_enabled": True, "addressing_style": "path" if bucket.endpoint else "auto"},
        ),
    )


def missing(error: ClientError) -> bool:
    """Tell whether an object is not there (a bucket that is not there is another matter)."""
    return _code(error) in {"404", "NoSuchKey"}


def cause(bucket: Bucket, error: Exception) -> str:
    """Say what is wrong and how to mend it, in one sentence or two."""
    where = bucket.endpoint or f"AWS{f' in {bucket.region}' if bucket.region else ''}"
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f"There are no credentials for the file store. Set {_KEYS}, or give this machine a role."
    if isinstance(error, NoConnection | HTTPClientError):
        return f"The file store at {where} cannot be reached. Look at {_ENV}ENDPOINT, and at the way there."
    if not isinstance(error, ClientError):
        return f"The file store cannot be used: {error}"
    code = _code(error)
    if code in _WRONG_KEY:
        return f"The file store at {where} does not accept the access key ({code}). Look at {_KEYS}."
    if code in {"404", "NoSuchBucket"}:
        return f"There is no bucket {bucket.name} at {where}. Make it, private, or set {_ENV}BUCKET."
    if code in {"403", "AccessDenied", "AllAccessDisabled"}:
        return f"The credentials may not use bucket {bucket.name}. Allow {RIGHTS}."
    if code in _ELSEWHERE:
        return f"Bucket {bucket.name} is in another region. Set {_ENV}REGION."
    said = error.response.get("Error", {}).get("Message", "")
    return f"The file store at {where} answers {code}: {said}"


def public(bucket: Bucket, s3: S3Client) -> str:
    """Say that the bucket is open to everybody, if it is. A store that cannot tell is taken at its silence."""
    opened = False
    with suppress(ClientError, BotoCoreError):
        opened = s3.get_bucket_policy_status(Bucket=bucket.name)["PolicyStatus"].get("IsPublic", False)
    with suppress(ClientError, BotoCoreError):
        grants = s3.get_bucket_acl(Bucket=bucket.name)["Grants"]
        opened = opened or any(grant.get("Grantee", {}).get("URI") in _EVERYBODY for grant in grants)
    return f"Bucket {bucket.name} can be read by everybody. Block all public access to it." if opened else ""


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
