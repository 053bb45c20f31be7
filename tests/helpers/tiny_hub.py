"""Models at tiny widths in the hub's own format: real architectures, random weights, made in a blink."""

import json
from pathlib import Path

import timm
import timm.models
import tokenizers
import torch
import transformers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from tests.helpers.tiny_config import SENTENCES, make_tiny_tokenizer

TEXT_KINDS = ("distilbert", "roberta", "bert")
IMAGE_KINDS = ("test_resnet", "test_vit", "test_efficientnet")  # of timm's own tiny networks
WIDTHS = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 66,
}


LETTERS = sorted({*"".join(SENTENCES), *"abcdefghijklmnopqrstuvwxyz"} - {" "})
CLIP_TEXT = {**WIDTHS, "vocab_size": 300, "max_position_embeddings": 77}
SPECIAL = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
SIGLIP_TEXT = {**CLIP_TEXT, **SPECIAL, "max_position_embeddings": 64, "projection_size": 32}
VISION = {**WIDTHS, "image_size": 64, "patch_size": 16}
VISION.pop("max_position_embeddings")


def _clip() -> transformers.PretrainedConfig:
    return transformers.CLIPConfig(
        text_config={**CLIP_TEXT, **SPECIAL}, vision_config=VISION, projection_dim=32
    )


def _metaclip_2() -> transformers.PretrainedConfig:
    return transformers.MetaClip2Config(
        text_config={**CLIP_TEXT, **SPECIAL}, vision_config=VISION, projection_dim=32
    )


def _clip_of_2022() -> transformers.PretrainedConfig:
    """As configs were written before transformers knew CLIP's end token: whatever it is, they say 2."""
    old = {**CLIP_TEXT, "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1}
    return transformers.CLIPConfig(text_config=old, vision_config=VISION, projection_dim=32)


def _tiny_clip() -> transformers.PretrainedConfig:
    """TinyCLIP's towers have neither the same width nor the same depth."""
    text = {**CLIP_TEXT, **SPECIAL, "hidden_size": 24, "num_hidden_layers": 2}
    return transformers.CLIPConfig(text_config=text, vision_config=VISION, projection_dim=32)


def _align() -> transformers.PretrainedConfig:
    # Two blocks instead of dozens; the widths of a block are multiples of 8.
    vision = {
        "image_size": 64,
        "width_coefficient": 1.0,
        "depth_coefficient": 0.3,
        "hidden_dim": 32,
        "in_channels": [32, 16],
        "out_channels": [16, 32],
        "kernel_sizes": [3, 3],
        "depthwise_padding": [],
        "strides": [1, 2],
        "num_block_repeats": [1, 2],
        "expand_ratios": [1, 6],
    }
    return transformers.AlignConfig(
        text_config={**WIDTHS, "vocab_size": 300}, vision_config=vision, projection_dim=32
    )


# By family; the last ones are of a family that is there already, with a trap of their own.
WHOLE = {
    "clip": _clip,
    "metaclip_2": _metaclip_2,
    "siglip": lambda: transformers.SiglipConfig(text_config=SIGLIP_TEXT, vision_config=VISION),
    "siglip2": lambda: transformers.Siglip2Config(
        text_config=SIGLIP_TEXT, vision_config={**VISION, "num_patches": 16}
    ),
    "chinese_clip": lambda: transformers.ChineseCLIPConfig(
        text_config={**WIDTHS, "vocab_size": 300}, vision_config=VISION, projection_dim=32
    ),
    "align": _align,
    "clip, of 2022": _clip_of_2022,
    "clip, tiny": _tiny_clip,
    "siglip, gemma": lambda: transformers.SiglipConfig(text_config=SIGLIP_TEXT, vision_config=VISION),
}
SQUARE = {"height": 64, "width": 64}
PROCESSORS = {
    "clip": lambda: transformers.CLIPImageProcessor(size={"shortest_edge": 64}, crop_size=SQUARE),
    "metaclip_2": lambda: transformers.CLIPImageProcessor(size={"shortest_edge": 64}, crop_size=SQUARE),
    "siglip": lambda: transformers.SiglipImageProcessor(size=SQUARE),
    "siglip2": lambda: transformers.Siglip2ImageProcessor(patch_size=16, max_num_patches=16),
    "chinese_clip": lambda: transformers.ChineseCLIPImageProcessor(size=SQUARE, do_center_crop=False),
    "align": lambda: transformers.EfficientNetImageProcessor(
        size={"height": 76, "width": 76},
        crop_size=SQUARE,
        do_center_crop=True,
        rescale_factor=1 / 127.5,
        rescale_offset=True,
        do_normalize=False,
        include_top=False,
    ),
}


def make_hub_text(folder: Path, kind: str = "distilbert", seed: int = 0) -> Path:
    """A text encoder as `save_pretrained` leaves it: config, safetensors, tokenizer files."""
    if kind == "distilbert":
        config = transformers.DistilBertConfig(
            vocab_size=300, dim=32, n_layers=3, n_heads=4, hidden_dim=64, max_position_embeddings=66
        )
    elif kind == "roberta":
        config = transformers.RobertaConfig(vocab_size=300, type_vocab_size=1, **WIDTHS)
    else:
        config = transformers.BertConfig(vocab_size=300, **WIDTHS)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        transformers.AutoModel.from_config(config).save_pretrained(folder)
    if kind == "roberta":
        byte_pairs(folder, bos="<s>", eos="</s>", pad="<pad>", unk="<unk>", kind="RobertaTokenizer")
    else:
        word_pieces(folder, "BertTokenizer")
    return folder


def make_hub_whole(folder: Path, family: str = "clip", seed: int = 0) -> Path:
    """A whole dual encoder with its processor, as `save_pretrained` leaves it; D = 32, 64 pixels.

    Its weights are numbers of half precision, so that keeping them in that costs nothing.
    """
    config = WHOLE[family]()
    kind = family.partition(",")[0]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = transformers.AutoModel.from_config(config)
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            # Fresh networks are all but linear, and their batch norms and biases do nothing.
            if name.endswith("running_var") or (name.endswith("weight") and tensor.ndim == 1):
                tensor.data.uniform_(0.5, 2.0)
            elif name.endswith(("running_mean", "bias")) and tensor.ndim == 1:
                tensor.data.normal_(std=0.2)
            elif tensor.ndim > 1 and tensor.is_floating_point():
                tensor.data.normal_(std=1.5 * (tensor.numel() / len(tensor)) ** -0.5)
                tensor.data = tensor.data.half().float()
        if family.startswith("siglip"):
            model.logit_scale.data.fill_(4.7)
            model.logit_bias.data.fill_(-12.0)
    model.save_pretrained(folder)
    PROCESSORS[kind]().save_pretrained(folder)
    if family == "siglip, gemma":
        _gemma_pieces(folder)
    elif kind == "clip":
        clip_pieces(folder, end_last=family == "clip, of 2022")
    elif kind in ("siglip", "siglip2", "metaclip_2"):
        _unigrams(folder, begins=kind == "metaclip_2")
    else:
        word_pieces(folder, "BertTokenizer")
    return folder


def make_hub_image(folder: Path, architecture: str = "test_resnet", seed: int = 0, classes: int = 10) -> Path:
    """A timm network as timm pushes it to the hub: config.json and model.safetensors."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = timm.create_model(architecture, num_classes=classes)
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(std=0.1)
            elif name.endswith("running_var"):
                buffer.uniform_(0.5, 2.0)
    timm.models.save_for_hf(network, folder, safe_serialization=True)
    return folder


def word_pieces(folder: Path, kind: str) -> None:
    """BERT's kind of tokenizer."""
    make_tiny_tokenizer(folder / "tokenizer.json")
    _write(
        folder / "tokenizer_config.json",
        tokenizer_class=kind,
        do_lower_case=True,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[UNK]",
    )


def clip_pieces(folder: Path, *, end_last: bool = False) -> None:
    """CLIP's tokenizer, over single letters; its real end token has the highest id, as with `end_last`."""
    end = "<|endoftext|>"
    byte_pairs(
        folder,
        bos="<|startoftext|>",
        eos=end,
        pad=end,
        unk=end,
        kind="CLIPTokenizer",
        specials_last=end_last,
    )


def byte_pairs(
    folder: Path, *, bos: str, eos: str, pad: str, unk: str, kind: str, specials_last: bool = False
) -> None:
    """GPT-2's kind of tokenizer, over single letters."""
    special = list(dict.fromkeys([bos, pad, eos, unk]))
    letters = ["Ġ", *LETTERS]
    pieces = [*letters, *special] if specials_last else [*special, *letters]
    tokenizer = tokenizers.Tokenizer(models.BPE({p: i for i, p in enumerate(pieces)}, [], unk_token=unk))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(
        (eos, pieces.index(eos)), (bos, pieces.index(bos)), add_prefix_space=False
    )
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "tokenizer.json"))
    _write(
        folder / "tokenizer_config.json",
        tokenizer_class=kind,
        bos_token=bos,
        eos_token=eos,
        pad_token=pad,
        unk_token=unk,
        cls_token=bos,
        sep_token=eos,
        mask_token=unk,
    )


