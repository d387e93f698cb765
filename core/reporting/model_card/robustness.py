"""What frames do to verdicts, where heat lies and whose films are told, in words of the card."""

from collections.abc import Mapping
from typing import Any

from core.reporting.markdown import NOT_MEASURED, figure
from core.results.robustness import ALL_FRAMES


def frames_words(found: Mapping[str, Any] | None) -> str:
    """How often the verdict stays in frames that leave the lungs alone."""
    if found is None:
        return NOT_MEASURED
    frames = found["frames"]
    every = frames[ALL_FRAMES]
    worst = min(
        (name for name in frames if name != ALL_FRAMES),
        key=lambda name: float(frames[name]["unchanged"]["value"]),
    )
    return (
        f"of {found['films']} {found['dataset']} films in {len(frames) - 1} frames that leave the "
        f"lungs alone, the verdict stays in {_percent(every['unchanged'])}, the class changes in "
        f"{_percent(every['class_changed'])}, and one plain verdict becomes the other in "
        f"{_percent(every['silent'])}; the worst frame is {worst}, with "
        f"{_percent(frames[worst]['unchanged'])} unchanged"
    )


def heat_words(found: Mapping[str, Any] | None) -> str:
    """How much of the heat lies inside the lungs that a human outlined."""
    if found is None:
        return NOT_MEASURED
    return "; ".join(
        f"{name}: {figure(each['share'])} of the heat and {figure(each['hottest'])} of the hottest "
        f"points lie inside the lungs that a human outlined, on {each['share']['n']} pneumonias "
        f"({each['without_heat']} more have no heat)"
        for name, each in found["sets"].items()
        if each["share"] is not None
    )


def population_words(found: Mapping[str, Any] | None) -> str:
    """How many films the population reader tells right."""
    if found is None:
        return NOT_MEASURED
    told = "; ".join(
        f"{name}: {each['told_right']:.1%} of {each['n']} told right"
        for name, each in found["sets"].items()
    )
    return f"{told}{_grown_words(found.get('lung_heights', {}))}"


def _grown_words(heights: Mapping[str, Mapping[str, Any]]) -> str:
    """Whether the films that are told no child's show larger bodies; nothing where not all known.

    The reader reads the box round the lungs, brought to one size, so it cannot see how large they
    are.
    """
    groups = ("test_child", "test_others", "training_normal", "training_pneumonia")
    if any(name not in heights for name in groups):
        return ""
    child, others, normal, ill = (
        f"{heights[name]['median_px']:,} px (median of {heights[name]['n']:,})" for name in groups
    )
    return (
        f". In the original films, the lungs of official test films told a child's are {child} "
        f"high and those of the others {others}, which the reader cannot see: some films of this "
        "data look like those of grown bodies, though it is described as of children of one to "
        f"five. Lungs of training normals are {normal} high, of training pneumonias {ill}: the "
        "normals are of larger children"
    )


def _percent(found: Mapping[str, Any]) -> str:
    return f"{found['value']:.1%}"
