"""What a failed connection means, in plain words. Pure.

What is not an answer: no address for the name, no route, a refused connection, silence
until the connect limit. Everything else is one, a certificate that is not trusted as well:
to treat that as "not reachable" and quietly use something else would hide an attack.
"""

from __future__ import annotations

import ssl

import httpx

from build_support.published.limits import Limits
from build_support.published.retry import FailedAttempt

NETWORK_HINT = "Look at the network, the name server and the proxy (HTTPS_PROXY, NO_PROXY)."
_CERTIFICATE_HINT = (
    "If your network inspects TLS, set SSL_CERT_FILE to a file with its certificate authority.\n"
    "If it does not, somebody may be in between: do not go on from this network."
)


def explained(error: Exception, limits: Limits, place: str, *, connected: bool) -> FailedAttempt:
    """Turn an exception of httpx into the failure that it means.

    `place` completes the words "the connection" (" to example.org"); `connected` says
    whether any server, or a proxy, was reached before.
    """
    again = True
    answered = True
    hint = ""
    if distrust := _cause(error, ssl.SSLCertVerificationError):
        reason = f"is not to be trusted: {getattr(distrust, 'verify_message', distrust)}"
        again, hint = False, _CERTIFICATE_HINT
    elif _cause(error, ssl.SSLError):
        reason, hint = f"could not be encrypted: {error}", _CERTIFICATE_HINT
    elif isinstance(error, httpx.ProxyError):
        reason, hint = f"was refused by it: {error}", NETWORK_HINT
        again = str(error).startswith("5")
    elif isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        reason, hint = f"failed: {str(error) or 'no answer'}", NETWORK_HINT
        answered = connected
    elif isinstance(error, httpx.TimeoutException):
        reason = f"was silent for {limits.read:g} s"
    elif isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        reason = f"broke: {error}"
    else:
        reason, again = f"failed: {type(error).__name__}: {error}", False
    return FailedAttempt(
        f"The connection{place} {reason}.", hint=hint, again=again, answered=answered
    )


def _cause(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    at: BaseException | None = error
    while at is not None and not isinstance(at, kind):
        at = at.__cause__ or at.__context__
    return at
