"""The clips that the transformer is trained on: their latents, and what their scenes hold."""

import numpy as np
import torch
from torch import Tensor

from generator.demo import questions
from generator.demo.whereabouts import whereabouts
from generator.demo.world import sample


class Clips:
    """`labels` (clips, questions) and `poses` (clips, 13, 2, 5) as `questions` has them; `things`
    (clips, 13, 16, 24) as `whereabouts` has them; `scenes`."""

    def __init__(self, latents: Tensor) -> None:
        """latents: (clips, 16, 13, 16, 24); clip n is of the scene of seed n."""
        self._latents = latents
        self.scenes = [sample(seed) for seed in range(len(latents))]
        self.labels = torch.tensor([questions.labels(scene) for scene in self.scenes])
        self.poses = torch.stack([questions.poses(scene) for scene in self.scenes])
        self.things = torch.stack([whereabouts(scene) for scene in self.scenes])

    def __len__(self) -> int:
        return len(self.scenes)

    @property
    def frames(self) -> int:
        """Latent frames in a clip."""
        return self._latents.shape[2]

    def latents_of(self, numbers: np.ndarray) -> Tensor:
        """float32 (numbers, 13, 16, 16, 24), as the transformer has them."""
        return self._latents[numbers].transpose(1, 2).float()

    def some_frames(self, random: np.random.Generator, count: int) -> Tensor:
        """Numbers of latent frames in their order: (count,)."""
        return torch.from_numpy(np.sort(random.permutation(self.frames)[:count]))
