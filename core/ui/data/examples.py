"""The films themselves: examples, and a live look at augmentation and mixup."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.labels import CLASSES, Label, target_of
from core.data.preview import SHOWN_POLICIES, Example, Pixels, augmented, examples, mixed
from core.imaging.preprocess import FILM_SIZE_PX
from core.messages.errors import ReadingRoomError
from core.ui.frame.words import show_error, t

_EACH = 2


def show_examples(root: Path) -> None:
    """Show a few films of each class.

    Args:
        root: The data folder.
    """
    _show_alone(_show_examples, root)


def show_training_view(root: Path) -> None:
    """Show what augmentation and mixup make of films.

    Args:
        root: The data folder.
    """
    names = [t("data.heading.augmentation"), t("data.heading.mixup")]
    for tab, show in zip(st.tabs(names), (_show_augmentation, _show_mixup), strict=True):
        with tab:
            _show_alone(show, root)


@st.fragment
def _show_alone(show: Callable[[Path], None], root: Path) -> None:
    """Show one part, which redraws alone, or why its films cannot be read."""
    try:
        show(root)
    except ReadingRoomError as error:
        show_error(error)


def _show_examples(root: Path) -> None:
    draw = _draw_again(
        "examples", t("data.live.other_films"), t("data.live.example_note", size=FILM_SIZE_PX)
    )
    films = [film for label in CLASSES for film in examples(root, label, _EACH, draw)]
    for column, film in zip(_four_columns(), films, strict=True):
        name = class_name(film.label)
        with column:
            _show_pixels(film.pixels, name, t("data.live.film_alt", label=name))


def _show_augmentation(root: Path) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control(
            t("data.live.class"),
            CLASSES,
            default=CLASSES[0],
            format_func=class_name,
            required=True,
            key="augmented_class",
        )
        policy = st.selectbox(
            t("data.live.policy"),
            SHOWN_POLICIES,
            format_func=lambda name: t(f"data.policy.{name}"),
            key="policy",
            width=280,
            help=t("data.live.augmentation_note"),
        )
        draw = _draw_again("augmentation", t("data.live.again"))
    film, other = (examples(root, each, 1, 0)[0].pixels for each in (label, _other(label)))
    st.markdown(t(f"data.policy_about.{policy}"))
    first, *others = _four_columns()
    with first:
        alt = t("data.live.film_alt", label=class_name(label))
        _show_pixels(film, t("data.live.original"), alt)
    for number, column in enumerate(others, start=1):
        pixels = augmented(film, other, policy, draw * len(others) + number)
        alt = t("data.live.augmented_alt", policy=t(f"data.policy.{policy}"), number=number)
        with column:
            _show_pixels(pixels, t("data.live.draw", number=number), alt)


def _show_mixup(root: Path) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        share = st.slider(t("data.live.share"), 0.0, 1.0, 0.7, 0.05, key="share", width=320)
        draw = _draw_again("mixup", t("data.live.other_films"))
    first, second = (examples(root, label, 1, draw + 1)[0] for label in reversed(CLASSES))
    pixels, target = mixed(first, second, share)
    pair, blend = st.columns([2, 1])
    for column, film, key in zip(
        pair.columns(2, wrap=False), (first, second), ("film_a", "film_b"), strict=True
    ):
        with column:
            _show_example(film, key)
    with blend:
        alt = t("data.live.mix_alt", share=f"{share:.2f}", rest=f"{1 - share:.2f}")
        _show_pixels(pixels, t("data.live.mix", target=target), alt)
    st.caption(t("data.live.mix_note", target=f"{target:.2f}"))


def _four_columns() -> list[DeltaGenerator]:
    """Four columns in a row, or in two rows where the screen is narrow."""
    return [column for pair in st.columns(2) for column in pair.columns(2, wrap=False)]


def class_name(label: Label) -> str:
    """A class as people read it."""
    return t(f"metric.class.{label}")


def _other(label: Label) -> Label:
    return next(each for each in CLASSES if each != label)


def _show_example(film: Example, key: str) -> None:
    name = class_name(film.label)
    caption = t(f"data.live.{key}", label=name, target=target_of(film.label))
    _show_pixels(film.pixels, caption, t("data.live.film_alt", label=name))


def _show_pixels(pixels: Pixels, caption: str, alt: str) -> None:
    shades = (np.asarray(pixels) * 255).round().astype(np.uint8)
    st.image(shades, caption=caption, width="stretch", output_format="PNG", alt=alt)


def _draw_again(what: str, name: str, about: str | None = None) -> int:
    """A button that draws other films or variants; gives the number of the draw, from 0."""
    state = f"{what}_draw"
    drawn = int(st.session_state.get(state, 0))
    if st.button(name, icon=":material/casino:", key=f"{what}_again", help=about):
        drawn += 1
        st.session_state[state] = drawn
    return drawn
