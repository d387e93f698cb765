"""ZIP archives: what is a film in them, and what they may not do."""

import io
import struct
import zipfile
import zlib
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from core.imaging import UPLOAD_LIMIT_MB
from core.inference.worklist import archive as archive_module
from core.inference.worklist.archive import open_archive, read_member
from core.inference.worklist.entries import files_of
from core.inference.worklist.member_names import member_name
from core.messages.errors import (
    ArchiveClosed,
    ArchiveDamaged,
    ArchiveEmpty,
    ArchiveInside,
    ArchiveLink,
    ArchiveOutside,
    ArchiveTooLarge,
    FileTooLarge,
    FilmError,
)
from tests.support.phantoms import chest_phantom, encode, write_dicom

FILM = encode(chest_phantom(80, 80), "PNG")


def zipped(packing: int = ZIP_STORED, **files: bytes) -> io.BytesIO:
    """A ZIP of files; ``__`` in a name stands for a slash."""
    file = io.BytesIO()
    with ZipFile(file, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return file


def read_all(file: io.BytesIO) -> dict[str, bytes | FilmError]:
    """What each film of a dropped ZIP gives."""
    found: dict[str, bytes | FilmError] = {}
    for name, reader in files_of("films.zip", file)[0]:
        try:
            found[name] = reader()
        except FilmError as error:
            found[name] = error
    return found


def test_films_are_found_in_nested_folders_by_their_content() -> None:
    dicom = write_dicom(chest_phantom(80, 80))
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("study/series/IM000001", dicom)  # no extension
        archive.writestr("film.png", FILM)
        archive.writestr("study/empty.png", b"")  # claims to be one, and is told why not
        archive.writestr("study/readme", b"no film")
        archive.writestr("__MACOSX/._film.png", FILM)
        archive.writestr("study/.hidden.png", FILM)
        archive.mkdir("study/folder")
    films, others = files_of("films.zip", file)
    assert [name for name, _ in films] == [
        "films.zip/study/series/IM000001",
        "films.zip/film.png",
        "films.zip/study/empty.png",
    ]
    assert others == 1
    assert [reader() for _, reader in films] == [dicom, FILM, b""]


def test_a_member_is_unpacked_when_its_turn_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    unpacked = archive_module._unpacked

    def counted(archive: ZipFile, info: ZipInfo, size: int) -> bytes:
        sizes.append(size)
        return unpacked(archive, info, size)

    monkeypatch.setattr(archive_module, "_unpacked", counted)
    films, _ = files_of("films.zip", zipped(a=FILM, b=FILM))
    assert max(sizes) < 1000
    assert films[1][1]() == FILM
    assert len([size for size in sizes if size > 1000]) == 1


def test_an_archive_without_films_says_so() -> None:
    (error,) = read_all(zipped(readme=b"nothing")).values()
    assert isinstance(error, ArchiveEmpty)


@pytest.mark.parametrize("keep", [4, 60, -30])
def test_a_damaged_archive_is_refused(keep: int) -> None:
    whole = zipped(**{"a.png": FILM}).getvalue()
    (error,) = read_all(io.BytesIO(whole[:keep])).values()
    assert isinstance(error, ArchiveDamaged)


def test_damaged_data_are_told_in_their_row_and_spare_the_others() -> None:
    data = bytearray(zipped(**{"a.png": FILM, "b.png": FILM}).getvalue())
    at = data.index(FILM) + len(FILM) // 2
    data[at] ^= 0xFF
    found = read_all(io.BytesIO(bytes(data)))
    assert isinstance(found["films.zip/a.png"], ArchiveDamaged)
    assert found["films.zip/b.png"] == FILM


def test_a_bomb_by_its_claim_is_refused_before_anything_is_unpacked() -> None:
    bomb = zipped(ZIP_DEFLATED, **{"a.png": FILM + bytes(80 * 2**20)})
    with pytest.raises(ArchiveTooLarge):
        open_archive(bomb)


def test_a_bomb_that_claims_less_gives_no_more_than_it_claims() -> None:
    data = bytearray(zipped(ZIP_DEFLATED, **{"a.png": FILM + bytes(30 * 2**20)}).getvalue())
    real = struct.pack("<I", len(FILM) + 30 * 2**20)
    for place in (data.find(real), data.rfind(real)):  # the local header and the directory
        data[place : place + 4] = struct.pack("<I", 1000)
    archive = open_archive(io.BytesIO(bytes(data)))
    (info,) = archive.infolist()
    assert info.file_size == 1000
    with pytest.raises(ArchiveDamaged):
        read_member(archive, info)


def test_a_film_over_the_limit_is_told_in_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = open_archive(zipped(**{"a.png": FILM}))
    (info,) = archive.infolist()
    info.file_size = (UPLOAD_LIMIT_MB + 1) * 2**20
    with pytest.raises(FileTooLarge):
        read_member(archive, info)


def test_too_many_files_and_too_long_a_directory_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = zipped(**{f"{number}.png": FILM for number in range(4)})
    monkeypatch.setattr(archive_module, "MAX_FILES", 3)
    with pytest.raises(ArchiveTooLarge):
        open_archive(many)
    monkeypatch.setattr(archive_module, "_DIRECTORY_LIMIT_BYTES", 10)
    monkeypatch.setattr(archive_module, "ZipFile", None)  # it is not even parsed
    with pytest.raises(ArchiveTooLarge):
        open_archive(many)


def test_the_directorys_length_is_the_zip64_records_where_there_is_one() -> None:
    plain = zipped(**{"a.png": FILM}).getvalue()
    end = plain.rindex(b"PK\x05\x06")
    for length, told in ((len(plain), None), (2**33, ArchiveTooLarge)):
        record = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, length, 0)
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
        file = io.BytesIO(plain[:end] + record + locator + plain[end:])
        if told:
            with pytest.raises(told):
                open_archive(file)
        else:
            archive_module._check_directory(file)


