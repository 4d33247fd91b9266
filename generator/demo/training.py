"""What the two trainings share: a seeded run of so many steps that may be stopped and resumed."""

import math
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from diffusers.training_utils import EMAModel
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

_SAVE_EVERY = 100
_WARM_UP = 50
_FALL = 0.4
_EMA_DECAY = 0.998


def train(
    folder: Path,
    model: nn.Module,
    optimizers: Iterable[torch.optim.Optimizer],
    loss_at: Callable[[int], Tensor],
    *,
    steps: int,
    title: str,
    until: Callable[[], bool],
    look: Callable[[int], str],
) -> bool:
    """Go on from the state saved in `folder` up to `steps`; leave the averaged weights in `model`.

    loss_at: the loss of a step; it must depend on the step and the weights alone, so that a run
        that was stopped ends like one that was not.
    until: asked at every step whether to stop early; the run can be resumed.
    look: called with the step at every save, while the averaged weights are in the model, for a
        remark to print.
    Returns whether the last step was reached.
    """
    optimizers = list(optimizers)
    rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
    parameters = [p for p in model.parameters() if p.requires_grad]
    average: Any = EMAModel(parameters, decay=_EMA_DECAY, use_ema_warmup=True, power=0.9)
    state = _State(folder / "state.pt", model, optimizers, average)
    start = state.load()
    console = Console()
    bar = Progress(
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("loss {task.fields[loss]:.4f}"),
        console=console,
    )
    with bar:
        task = bar.add_task(title, total=steps, completed=start, loss=math.nan)
        step, recent = start, math.nan
        while step < steps and not until():
            for optimizer, base in zip(optimizers, rates, strict=True):
                for group, rate in zip(optimizer.param_groups, base, strict=True):
                    group["lr"] = rate * share_of_rate(step, steps)
            loss = loss_at(step)
            model.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, 1.0)
            for optimizer in optimizers:
                optimizer.step()
            average.step(parameters)
            step += 1
            recent = loss.item() if math.isnan(recent) else 0.98 * recent + 0.02 * loss.item()
            bar.update(task, completed=step, loss=recent)
            if step % _SAVE_EVERY == 0 or step == steps:
                state.save(step)
                average.store(parameters)
                average.copy_to(parameters)
                console.print(f"{title}, step {step}: loss {recent:.4f}{look(step)}")
                average.restore(parameters)
        state.save(step)
    average.copy_to(parameters)
    return step >= steps


def share_of_rate(step: int, steps: int) -> float:
    """The learning rate's course: a short warm-up, a plateau, and down to nothing over the last
    two fifths."""
    rise = min(1.0, (step + 1) / _WARM_UP)
    fall = min(1.0, (steps - step) / (_FALL * steps))
    return rise * fall


class _State:
    """Everything that a run needs to go on, in one file that is replaced whole."""

    def __init__(
        self,
        path: Path,
        model: nn.Module,
        optimizers: list[torch.optim.Optimizer],
        average: Any,
    ) -> None:
        self._path = path
        self._model, self._optimizers, self._average = model, optimizers, average

    def load(self) -> int:
        if not self._path.is_file():
            return 0
        saved = torch.load(self._path, map_location="cpu", weights_only=True)
        self._model.load_state_dict(saved["model"])
        self._average.load_state_dict(saved["average"])
        device = next(self._model.parameters()).device
        self._average.to(device)
        for optimizer, state in zip(self._optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        return int(saved["step"])

    def save(self, step: int) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        torch.save(
            {
                "step": step,
                "model": self._model.state_dict(),
                "average": self._average.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
            },
            draft,
        )
        os.replace(draft, self._path)
