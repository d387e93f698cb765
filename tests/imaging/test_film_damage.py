"""Missing or senseless data are heard: refused where that is plain, told where it may be."""

import io
import subprocess
import sys
from typing import Any

import numpy as np
import pydicom
import pytest
import simplejpeg
from PIL import Image
from pydicom.encaps import encapsulate

from core.imaging import read_film
from core.messages.errors import (
    DecoderStopped,
    FilmError,
    NoMemory,
    TruncatedFile,
    UnreadableFile,
    UnsupportedPicture,
)
from tests.support.phantoms import chest_phantom, encode, write_dicom

PHANTOM = chest_phantom(480, 512)
END = b"\xff\xd9"
DOUBT = "film.notice.damage"


def jpeg(**options: Any) -> bytes:
    return encode(PHANTOM, "JPEG", quality=92, **options)


def in_dicom(frame: bytes) -> bytes:
    header = pydicom.dcmread(io.BytesIO(write_dicom(PHANTOM, syntax="jpeg")))
    header.PixelData = encapsulate([frame])
    header["PixelData"].is_undefined_length = True
    file = io.BytesIO()
    header.save_as(file)
    return file.getvalue()


def overwritten(data: bytes, rng: np.random.Generator, count: int) -> bytes:
    """A JPEG with so many bytes of its picture replaced, in one place."""
    changed = bytearray(data)
    start = int(rng.integers(data.index(b"\xff\xda") + 20, len(data) * 2 // 3))
    changed[start : start + count] = rng.integers(0, 255, count, np.uint8).tobytes()
    return bytes(changed)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 0.97])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "dicom"])
def test_a_jpeg_that_was_cut_and_closed_again_is_refused(
    share: float, progressive: bool, wrapped: bool
) -> None:
    whole = jpeg(progressive=progressive)
    cut = whole[: int(len(whole) * share)] + END
    with pytest.raises(TruncatedFile):
        read_film(in_dicom(cut) if wrapped else cut)


def test_a_progressive_jpeg_that_lacks_its_last_scans_is_refused() -> None:
    whole = jpeg(progressive=True)
    cut = whole[: whole.rindex(b"\xff\xda")] + END
    assert simplejpeg.decode_jpeg(cut, "GRAY").size  # libjpeg itself has nothing to say
    with pytest.raises(TruncatedFile):
        read_film(cut)


def test_a_jpeg_without_restarts_that_are_due_is_refused() -> None:
    whole = jpeg(restart_marker_rows=4)
    assert read_film(whole).notices == ()
    first, second = whole.index(b"\xff\xd1"), whole.index(b"\xff\xd3")
    with pytest.raises(TruncatedFile):
        read_film(whole[:first] + whole[second:])


def test_a_jpeg_that_lacks_its_end_marker_alone_is_whole() -> None:
    assert read_film(jpeg()[:-2]).notices == ()
    with pytest.raises(TruncatedFile):
        read_film(jpeg()[:-40])


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "dicom"])
def test_a_sound_jpeg_says_nothing(options: dict[str, Any], wrapped: bool) -> None:
    for quality in (30, 75, 100):
        data = encode(PHANTOM, "JPEG", quality=quality, **options)
        assert read_film(in_dicom(data) if wrapped else data).notices == ()


@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "dicom"])
def test_overwritten_bytes_do_not_change_a_film_silently(wrapped: bool) -> None:
    rng = np.random.default_rng(11)
    sound = read_film(jpeg()).pixels
    changed = silent = 0
    for count in (1, 4, 16, 64) * 15:
        data = overwritten(jpeg(), rng, count)
        try:
            film = read_film(in_dicom(data) if wrapped else data)
        except FilmError:
            changed += 1
            continue
        if np.abs(film.pixels - sound).mean() > 0.02:
            changed += 1
            silent += DOUBT not in [notice.key for notice in film.notices]
    assert changed > 20
    assert silent <= changed * 0.1


def test_steps_that_films_have_are_no_damage() -> None:
    """Frames, bars and collimators that end where blocks do, straight across the film."""
    for top, shade in ((64, 0), (96, 0), (128, 255), (200, 40), (72, 200)):
        framed = PHANTOM.copy()
        framed[:top] = shade
        framed[-top + 4 :] = shade
        assert read_film(encode(framed, "JPEG", quality=90)).notices == ()
    lettered = PHANTOM.copy()
    lettered[96:160, 40:200] = 255
    assert read_film(encode(lettered, "JPEG", quality=90)).notices == ()


def test_the_reason_is_damage_only_where_data_are_missing(caplog: pytest.LogCaptureFixture) -> None:
    bitmap = bytearray(encode(PHANTOM, "BMP"))
    bitmap[30] = 4  # JPEG within a bitmap, which Pillow does not read
    with pytest.raises(UnsupportedPicture, match="BMP"):
        read_film(bytes(bitmap))


def test_what_nobody_foresaw_has_a_code_and_a_log_line_without_a_word_of_the_file(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_anything(*_: object) -> None:
        raise KeyError("Doe^Jane")

    monkeypatch.setattr("core.imaging.dicom.displayed", raise_anything)
    with pytest.raises(UnreadableFile) as caught:
        read_film(write_dicom(PHANTOM))
    code = str(caught.value.details["code"])
    assert code.startswith("KeyError-dicom-")
    for language in ("en", "ko"):
        assert code in caught.value.message(language)
    (line,) = caplog.records
    assert code in line.getMessage()
    assert "Doe" not in line.getMessage() + str(line.exc_info) + caught.value.message("en")


def test_small_and_tiny_pictures_are_never_doubted() -> None:
    for side in (64, 72, 100, 300):
        data = encode(np.asarray(Image.fromarray(PHANTOM).resize((side, side))), "JPEG")
        assert DOUBT not in [notice.key for notice in read_film(data).notices]


def test_a_decoder_that_is_killed_says_nothing_against_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = subprocess.run

    def killed(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
        return run([sys.executable, "-c", kill], **options)

    film = write_dicom(chest_phantom(90, 80), syntax="jpeg-ls")
    with monkeypatch.context() as patch:
        patch.setattr("core.imaging.isolated.subprocess.run", killed)
        with pytest.raises(DecoderStopped):
            read_film(film)
    assert read_film(film).pixels.shape == (90, 80)


def test_memory_that_runs_out_says_nothing_against_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(data: bytes, file_format: str) -> None:
        raise MemoryError

    monkeypatch.setattr("core.imaging.read.read_picture", fail)
    with pytest.raises(NoMemory):
        read_film(encode(PHANTOM, "PNG"))
