"""The clips that the transformer is trained on: their latents, and what their scenes hold."""

import numpy as np
import torch
from torch import Tensor

from generator.demo import questions
from generator.demo.whereabouts import whereabouts
from generator.demo.world import sample

_TURNING = 0.2
"""Share of the clips in which something turns, beside those that do by chance: its outline is a new
one in every frame, and there are few of them."""


class Clips:
    """`labels` (clips, questions) and `poses` (clips, 13, 2, 5) as `questions` has them; `things`
    (clips, 13, 16, 24) as `whereabouts` has them; `scenes`."""

    def __init__(self, latents: Tensor) -> None:
        """latents: (clips, 16, 13, 16, 24); clip n is of the scene of seed n."""
        self._latents = latents
        self.scenes = [sample(seed) for seed in range(len(latents))]
        self.labels = torch.tensor([questions.labels(scene) for scene in self.scenes])
        self.poses = torch.stack([questions.poses(scene) for scene in self.scenes])
        self._turning = [
            number
            for number, scene in enumerate(self.scenes)
            if "rotate" in [thing.motion for thing in scene.things]
        ]
        self.things = torch.stack([whereabouts(scene) for scene in self.scenes])

    def __len__(self) -> int:
        return len(self.scenes)

    @property
    def frames(self) -> int:
        """Latent frames in a clip."""
        return self._latents.shape[2]

    def some(self, random: np.random.Generator, count: int) -> np.ndarray:
        """Numbers of clips: (count,)."""
        chosen = random.integers(len(self), size=count)
        if not self._turning:
            return chosen
        turning = random.random(count) < _TURNING
        return np.where(turning, random.choice(self._turning, size=count), chosen)

    def latents_of(self, numbers: np.ndarray) -> Tensor:
        """float32 (numbers, 13, 16, 16, 24), as the transformer has them."""
        return self._latents[numbers].transpose(1, 2).float()

    def some_frames(self, random: np.random.Generator, count: int) -> Tensor:
        """Numbers of latent frames in their order: (count,)."""
        return torch.from_numpy(np.sort(random.permutation(self.frames)[:count]))
