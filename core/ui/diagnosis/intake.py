"""Intake: the drop zone, the empty page, and sample films."""

import streamlit as st

from core.archive.settings import is_configured
from core.data.samples import shown_samples, sources
from core.imaging import UPLOAD_LIMIT_MB
from core.inference.worklist.archive import PACKED_LIMIT_MB
from core.ui.diagnosis.read_first import draw_mode
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

_STYLE = """<style>
[data-testid=stFileUploaderDropzone] > span button::after,
[data-testid=stFileUploader] [data-testid=stFileChips] button::after {{ content: "{button}"; }}
[data-testid=stFileUploader] [data-testid=stFileChips] button {{ width: auto; }}
</style>"""
"""Streamlit's own words on a drop zone are English alone; ``diagnosis.css`` hides them."""


def draw_intake() -> None:
    """The drop zone for films, a ZIP or a folder; what is dropped goes into the list."""
    as_folder = bool(st.session_state.get(FOLDER))
    is_empty = opened() is None and not len(worklist())
    button = "worklist.choose_folder" if as_folder else "worklist.choose_files"
    st.html(_STYLE.format(button=t(button if is_empty else "diagnosis.add")))
    if is_empty:
        st.markdown(f"# {t('diagnosis.drop')}")
    files = st.file_uploader(
        t("diagnosis.formats"),
        accept_multiple_files="directory" if as_folder else True,
        key=uploader_key(),
        on_change=follow_uploader,
        help=_limits(),
    )
    note_uploader(is_empty=not files)
    if skipped := worklist().skipped:
        st.caption(t("worklist.skipped", files=skipped))
    if is_empty:
        _draw_empty()
    else:
        _draw_ways_out()


def _limits() -> str:
    """How large files may be, and where they go."""
    limits = t("diagnosis.limits", film_mb=UPLOAD_LIMIT_MB, zip_mb=PACKED_LIMIT_MB)
    return f"{limits} {t('archive.exception')}" if is_configured() else limits


def _draw_archive() -> None:
    """The way to films of the archive, where there is one."""
    if is_configured():
        from core.ui.diagnosis.archive import draw_archive  # its client is for an archive alone

        with st.container(width="content", key="archive"):
            draw_archive()


def _draw_empty() -> None:
    """What to do where there is no film, and what the tool is for."""
    _draw_samples()
    with st.container(horizontal=True, vertical_alignment="center", key="empty_foot"):
        _draw_archive()
        st.toggle(t("worklist.folder"), key=FOLDER, persist_state="session")
        draw_mode()
        for source in sources():
            st.button(
                t(f"samples.try.{source}"),
                icon=":material/casino:",
                key=f"try_{source}",
                on_click=try_sample,
                args=(source,),
            )
    st.caption(f"{t('diagnosis.scope')} {t('diagnosis.not_device')}")


def _draw_samples() -> None:
    """A row of synthetic films, for someone without a film at hand; one click reads one."""
    samples = shown_samples()
    if not samples:
        return
    st.markdown(t("samples.try.synthetic"))
    grid = st.grid(len(samples), min_column_width=_SAMPLE_PX)
    for number, sample in enumerate(samples, 1):
        name = t("samples.numbered", number=number)
        with grid, st.container(key=f"sample_{number}", gap=None):
            st.image(sample.read(), width="stretch", alt=name)
            st.button(
                name,
                key=f"try_sample_{number}",
                type="tertiary",
                on_click=show_sample,
                args=(sample,),
            )


def _draw_ways_out() -> None:
    """Away from a sample, or from all films; and further films."""
    _draw_archive()
    tried = tried_sample()
    if tried is None:
        st.button(
            t("worklist.clear"), icon=":material/close:", type="tertiary", on_click=clear_list
        )
        return
    if tried.sample.source in sources():
        st.button(
            t("samples.another"),
            icon=":material/casino:",
            type="tertiary",
            on_click=try_sample,
            args=(tried.sample.source,),
        )
    st.button(t("samples.close"), icon=":material/close:", type="tertiary", on_click=close_film)
