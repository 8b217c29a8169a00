import re

import pytest

from djdesk_runtime.serving.access import Access, grant_access, proof_of, same

TOKEN = "a-Token_of_32_letters-0123456789"


def test_proof_is_the_hmac_that_the_shell_computes_too() -> None:
    # printf 'djdesk-ready\nN\nhttp://127.0.0.1:80/' | openssl dgst -sha256 -hmac secret
    proof = proof_of("secret", "N", "http://127.0.0.1:80/")
    assert proof == "bb378353c3d25bdf375e4556fdb165d022f98300fdba87a735510df01da518dc"


def test_proof_depends_on_everything() -> None:
    facts = [("t", "n", "u"), ("T", "n", "u"), ("t", "N", "u"), ("t", "n", "U")]
    assert len({proof_of(*fact) for fact in facts}) == len(facts)


def test_a_given_token_needs_no_link() -> None:
    access = grant_access(8000, "app_djdesk", TOKEN)
    assert (access.token, access.link, access.link_key) == (TOKEN, "", "")
    assert (access.host, access.url) == ("127.0.0.1:8000", "http://127.0.0.1:8000/")
    assert len(access.cookie) >= 32


def test_without_a_token_there_is_a_link() -> None:
    access = grant_access(8000, "app_djdesk", "")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/\.djdesk/open/[\w-]{43}", access.link)
    secrets = {access.token, access.cookie, access.link_key}
    assert len(secrets) == 3
    assert all(len(secret) >= 32 for secret in secrets)
    assert not secrets & {*vars_of(grant_access(8000, "app_djdesk", ""))}


def vars_of(access: Access) -> list[str]:
    return [access.token, access.cookie, access.link_key]


def test_secrets_are_not_shown() -> None:
    access = grant_access(8000, "app_djdesk", "")
    assert not any(secret in repr(access) for secret in vars_of(access))


@pytest.mark.parametrize(
    ("shown", "secret", "expected"),
    [
        ("abc", "abc", True),
        ("abC", "abc", False),
        ("ab", "abc", False),
        ("abcd", "abc", False),
        ("", "abc", False),
        ("", "", False),
        ("ä\udc80", "abc", False),
    ],
)
def test_comparing(shown: str, secret: str, *, expected: bool) -> None:
    assert same(shown, secret) is expected
