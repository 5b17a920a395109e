"""A token is the secret part of a feed's address: 32 random bytes as text. The store keeps its digest alone."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

SECRET_BYTES = 32


def token_of(secret: bytes) -> str:
    """Return the text of the token made of *secret*, which is random and never used twice."""
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a token needs {SECRET_BYTES} random bytes")
    return urlsafe_b64encode(secret).rstrip(b"=").decode()


def digest_of(token: str) -> str:
    """Return the digest by which a token is found, whatever text somebody tries."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
