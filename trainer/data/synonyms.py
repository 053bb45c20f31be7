"""Words of photos' captions that mean the same, to say a caption in another way."""

import re

import numpy as np

# Each may stand for the others of its line; plurals have lines of their own.
_GROUPS = """
photo picture image photograph snapshot
photos pictures images photographs snapshots
man guy gentleman
men guys gentlemen
woman lady
women ladies
child kid youngster
children kids youngsters
boy lad
girl lass
baby infant
people persons folks
crowd throng
dog hound
dogs hounds
puppy pup
cat feline
bicycle bike
bicycles bikes
motorcycle motorbike
car automobile
cars automobiles
road street
sea ocean
beach shore
forest woods
hill hillside
lawn grass
sofa couch
cap hat
trousers pants
large big
beautiful pretty
happy joyful
wet soaked
grey gray
smiling grinning
jumping leaping
strolling walking
near beside
"""
_SAME = {word: line.split() for line in _GROUPS.split("\n") for word in line.split()}
_WORD = re.compile(r"\b(?:(an?)(\s+))?([a-z]+)\b", re.IGNORECASE)


def with_synonyms(caption: str, probability: float, generator: np.random.Generator) -> str:
    """A caption in which each word that has a synonym gives way to one with this probability.

    A capital letter and the right article stay: "A picture of a dog" may be "An image of a hound".
    """

    def other(found: re.Match[str]) -> str:
        article, space, word = found.group(1) or "", found.group(2) or "", found.group(3)
        others = [same for same in _SAME.get(word.lower(), ()) if same != word.lower()]
        if not others or generator.random() >= probability:
            return found.group()
        chosen = str(generator.choice(others))
        if article:
            article = article[0] + ("n" if chosen[0] in "aeiou" else "")
        return article + space + (chosen.capitalize() if word[0].isupper() else chosen)

    return _WORD.sub(other, caption)
