"""What frames do, where heat lies and whose films are told, in words of the card."""

from core.reporting.markdown import NOT_MEASURED
from core.reporting.model_card.robustness import frames_words, heat_words, population_words


def share(value: float) -> dict[str, float]:
    return {"n": 40, "value": value, "low": value - 0.01, "high": value + 0.01}


def outcomes(unchanged: float) -> dict[str, dict[str, float]]:
    return {"unchanged": share(unchanged), "class_changed": share(0.02), "silent": share(0.005)}


def test_what_is_not_measured_is_said() -> None:
    assert frames_words(None) == heat_words(None) == population_words(None) == NOT_MEASURED


def test_frames_are_told_over_all_and_by_the_worst() -> None:
    frames = {"padded": outcomes(0.99), "canvas": outcomes(0.91), "all": outcomes(0.95)}
    words = frames_words({"dataset": "test", "films": 40, "frames": frames})
    assert "of 40 test films in 2 frames" in words
    assert "stays in 95.0%" in words
    assert "the class changes in 2.0%" in words
    assert "becomes the other in 0.5%" in words
    assert words.endswith("the worst frame is canvas, with 91.0% unchanged")


def test_heat_is_told_for_sets_that_have_any() -> None:
    warm = {"films": 42, "without_heat": 2, "share": share(0.9), "hottest": share(0.97)}
    cold = {"films": 3, "without_heat": 3, "share": None, "hottest": None}
    words = heat_words({"method": "cam", "sets": {"test": warm, "validation": cold}})
    assert words.startswith("test: 0.900 (0.890 - 0.910) of the heat and 0.970")
    assert words.endswith("on 40 pneumonias (2 more have no heat)")


def test_the_population_reader_is_told_set_by_set() -> None:
    sets = {"official_test": {"n": 624, "told_right": 0.9872}}
    assert population_words({"sets": sets}) == "official_test: 98.7% of 624 told right"


def test_larger_bodies_are_told_where_all_groups_were_measured() -> None:
    sets = {"official_test": {"n": 624, "told_right": 0.9872}}
    heights = {
        name: {"n": 10, "median_px": size}
        for name, size in {
            "test_child": 700,
            "test_others": 1500,
            "training_normal": 900,
            "training_pneumonia": 600,
        }.items()
    }
    words = population_words({"sets": sets, "lung_heights": heights})
    assert "told a child's are 700 px (median of 10) high and those of the others 1,500 px" in words
    assert "training normals are 900 px (median of 10) high, of training pneumonias 600 px" in words
    del heights["test_others"]
    assert "px" not in population_words({"sets": sets, "lung_heights": heights})