def test_what_is_closed_or_an_archive_again_is_told_in_its_row() -> None:
    packed = read_all(zipped(ZIP_BZIP2, **{"a.png": FILM}))
    assert isinstance(packed["films.zip/a.png"], ArchiveClosed)
    nested = read_all(zipped(**{"more.zip": zipped(a=FILM).getvalue()}))
    assert isinstance(nested["films.zip/more.zip"], ArchiveInside)
    data = bytearray(zipped(**{"a.png": FILM}).getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1  # says that it is encrypted
    locked = read_all(io.BytesIO(bytes(data)))
    assert isinstance(locked["films.zip/a.png"], ArchiveClosed)


def test_names_from_korean_windows_are_read() -> None:
    info = zipfile.ZipInfo("x")
    info.filename = "환자.png".encode("cp949").decode("cp437")
    assert member_name(info) == "환자.png"
    info.flag_bits = 0x800
    info.filename = "환자.png"
    assert member_name(info) == "환자.png"


def test_a_dropped_film_is_itself_whatever_its_name() -> None:
    for name, data in (("film", FILM), (".film.png", FILM), ("letter.txt", b"a letter")):
        ((own, reader),), others = files_of(name, io.BytesIO(data))
        assert (own, reader(), reader(), others) == (name, data, data, 0)


def test_of_a_folder_hidden_files_and_no_pictures_are_left_out() -> None:
    assert files_of("study/.DS_Store", io.BytesIO(b"x")) == ([], 0)
    assert files_of("study/readme.txt", io.BytesIO(b"x")) == ([], 1)
    assert len(files_of("study/IM1", io.BytesIO(FILM))[0]) == 1


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        *(("환자/흉부 1.png", each) for each in ("utf-8", "cp949", "euc_kr")),
        *(("환자A.png", each) for each in ("utf-8", "cp949")),
        *(("患者/胸部.png", each) for each in ("utf-8", "cp932")),
        *(("レントゲン.png", each) for each in ("utf-8", "cp932")),
        ("山田 太郎.png", "cp932"),
        *(("Müller Renée.png", each) for each in ("utf-8", "cp437")),
        *(("Zoë Ångström.png", each) for each in ("utf-8", "cp437")),
        ("Łódź.png", "utf-8"),
        ("قباني.png", "utf-8"),
    ],
)
def test_names_are_shown_as_they_were_written(name: str, encoding: str) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = name.encode(encoding).decode("cp437")
    assert member_name(info) == name


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Łódź.png", "cp1250"),
        ("Иванов.png", "cp1251"),
        ("Иванов.png", "cp866"),
        ("胸部正位片.png", "gbk"),
    ],
)
def test_a_name_in_letters_that_cannot_be_told_is_a_number(name: str, encoding: str) -> None:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("first.png", FILM)
        archive.writestr("N" * len(name.encode(encoding)), FILM)
    raw = name.encode(encoding)
    ((_, _), (shown, reader)), _ = files_of(
        "films.zip", io.BytesIO(file.getvalue().replace(b"N" * len(raw), raw))
    )
    assert shown == "films.zip/0002.png"
    assert reader() == FILM


def test_the_name_beside_the_name_goes_first() -> None:
    info = zipfile.ZipInfo("x")
    raw = b"?\xff\xfe.png"
    info.filename = raw.decode("cp437")
    body = b"\1" + struct.pack("<I", zlib.crc32(raw)) + "Łódź.png".encode()
    info.extra = struct.pack("<HH", 1, 2) + b"ab" + struct.pack("<HH", 0x7075, len(body)) + body
    assert member_name(info) == "Łódź.png"
    info.extra = info.extra.replace(body[1:5], b"1234")  # of another name
    assert member_name(info, 7) == "0007.png"


@pytest.mark.parametrize(
    "name", ["../film.png", "a/../../film.png", "..\\film.png", "../.hidden/x"]
)
def test_a_path_that_climbs_out_is_told_and_not_swallowed(name: str) -> None:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr(name, FILM)
        archive.writestr("film.png", FILM)
    found = read_all(file)
    assert found["films.zip/film.png"] == FILM
    if "hidden" not in name:
        (error,) = (each for each in found.values() if isinstance(each, FilmError))
        assert isinstance(error, ArchiveOutside)


def test_a_link_is_told_and_not_followed() -> None:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        info = ZipInfo("link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    (error,) = read_all(file).values()
    assert isinstance(error, ArchiveLink)


def test_a_dropped_file_whose_name_climbs_is_a_row() -> None:
    ((name, reader),), others = files_of("../film.png", io.BytesIO(FILM))
    assert (name, reader(), others) == ("../film.png", FILM, 0)
