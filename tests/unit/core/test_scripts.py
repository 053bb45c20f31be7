import pytest

from photosearch.core.scripts import is_english, reads


@pytest.mark.parametrize(
    ("languages", "text", "read"),
    [
        (("en",), "two dogs, 2023", True),
        (("en",), "ein Bär im Schnee", True),  # only the letters are looked at
        (("en",), "海滩上的两只狗", False),
        (("en",), "Rusty 在海边", False),
        (("en",), "собака", False),
        (("zh",), "海灘 dog", True),
        (("zh",), "ビーチ", False),
        (("zh-Hant", "ja"), "ビーチの犬", True),
        (("en", "ar"), "كلب", True),
        ((), "海滩", True),  # unknown is no claim
        (("en",), "123 ♥ 😀", True),
    ],
)
def test_who_reads_which_letters(languages: tuple[str, ...], text: str, read: bool) -> None:
    assert reads(languages, text) is read


def test_what_may_be_english() -> None:
    assert is_english("two dogs 2") and is_english("")
    assert not is_english("狗") and not is_english("Bär") and not is_english("собака")
