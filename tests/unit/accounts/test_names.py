"""Which user names are the same, look alike, or are refused."""

from __future__ import annotations

import pytest

from tutor_project.accounts.domain.names import disguised, folded, skeleton


@pytest.mark.parametrize("typed", ["Ada", "ADA", "  ada ", "Ａｄａ", "ada"])
def test_one_name_is_typed_in_many_ways(typed: str) -> None:
    assert folded(typed) == "ada"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "раураl"),  # Cyrillic
        ("admin", "аdmin"),
        ("PayPal", "PayPaI"),
        ("team1", "teaml"),
        ("anna0", "annaO"),
        ("modern", "modem"),
        ("ace", "асе"),  # Cyrillic throughout
    ],
)
def test_names_that_look_alike_share_a_skeleton(one: str, other: str) -> None:
    assert one != other
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ada", "eda"), ("anna", "änna"), ("user_1", "user_2"), ("мария", "марина")]
)
def test_names_that_differ_to_the_eye_have_skeletons_of_their_own(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize("name", ["ａｄａ", "аdmin", "ada\u2126ω", "ﬁona", "lucаs", "Ωmega"])
def test_disguises_are_known(name: str) -> None:
    assert disguised(name)


@pytest.mark.parametrize(
    "name",
    [
        "ada",
        "Ada.Lovelace@example.org",
        "jürgen",
        "мария",
        "田中ゆり",
        "김철수",
        "yuki田中",
        "user_007",
        "محمد",
        "Αθηνά",
    ],
)
def test_ordinary_names_of_any_script_are_no_disguise(name: str) -> None:
    assert not disguised(name)
