import numpy as np
import pytest

from emotionart.data.tables.names import artists_of, fold_name, joint_names, share_artists, similar_names, unify_names


@pytest.mark.parametrize("name", ["Albrecht Dürer", "ALBRECHT DURER", " albrecht  du\u0308rer\t"])
def test_case_spaces_and_accents_make_no_other_name(name: str) -> None:
    assert fold_name(name) == "albrecht durer"


def test_names_are_unified_in_their_most_frequent_spelling() -> None:
    names = np.array(["ann", "Ann", "", "Bob", "Ann", " "], dtype=object)
    assert unify_names(names).tolist() == ["Ann", "Ann", "", "Bob", "Ann", ""]


def test_names_that_differ_in_a_letter_or_in_order_are_similar_and_numbers_are_not() -> None:
    names = [
        "Lucas Cranach",
        "Cranach, Lucas",
        "Lucas Kranach",
        "Luca Cranach",
        "Lukas Kranach",
        "artist 1",
        "artist 2",
    ]
    assert similar_names([*names, "Ann", "Anna"]) == [
        ("Cranach, Lucas", "Luca Cranach"),
        ("Cranach, Lucas", "Lucas Cranach"),
        ("Cranach, Lucas", "Lucas Kranach"),
        ("Luca Cranach", "Lucas Cranach"),
        ("Lucas Cranach", "Lucas Kranach"),
        ("Lucas Kranach", "Lukas Kranach"),
    ]


def test_signs_emoji_and_numbers_are_not_similar() -> None:
    assert similar_names(["😀", "😢", "?", "-"]) == []
    assert similar_names(["-1", "1", "10", "1.0"]) == []


def test_names_that_list_artists_of_the_table_are_found() -> None:
    names = [
        "Peter Paul Rubens",
        "Rubens; Van Dyck",
        "peter paul rubens & Jan Brueghel",
        "Toulouse and Co",
        "Jan Brueghel",
    ]
    both = {"peter paul rubens & jan brueghel": ("peter paul rubens", "jan brueghel")}
    assert joint_names(names) == both
    assert joint_names([*names, "Van Dyck"]) == {"rubens; van dyck": ("rubens", "van dyck"), **both}
    listed = ["['Rubens', 'Van Dyck']", "Rubens, Van Dyck", "Rubens, Peter Paul", "Rubens", "Van Dyck"]
    assert joint_names(listed) == dict.fromkeys(map(str.casefold, listed[:2]), ("rubens", "van dyck"))
    assert joint_names(["Anne and Patrick Poirier", "Anne"]) == {"anne and patrick poirier": ("anne",)}


@pytest.mark.parametrize(
    ("names", "artists"),
    [
        (["Rubens; Brueghel"], [{"rubens", "brueghel"}]),
        (["Rubens|Brueghel & Snyders / Wildens"], [{"rubens", "brueghel", "snyders", "wildens"}]),
        (["['Rubens']", "[ Brueghel ]", '"Snyders"'], [{"rubens"}, {"brueghel"}, {"snyders"}]),
        (["['Rubens', \"d'Arc\"]", '["Rubens, Peter Paul"]'], [{"rubens", "d'arc"}, {"rubens, peter paul"}]),
        (["['Rubens' 'Brueghel']", "[Rubens, Brueghel]", "('Rubens', 'Brueghel')"], [{"rubens", "brueghel"}] * 3),
        (["Rubens; workshop", "Brueghel & Co.", "Unknown; Snyders", "Workshop"],
         [{"rubens"}, {"brueghel"}, {"snyders"}, {"workshop"}]),
        (["Rubens, Peter Paul; Brueghel, Jan", "n/a"], [{"rubens, peter paul", "brueghel, jan"}, {"n/a"}]),
        (["Rubens and Brueghel", "Rubens, Brueghel"], [{"rubens and brueghel"}, {"rubens, brueghel"}]),
        (["Rubens and Brueghel", "Rubens; X"], [{"rubens"}, {"rubens", "x"}]),
        (["Rubens, Brueghel, and Snyders", "Rubens", "['Brueghel', 'Snyders']"],
         [{"rubens", "brueghel", "snyders"}, {"rubens"}, {"brueghel", "snyders"}]),
        (["[attributed to] Rubens [?]", "[]", ""], [{"attributed to] rubens [?"}, {"[]"}, {""}]),
    ],
)  # fmt: skip
def test_artists_are_told_apart_where_signs_or_brackets_divide_them(names: list[str], artists: list[set[str]]) -> None:
    found = artists_of(names)
    assert [set(found[fold_name(name)]) for name in names] == artists


def test_only_lists_that_another_name_shares_an_artist_with_are_joint() -> None:
    names = ["['Rubens']", "['Rubens', 'Brueghel']", "Snyders; Wildens", "Titian; workshop", "Titian"]
    assert joint_names(names) == {"['rubens', 'brueghel']": ("rubens", "brueghel"), "titian; workshop": ("titian",)}


def test_names_share_artists_through_lists() -> None:
    names = ["Rubens; Brueghel", "['Brueghel']", "Snyders and Rubens", "", "Titian"]
    assert share_artists(names, ["Rubens & Wildens", ""]).tolist() == [True, False, True, False, False]
    assert share_artists([], []).tolist() == []


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        ("C. Monet", "Claude Monet", True),
        ("Monet, C.", "Claude Monet", True),
        ("V. van Gogh", "Vincent van Gogh", True),
        ("J. S. Sargent", "John Singer Sargent", True),
        ("E. Monet", "Claude Monet", False),
        ("J. Sargent", "John Singer Sargent", False),
        ("Rembrandt (1606\N{EN DASH}1669)", "Rembrandt", True),
        ("artist (1)", "artist (2)", False),
        ("something_else", "something else", True),
        ("very sad", "verysad", True),
    ],
)
def test_initials_years_and_spaces_make_similar_names(one: str, other: str, similar: bool) -> None:
    assert bool(similar_names([one, other, "Ann"])) is similar


def test_short_names_are_similar_only_if_asked() -> None:
    names = ("calm", "clam", "joy", "joys", "toy")
    assert similar_names(names) == []
    assert similar_names(names, 4) == [("calm", "clam"), ("joy", "joys")]


def test_numbers_beside_gaps_and_invisible_signs_make_no_other_name() -> None:
    assert [fold_name(name) for name in ("12", "12.0", "v1.05", "\u200bAnn\ufeff")] == ["12", "12", "v1.05", "ann"]
