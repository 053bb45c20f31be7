from trainer.evaluate.class_texts import imagenet_texts, photo_of


def test_every_class_of_the_classifier_has_its_words_in_the_classifiers_order() -> None:
    classes = imagenet_texts()
    assert len(classes.names) == len(classes.sayings) == len(classes.definitions) == 1000
    assert "a photo of a tabby cat" in classes.sayings[281]  # ImageNet's tabby
    assert "a laptop" in classes.sayings[620]
    assert "a domestic cat of Egypt" in classes.definitions[285]
    assert all(len(sayings) == len(set(sayings)) >= 9 for sayings in classes.sayings)


def test_the_sentence_for_an_object() -> None:
    assert photo_of("dog") == "a photo of a dog"
    assert photo_of("elephant") == "a photo of an elephant"
