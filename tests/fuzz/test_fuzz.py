"""A short run of the fuzzer with fixed numbers, and what longer ones found."""

import io
import struct
from zipfile import ZipFile

import pytest

from core.imaging import read_film
from core.inference.worklist.entries import files_of
from core.messages.errors import FilmError, NoMemory, TruncatedFile, UnreadableFile
from tests.fuzz import running
from tests.fuzz.mutations import seeds
from tests.fuzz.running import complaint, fuzz, made
from tests.support.phantoms import chest_phantom, encode, write_dicom


def test_broken_files_of_every_form_are_read_or_refused() -> None:
    tried, findings = fuzz(first=1, seconds=5, most=300)
    assert findings == []
    assert tried > 20


def test_a_number_makes_the_same_file_again() -> None:
    for number in range(0, 60, 7):
        assert made(number) == made(number)


def test_sound_seeds_have_no_complaint() -> None:
    assert [name for name, data in seeds().items() if complaint(data)] == []


def test_what_escapes_a_reader_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(data: bytes) -> None:
        raise KeyError

    monkeypatch.setattr(running, "read_film", fail)
    assert complaint(b"x") == "untyped: KeyError"

    def fill(data: bytes) -> None:
        raise NoMemory

    monkeypatch.setattr(running, "read_film", fill)
    assert complaint(b"x").startswith("memory")


def test_fragments_that_are_no_items_are_damage() -> None:
    data = write_dicom(chest_phantom(72, 80), syntax="jpeg-ls")
    at = data.rindex(b"\xfe\xff\x00\xe0")
    with pytest.raises(TruncatedFile):
        read_film(data[:at] + b"\x01\x02\x03\x04" + data[at + 4 :])


def test_a_jpeg_of_an_unnamed_colour_space_is_foreseen() -> None:
    data = bytearray(encode(chest_phantom(72, 80), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 9 : at + 13] = struct.pack("BBBB", 2, 1, 0x11, 0)  # two components
    with pytest.raises(FilmError) as caught:
        read_film(bytes(data))
    assert not isinstance(caught.value, UnreadableFile)


def test_a_member_of_a_zip_without_a_name_spares_the_others() -> None:
    file, film = io.BytesIO(), encode(chest_phantom(80, 80), "PNG")
    with ZipFile(file, "w") as archive:
        for name in "ab":
            archive.writestr(name, film)
    data = bytearray(file.getvalue())
    data[data.rindex(b"PK\x01\x02") + 46] = 0  # the last name ends where it begins
    films, _ = files_of("films.zip", io.BytesIO(bytes(data)))
    assert films[0][1]() == film
    assert complaint(bytes(data)) == ""
