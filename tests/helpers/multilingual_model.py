"""A tiny model whose text side is an e5 in 4 and 8 bits, and whose text head gives ConSE's part too."""

from pathlib import Path

import msgspec

from photosearch.models.config import HeadConfig, ModelConfig, TextTowerConfig
from photosearch.models.torch import checkpoint
from photosearch.models.torch.quantised import linears_in_eight_bits
from tests.helpers.e5_model import DIM, write_e5
from tests.helpers.tiny_config import tiny_config
from tests.helpers.tiny_model import tiny_model
from trainer.models.pretrained.e5_file import E5File, read_e5


def multilingual_config(file: E5File) -> ModelConfig:
    base = tiny_config("languages")
    assert base.conse is not None
    return msgspec.structs.replace(
        base,
        text_tower=TextTowerConfig(file.config, DIM, quantised=True),
        text_head=HeadConfig(dim_in=DIM, hidden=16, dim_out=base.dim, dropout=0.1),
        conse=msgspec.structs.replace(base.conse, dim=32, text_head=True),
    )


def make_multilingual_checkpoint(folder: Path) -> Path:
    write_e5(folder.with_suffix(".bin"))
    file = read_e5(folder.with_suffix(".bin"))
    config = multilingual_config(file)
    model = tiny_model(config)
    model.text_tower = file.tower().eval()
    linears_in_eight_bits(model.text_tower.network)
    checkpoint.save(folder, model, config, file.tokenizer())
    return folder
