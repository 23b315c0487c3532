import numpy as np
import pytest

from emotionart.data.tables.names import fold_name, joint_names, similar_names, unify_names


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


def test_signs_and_emoji_are_not_similar() -> None:
    assert similar_names(["😀", "😢", "?", "-"]) == []


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
    assert joint_names([*names, "Van Dyck"]) == {"rubens; van dyck": ("van dyck",), **both}
    listed = ["['Rubens', 'Van Dyck']", "Rubens, Van Dyck", "Rubens, Peter Paul", "Rubens", "Van Dyck"]
    assert joint_names(listed) == dict.fromkeys(map(str.casefold, listed[:2]), ("rubens", "van dyck"))
    assert joint_names(["Anne and Patrick Poirier", "Anne"]) == {"anne and patrick poirier": ("anne",)}
