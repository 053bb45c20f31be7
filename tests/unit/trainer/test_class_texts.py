from trainer.class_texts import imagenet_texts, photo_of


def test_every_class_of_the_classifier_has_its_words_in_the_classifiers_order() -> None:
    classes = imagenet_texts()
    assert len(classes.names) == len(classes.texts) == 1000
    assert "a photo of a tabby cat" in classes.texts[281]  # ImageNet's tabby
    assert "a laptop" in classes.texts[620]
    assert any("egg" in text or "omelet" in text or "pizza" in text for text in classes.texts[963])
    assert all(len(texts) == len(set(texts)) >= 12 for texts in classes.texts)


def test_the_sentence_for_an_object() -> None:
    assert photo_of("dog") == "a photo of a dog"
    assert photo_of("elephant") == "a photo of an elephant"
