"""The list of what photos are tagged with."""

from collections import Counter

from photosearch.core.scripts import is_english, scripts
from photosearch.core.tags import Tag, groups, shipped


def test_the_list_names_hundreds_of_things_in_both_languages() -> None:
    assert len(shipped()) >= 400
    for tag in shipped():
        assert is_english(tag.name)
        assert scripts(tag.name_zh) == {"CJK"}
        assert all(map(is_english, tag.ask))
    assert all(group.name and group.name_zh and group.tags for group in groups())


def test_no_name_means_two_things() -> None:
    names = Counter(name.casefold() for tag in shipped() for name in tag.names)
    assert [name for name, times in names.items() if times > 1] == []


def test_a_tag_is_said_in_the_language_of_the_reader_and_asked_in_that_of_the_model() -> None:
    seal = Tag("seal", "海豹", ask=("a seal animal",), group="animals")
    assert (seal.said("en"), seal.said("zh_CN")) == ("seal", "海豹")
    assert seal.texts(("en", "zh")) == seal.texts(()) == ("a seal animal",)
    assert seal.texts(("zh",)) == ("海豹",)
    own = Tag("Rusty")
    assert own.own and not seal.own
    assert (own.said("zh_CN"), own.texts(("zh",))) == ("Rusty", ("Rusty",))
