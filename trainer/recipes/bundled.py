"""The settings of the bundled model's training; `trainer.recipe.read_recipe` reads them."""

from typing import Annotated

import msgspec

from photosearch.core.encoder import Preprocessing
from trainer.bounds import Count, Fraction, NotNegative, Positive, Several, Share, Steps, UnitInterval
from trainer.data.augment import ImageAugment
from trainer.models.optimise import LearningRates, Unlock


class BaseTowers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pretrained networks to begin from."""

    image: str  # a name that trainer.models.pretrained.base_weights knows
    text: str


class Heads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The heads of both towers: how many are merged into one, and their sizes."""

    members: Count = 1  # trained from different seeds and merged into one head of members * hidden
    dim: Count = 512
    hidden: Count = 384
    image_dropout: Fraction = 0.3
    text_dropout: Fraction = 0.1


class HybridLoss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """InfoNCE + alpha * triplet; see trainer.losses.hybrid."""

    alpha: NotNegative = 0.0  # of the triplet loss; 0 leaves InfoNCE
    margin: Positive = 0.2  # in units of cosine
    ramp_steps: Steps = 0


class HeadTraining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first stage, in which the heads alone learn."""

    epochs: Count = 25
    batch_size: Several = 1000
    learning_rate: Positive = 1.5e-3  # the peak of the one-cycle schedule
    weight_decay: NotNegative = 0.05


class PseudoPairSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Class prototypes beside the real pairs; see trainer.bundled.prototypes."""

    weight: Positive = 0.3  # of their loss, which is separate
    classes: Several = 300  # drawn a step
    definitions: UnitInterval = 0.25  # how often a class comes as its definition


class Bank(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts kept with the model for each photo's bias, beside the class names."""

    captions: Count = 2000


class TowersStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The second stage, in which the ends of both towers learn too; see trainer.bundled.tower_training."""

    epochs: Count = 10
    batch_size: Several = 250
    unlock: Unlock = Unlock(image=3, text=3)  # how many of the last stages and of the last layers
    lr: LearningRates = LearningRates(heads=5e-4, image=3e-4, text=1e-4)
    warmup_steps: Steps = 20
    weight_decay: NotNegative = 0.05
    loss: HybridLoss = HybridLoss(alpha=0.1)
    pseudo_pairs: PseudoPairSettings | None = PseudoPairSettings(classes=100)
    distillation: NotNegative = 0.5  # of the KL divergence from the pretrained classifier's answers
    views: Annotated[int, msgspec.Meta(ge=0)] = 3  # augmented ones, beside the whole photo
    keep: Share = 1.0  # of each weight's change; the rest is taken back
    augment: ImageAugment = ImageAugment()

    def __post_init__(self) -> None:
        unlock = self.unlock
        if "all" in (unlock.image, unlock.text) or unlock.lora or unlock.batch_norm == "train":
            raise ValueError("towers_stage.unlock takes numbers, no LoRA, and batch norms in eval")


class LanguagesStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The third stage, which puts a text side of many languages in place; see trainer.bundled.languages."""

    hidden: Count = 1024  # of the new text head
    dropout: Fraction = 0.1
    steps: Count = 900
    captions: Several = 1000  # of each language a step
    names: Several = 800  # a step
    sentences: Several = 500  # a step, of those without photos
    learning_rate: Positive = 1.5e-3  # the peak of the one-cycle schedule
    weight_decay: NotNegative = 0.05
    scale: Positive = 20.0  # of the logits
    words: Count = 1_000  # of each of 42 languages that the tokenizer needs pieces for; see needed_pieces


class BundledRecipe(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="system", tag="bundled"
):
    """What decides what the bundled model becomes."""

    name: str
    towers: BaseTowers
    preprocessing: Preprocessing
    heads: Heads = Heads()
    loss: HybridLoss = HybridLoss()
    training: HeadTraining = HeadTraining()
    pseudo_pairs: PseudoPairSettings | None = None
    towers_stage: TowersStage | None = None
    languages: LanguagesStage | None = None
    conse_weight: Fraction = 0.0  # w, the share of the cosine; 0 leaves ConSE out
    bank: Bank = Bank()

    def plain(self) -> "BundledRecipe":
        """One head a side and InfoNCE alone, on the real pairs alone: what the rest is measured against."""
        single = msgspec.structs.replace(self.heads, members=1)
        plain = msgspec.structs.replace(
            self, heads=single, loss=HybridLoss(), pseudo_pairs=None, conse_weight=0.0
        )
        return msgspec.structs.replace(plain, towers_stage=None, languages=None)
