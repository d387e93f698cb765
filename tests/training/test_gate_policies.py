"""What the gate's training does to its views."""

import pytest
import torch

from core.data.draw import Draw
from core.imaging.framing import cut, whole
from core.imaging.preprocess import resize
from core.training.gate.policies import NONE, POLICIES, _bordered, _marked, augmented
from tests.data.test_augmentation import BATCHES, draw


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("batch", BATCHES)
def test_a_policy_gives_finite_images_of_the_asked_size(policy: str, batch: str) -> None:
    for seed in range(6):
        images = augmented(policy, BATCHES[batch], 32, draw(seed))
        assert images.shape == (len(BATCHES[batch]), 1, 32, 32)
        assert images.isfinite().all()
        assert 0 <= images.min() <= images.max() <= 1


@pytest.mark.parametrize("policy", POLICIES)
def test_the_same_seed_gives_the_same_images(policy: str) -> None:
    images = [augmented(policy, BATCHES["phantoms"], 32, draw(seed)) for seed in (3, 3, 4)]
    assert torch.equal(images[0], images[1])
    assert torch.equal(images[0], images[2]) == (policy == NONE)


def test_none_only_resizes() -> None:
    phantoms = BATCHES["phantoms"]
    assert torch.equal(augmented(NONE, phantoms, 32, draw()), cut(phantoms, whole(6), 32))
    assert (augmented(NONE, phantoms, 32, draw()) - resize(phantoms, 32)).abs().mean() < 0.02


def test_a_border_leaves_the_middle_alone() -> None:
    phantoms = BATCHES["phantoms"]
    inside = slice(10, -10)
    changed = 0
    for seed in range(10):
        covered = _bordered(phantoms, draw(seed), 0.15)
        assert torch.equal(covered[..., inside, inside], phantoms[..., inside, inside])
        changed += not torch.equal(covered, phantoms)
    assert changed


def test_a_marker_is_small_lies_near_a_side_and_works_on_a_copy() -> None:
    black = BATCHES["black"].clone()
    for seed in range(10):
        marked = _marked(black, Draw(seed, torch.device("cpu")))
        assert black.count_nonzero() == 0
        for image in marked:
            rows, columns = (image[0] > 0).any(1), (image[0] > 0).any(0)
            assert rows.sum() <= 8
            assert columns.sum() <= 8
            assert not columns[24:40].any()