def xlm_roberta_pieces(folder: Path) -> None:
    """XLM-R's tokenizer over single letters, as a repository of open_clip's has it: the one file alone."""
    scores = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0)]
    tokenizer = tokenizers.Tokenizer(
        models.Unigram([*scores, *((letter, -2.0) for letter in LETTERS)], unk_id=3)
    )
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.save(str(folder / "tokenizer.json"))


def _gemma_pieces(folder: Path) -> None:
    """What SigLIP2's repositories have: Gemma's tokenizer, which reads capitals and pads at the left."""
    special = ["<pad>", "</s>", "<s>", "<unk>"]
    pieces = [*special, "▁", *LETTERS, *(letter.upper() for letter in LETTERS if letter.isalpha())]
    tokenizer = tokenizers.Tokenizer(models.BPE({p: i for i, p in enumerate(pieces)}, [], unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "tokenizer.json"))
    _write(
        folder / "tokenizer_config.json",
        tokenizer_class="GemmaTokenizer",
        add_bos_token=False,
        add_eos_token=True,
        model_input_names=["input_ids"],
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
    )


def _unigrams(folder: Path, begins: bool = False) -> None:
    """SentencePiece's kind of tokenizer, over single letters, each text with an end."""
    scores = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁", -1.0),
        *((letter, -2.0) for letter in LETTERS),
        ("<s>", 0.0),
    ]
    begin = len(scores) - 1
    tokenizer = tokenizers.Tokenizer(models.Unigram(scores, unk_id=2))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>" if begins else "$A </s>", special_tokens=[("<s>", begin), ("</s>", 1)]
    )
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>", "<s>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    _write(
        folder / "tokenizer_config.json",
        tokenizer_class="PreTrainedTokenizerFast",
        model_input_names=["input_ids"],
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
    )


def _write(path: Path, **values: object) -> None:
    path.write_text(json.dumps(values), encoding="utf-8")
