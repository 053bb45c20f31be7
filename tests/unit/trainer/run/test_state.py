import torch
from torch import nn

from trainer.run.state import load_module, load_optimizer, module_tensors, optimizer_tensors


def steps(model: nn.Module, optimizer: torch.optim.Optimizer, count: int) -> None:
    for number in range(count):
        optimizer.zero_grad()
        model(torch.full((2, 3), number + 1.0)).square().sum().backward()
        optimizer.step()


def fresh() -> tuple[nn.Linear, torch.optim.Optimizer]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Linear(3, 2)
    return model, torch.optim.AdamW([{"params": [model.weight]}, {"params": [model.bias], "lr": 0.1}])


def test_an_optimizer_goes_on_where_it_was() -> None:
    model, optimizer = fresh()
    steps(model, optimizer, 3)
    tensors = module_tensors("model.", model) | optimizer_tensors(optimizer)
    tensors = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    assert all(isinstance(tensor, torch.Tensor) for tensor in tensors.values())
    other, other_optimizer = fresh()
    load_module("model.", other, tensors)
    load_optimizer(other_optimizer, tensors)
    for pair in ((model, optimizer), (other, other_optimizer)):
        steps(*pair, 2)
    assert torch.equal(model.weight, other.weight) and torch.equal(model.bias, other.bias)
    assert other_optimizer.param_groups[1]["lr"] == 0.1
