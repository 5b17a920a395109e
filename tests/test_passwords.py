"""Passwords: what is kept of them, and which are refused."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from assistant.service import passwords
from assistant.service.passwords import LONGEST, hashed, matches, outdated, weaknesses

GOOD = "灯塔 & 三只海鸥 47"
SALT = bytes(range(16))


def test_a_hash_tells_nothing_and_knows_its_password() -> None:
    """Argon2id with enough memory; another password, another case, a damaged hash do not match."""
    known = hashed(GOOD, SALT)
    assert GOOD not in known
    assert hashed(GOOD, bytes(16)) != known
    assert matches(known, GOOD)
    assert not matches(known, GOOD + " ")
    assert not matches(known[:-2], GOOD)
    assert not matches("no hash", GOOD)
    found = extract_parameters(known)
    assert found.type is Type.ID
    assert (found.memory_cost, found.time_cost) >= (19 * 1024, 2)


def test_nobodys_password_is_looked_at_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an account the same work is done, with the same costs; nothing matches, not even what it was made of."""
    seen: list[str] = []
    verify = PasswordHasher.verify

    def noticed(self: PasswordHasher, known: str, password: str) -> bool:
        seen.append(known)
        return verify(self, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", noticed)
    assert not matches("", GOOD)
    assert not matches("", "")
    assert len(seen) == 2
    assert extract_parameters(seen[0]) == extract_parameters(hashed(GOOD, SALT))


def test_a_hash_made_with_less_is_outdated() -> None:
    """It still opens, and is then to be made anew."""
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD, salt=SALT)
    assert matches(weak, GOOD)
    assert outdated(weak)
    assert not outdated(hashed(GOOD, SALT))


@pytest.mark.parametrize(
    "password",
    [
        *(
            "1234567890",
            "0987654321",
            "1111111111",
            "qwertyuiop",
            "password123",
            "Passw0rd2026",
            "P@ssw0rd!!",
            "admin12345",
        ),
        *("woaini1314520", "abcdefghij", "1qaz2wsx3edc", "qwerty123456", "aaaaaaaaaaa", "iloveyou520", "QWERTYuiop!"),
        *("wang@example2026", "wanggong12345", "abcabcabcabc", "1212121212", "huaruibearing1", "wang@example.cn"),
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    """Runs on the keyboard, the commonest words, one's own name, however many digits follow."""
    found = weaknesses(password, "wang@example.cn", "Wanggong", "Huarui Bearing")
    assert [one.code for one in found] == ["password-common"]


@pytest.mark.parametrize(
    "password", [GOOD, "correct horse battery", "申报助手真好用呀加油", "kV7#mQ2x!p", "tL9-wopR3z"]
)
def test_what_is_hard_to_guess_is_taken(password: str) -> None:
    """In any script; nobody has to mix signs."""
    assert weaknesses(password, "wang@example.cn", "王工") == ()


def test_length_has_its_bounds() -> None:
    """Too short is told as such, before anything else; what is too long would only cost time."""
    assert [one.code for one in weaknesses("123")] == ["password-short"]
    assert [one.code for one in weaknesses("长" * (LONGEST + 1))] == ["password-long"]


def test_few_hashes_are_made_at_once() -> None:
    """Each takes memory; many who log in at the same moment wait for each other instead of taking all of it."""
    for _ in range(4):
        assert passwords._AT_ONCE.acquire(blocking=False)
    try:
        assert not passwords._AT_ONCE.acquire(blocking=False)
    finally:
        passwords._AT_ONCE.release(4)
