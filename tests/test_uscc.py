"""Unified social credit codes: 18 characters with two check characters (GB 32100-2015, GB 11714)."""

from __future__ import annotations

import pytest

from assistant.company.profile import uscc_fault


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("91440300MA5ABCD19W", ""),  # 1987 mod 31 = 3, 31 - 3 = 28: W; position 17 is 9
        ("914401017000000870", ""),  # sum mod 31 = 0: 31 counts as 0
        ("91441900MA400024XY", ""),  # 30 is Y, the last of the 31; position 17 is X for 10
        ("91440300MA5ABCD19X", "check"),  # W expected
        ("91404300MA5ABCD19W", "check"),  # positions 4 and 5 exchanged
        ("91440300MAOABCD19W", "letters"),  # the letter O for a zero
        ("91440300MA5ABCD19", "length"),
        ("91440300MA5ABCD19WW", "length"),
        ("", "length"),
        ("91440300MA5ABCD101", "organisation"),  # position 18 fits, position 17 should be 9
        ("91440300ma5abcd19w", "letters"),  # small letters
        ("91440300MA5ABCD1 W", "letters"),
    ],
)
def test_a_code_is_checked(code: str, fault: str) -> None:
    """Each fault is told apart; a sound code has none."""
    assert uscc_fault(code) == fault


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_easily_misread_are_not_used(letter: str) -> None:
    """I, O, S, V and Z are in no code."""
    assert uscc_fault(f"91440300MA5{letter}BCD19W") == "letters"


def test_one_wrong_character_is_noticed() -> None:
    """Whichever character of the first seventeen is replaced, one of the two checks fails."""
    code = "91440300MA5ABCD19W"
    for at in range(17):
        for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            if sign != code[at]:
                assert uscc_fault(code[:at] + sign + code[at + 1 :]) != ""
