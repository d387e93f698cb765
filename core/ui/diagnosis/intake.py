"""Intake: the drop zone, the empty page, and sample films."""

import streamlit as st

from core.data.samples import shown_samples, sources
from core.imaging import UPLOAD_LIMIT_MB
from core.inference.worklist.archive import PACKED_LIMIT_GB
from core.ui.diagnosis.session import (
    clear_list,
    close_film,
    follow_uploader,
    note_uploader,
    opened,
    show_sample,
    tried_sample,
    try_sample,
    uploader_key,
    worklist,
)
from core.ui.frame.words import t

FOLDER = "choose_folder"
_SAMPLE_PX = 100
"""Least width of a sample's picture: three beside each other on a phone."""
_CHIPS_REM = {False: 5.6, True: 2.6}
"""Height of the names of dropped files, and where a film is open: that needs the room."""

_STYLE = """<style>
[data-testid=stFileUploaderDropzoneInstructions] {{ display: none; }}
[data-testid=stFileUploaderDropzone] > span button p {{ font-size: 0; }}
[data-testid=stFileUploaderDropzone] > span button p::after {{
  content: "{button}"; font-size: 1rem; }}
[data-testid=stFileUploader] [data-testid=stFileChips] {{ max-height: {rem}rem; }}
</style>"""
"""Streamlit's own words on a drop zone are English alone and know one limit for every file."""

_SAMPLES_STYLE = """<style>
[class*=st-key-sample_] { position: relative; }
[class*=st-key-try_sample_], [class*=st-key-try_sample_] button { position: static; }
[class*=st-key-try_sample_] button::after { content: ""; position: absolute; inset: 0; }
[class*=st-key-sample_] [data-testid=stElementToolbar] { display: none; }
[class*=st-key-sample_] img { border-radius: 0.375rem; }
[class*=st-key-sample_]:hover img { outline: 2px solid currentColor; outline-offset: 2px; }
</style>"""
"""A sample's button covers its picture, so that a click on either reads the film."""


def draw_intake() -> None:
    """The drop zone for films, a ZIP or a folder; what is dropped goes into the list."""
    as_folder = bool(st.session_state.get(FOLDER))
    button = t("worklist.choose_folder" if as_folder else "worklist.choose_files")
    chips = _CHIPS_REM[opened() is not None]
    st.html(_STYLE.format(button=button, rem=chips))
    files = st.file_uploader(
        t("diagnosis.drop", film_mb=UPLOAD_LIMIT_MB, zip_gb=PACKED_LIMIT_GB),
        accept_multiple_files="directory" if as_folder else True,
        key=uploader_key(),
        on_change=follow_uploader,
    )
    note_uploader(is_empty=not files)
    if skipped := worklist().skipped:
        st.caption(t("worklist.skipped", files=skipped))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(t("worklist.folder"), key=FOLDER, persist_state="session")
        if len(worklist()):
            st.button(
                t("worklist.clear"), icon=":material/close:", type="tertiary", on_click=clear_list
            )


def draw_empty() -> None:
    """What to do next where there is no film."""
    st.info(t("diagnosis.empty"), icon=":material/upload_file:")
    _draw_samples()
    for source in sources():
        st.button(
            t(f"samples.try.{source}"),
            icon=":material/casino:",
            key=f"try_{source}",
            on_click=try_sample,
            args=(source,),
        )


def _draw_samples() -> None:
    """A row of synthetic films, for someone without a film at hand; one click reads one."""
    samples = shown_samples()
    if not samples:
        return
    st.html(_SAMPLES_STYLE)
    st.markdown(t("samples.try.synthetic"))
    grid = st.grid(len(samples), min_column_width=_SAMPLE_PX)
    for number, sample in enumerate(samples, 1):
        name = t("samples.numbered", number=number)
        with grid, st.container(key=f"sample_{number}", gap="xsmall"):
            st.image(sample.read(), width="stretch", alt=name)
            st.button(
                name,
                key=f"try_sample_{number}",
                type="tertiary",
                width="stretch",
                on_click=show_sample,
                args=(sample,),
            )


def draw_sample() -> None:
    """Say that the film on the screen is a sample, and tell its true label when asked."""
    tried = tried_sample()
    if tried is None:
        return
    sample = tried.sample
    st.info(t(f"samples.about.{sample.source}"), icon=":material/science:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if sample.source in sources():
            st.button(
                t("samples.another"),
                icon=":material/casino:",
                on_click=try_sample,
                args=(sample.source,),
            )
        st.button(t("samples.close"), icon=":material/close:", on_click=close_film)
        if st.button(t("samples.show_label"), icon=":material/visibility:"):
            tried.label_shown = True
        if tried.label_shown and sample.label:
            label = t(f"metric.class.{sample.label}")
            st.markdown(t(f"samples.label.{sample.source}", label=label))
        elif tried.label_shown:
            st.markdown(t("samples.no_label"))
