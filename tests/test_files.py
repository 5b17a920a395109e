"""Files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import BadInput
from assistant.files import write, write_all

CONTENTS = {"report.html": b"<p>1", "calendar.ics": b"2\r\n", "result.json": b"{}"}
NOWHERE = Path("/proc/nowhere")  # no folder can be made there, not even by root


def everything(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder*."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refusal(path: Path, error: BadInput) -> None:
    """Assert that *error* is one problem about *path*."""
    [problem] = error.problems
    assert (problem.code, problem.place.file) == ("not-writable", str(path))
    assert problem.params["found"]


def test_a_file_is_written_as_it_is(tmp_path: Path) -> None:
    """Bytes in, the same bytes out; folders above are made."""
    write(tmp_path / "a" / "b" / "calendar.ics", b"\xff\r\n\0")
    assert everything(tmp_path) == {"a/b/calendar.ics": b"\xff\r\n\0"}


def test_a_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    """A shorter one leaves nothing of the longer."""
    for content in (b"a long text", b"short"):
        write(tmp_path / "x", content)
    assert everything(tmp_path) == {"x": b"short"}


def test_others_may_read_what_is_written(tmp_path: Path) -> None:
    """A temporary file's own rights would shut out a web server."""
    write(tmp_path / "x", b"")
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644


def test_several_files_are_written_together(tmp_path: Path) -> None:
    """No staging folder is left."""
    write_all(tmp_path / "out", CONTENTS)
    assert everything(tmp_path / "out") == CONTENTS
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*CONTENTS}


def test_other_files_of_the_folder_stay(tmp_path: Path) -> None:
    """Only the named ones are replaced."""
    (tmp_path / "notes.txt").write_bytes(b"mine")
    (tmp_path / "result.json").write_bytes(b"old")
    write_all(tmp_path, CONTENTS)
    assert everything(tmp_path) == {**CONTENTS, "notes.txt": b"mine"}


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """Nothing is left behind beside it."""
    (tmp_path / "x").mkdir()
    with pytest.raises(BadInput) as caught:
        write(tmp_path / "x", b"1")
    refusal(tmp_path / "x", caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    """It is not overwritten."""
    (tmp_path / "out").write_bytes(b"mine")
    for path in (tmp_path / "out", tmp_path / "out" / "deeper"):
        with pytest.raises(BadInput) as caught:
            write_all(path, CONTENTS)
        refusal(path, caught.value)
    assert everything(tmp_path) == {"out": b"mine"}


def test_a_place_that_cannot_be_written_is_refused() -> None:
    """One message, for one file and for several."""
    with pytest.raises(BadInput) as caught:
        write(NOWHERE / "x", b"")
    refusal(NOWHERE / "x", caught.value)
    with pytest.raises(BadInput) as caught:
        write_all(NOWHERE, CONTENTS)
    refusal(NOWHERE, caught.value)


@pytest.mark.parametrize("blocked", list(CONTENTS))
def test_no_file_is_replaced_when_one_cannot_be(tmp_path: Path, blocked: str) -> None:
    """A folder stands where one of the files should go: all the others stay as they were."""
    before = {name: b"old" for name in CONTENTS if name != blocked}
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / blocked).mkdir()
    with pytest.raises(BadInput) as caught:
        write_all(tmp_path, CONTENTS)
    refusal(tmp_path, caught.value)
    assert everything(tmp_path) == before


def test_a_name_too_long_is_refused(tmp_path: Path) -> None:
    """The disk says so, not a traceback."""
    with pytest.raises(BadInput) as caught:
        write(tmp_path / ("x" * 300), b"")
    assert caught.value.problems[0].code == "not-writable"
