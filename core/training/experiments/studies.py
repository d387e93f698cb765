"""The studies, as data.

All read the box round the lungs at 112 pixels. The learning rate falls as in the recipe of the
default, then stays low until the validation loss no longer falls, so that a variant is judged by
what it converges to. Seed k holds out fold k: intervals over seeds include which patients were held
out. The head is the mean over the last map, as the architectures were published, so that framings
and architectures compare. Framing and mixup are studied on the smallest network of the default's
family, from ImageNet weights, which converges in a fraction of the epochs that a network from
scratch takes. Where studies share a variant, its runs are trained once.
"""

from collections.abc import Mapping
from typing import Any

from core.imaging.framings import FILM, FRAMINGS, LUNGS
from core.models.network import MEAN
from core.training.experiments.earlier_studies import EARLIER_STUDIES
from core.training.experiments.study import Study, Variant

SIZE_PX = 112
RECIPE: Mapping[str, Any] = {
    "architecture": "efficientnet_lite0",
    "init": "imagenet",
    "size_px": SIZE_PX,
    "framing": LUNGS,
    "pooling": MEAN,
    "map_stride_px": 32,
    "epochs": 20,
    "patience": 3,
    "batch_size": 32,
    "learning_rate": 1e-3,
    "schedule": "settling",
    "decay_epochs": 5,
    "mixup_prob": 0.3,
    "mixup_alpha": 0.4,
}
"""What all variants share unless they vary it: about 143 steps an epoch."""

_FROM_SCRATCH: Mapping[str, Any] = {**RECIPE, "init": "none", "epochs": 40, "decay_epochs": 10}
"""Without ImageNet weights the loss falls for longer."""

_SCRATCH = (
    "densenet121",
    "resnet18",
    "mobilenet_v3_large",
    "efficientnet_b0",
    "efficientnet_lite0",
    "efficientnet_lite1",
    "resnet50",
    "vit_small",
)
_FROM_IMAGENET = ("efficientnet_lite0", "efficientnet_lite1")
"""Those whose ImageNet weights a package has, so that no weights are downloaded."""

_MIXUPS = ((0.3, 0.4), (0.0, 0.4), (0.1, 0.4), (0.5, 0.4), (1.0, 0.4), (0.3, 0.2), (0.3, 1.0))

_STUDIES = (
    Study(
        "framing",
        FILM,
        tuple(Variant(framing, {"framing": framing}) for framing in FRAMINGS),
        RECIPE,
        fold_by_seed=True,
    ),
    Study(
        "mixup-lungs",
        "p0.3-a0.4",
        tuple(
            Variant(f"p{share:g}-a{alpha:g}", {"mixup_prob": share, "mixup_alpha": alpha})
            for share, alpha in _MIXUPS
        ),
        RECIPE,
        fold_by_seed=True,
    ),
    Study(
        "architecture-lungs",
        "densenet121",
        (
            *(Variant(name, {"architecture": name}) for name in _SCRATCH),
            *(
                Variant(f"{name}-imagenet", {**RECIPE, "architecture": name})
                for name in _FROM_IMAGENET
            ),
        ),
        _FROM_SCRATCH,
        fold_by_seed=True,
    ),
)

STUDIES: Mapping[str, Study] = {study.name: study for study in _STUDIES}
"""What ``python -m core study`` trains."""

SUCCESSORS: Mapping[str, str] = {"mixup": "mixup-lungs", "architecture": "architecture-lungs"}
"""Earlier studies by the study of today that asks their question."""

ALL_STUDIES: Mapping[str, Study] = {**STUDIES, **EARLIER_STUDIES}
"""What pages and READMEs tell of."""
