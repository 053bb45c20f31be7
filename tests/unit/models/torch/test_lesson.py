import numpy as np
import torch
from torch.nn import functional as F

from photosearch.models.lesson import Adapter
from tests.helpers.tiny_encoder import TinyEncoder


def test_the_adapter_is_that_of_torch() -> None:
    random = np.random.default_rng(0)
    down, up = (random.standard_normal(shape).astype(np.float32) for shape in ((4, 32), (32, 4)))
    vectors = TinyEncoder().encode_texts(["Rusty", "green", "Kit blue"])
    plain = torch.from_numpy(vectors)
    hidden = F.gelu(plain @ torch.from_numpy(down).T)
    wanted = F.normalize(plain + 0.5 * hidden @ torch.from_numpy(up).T, dim=1)
    np.testing.assert_allclose(Adapter(down, up, 0.5)(vectors), wanted.numpy(), atol=1e-5)
