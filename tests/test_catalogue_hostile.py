"""Documents that are broken, locked, of another kind or meant to do harm: refused clearly, within bounds."""

from __future__ import annotations

import io
import resource
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from assistant.catalogue import child
from assistant.catalogue.document import read_document
from assistant.catalogue.listing import listing
from assistant.catalogue.refused import Refused
from assistant.delivery.wording.problems import PROBLEMS
from assistant.errors import BadInput
from tests.data.lists.printing import as_docx, as_pdf, pieces

MEMORY = 400_000_000
SECONDS = 20  # well above what any of these takes, well below the reader's own bound
HEAD = "| 序号 | 项目名称 | 政策依据 | 计划日期 |\n|---|---|---|---|\n"
ROW = "| 1 | 项目 | 《办法》 | 2023年5月 |\n"
SPANS = f"<tr>{'<td rowspan=999 colspan=999>x' * 50}</tr>"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def package(**parts: Iterator[bytes] | bytes) -> bytes:
    """Return a ZIP package; a part given in pieces is written piece by piece."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            with archive.open(name.replace("__", "/") + ".xml", "w", force_zip64=True) as part:
                for piece in [content] if isinstance(content, bytes) else content:
                    part.write(piece)
    return stream.getvalue()


def zip_bomb() -> bytes:
    """Return a Word document of a few hundred kilobytes that unpacks to 180 MB."""
    return package(word__document=(b"<w:p/>" * 1_000_000 for _ in range(30)))


def entity_bomb() -> bytes:
    """Return a Word document whose entities multiply."""
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    body = "<w:body><w:p><w:r><w:t>&a11;</w:t></w:r></w:p></w:body>"
    return package(word__document=f"<!DOCTYPE x [{entities}]><w:document {WORD}>{body}</w:document>".encode())


def long_docx() -> bytes:
    """Return a Word document with a table of 10,000 rows."""
    row = f"<w:tr>{'<w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc>' * 4}</w:tr>"
    return package(
        word__document=f"<w:document {WORD}><w:body><w:tbl>{row * 10_000}</w:tbl></w:body></w:document>".encode()
    )


def locked_pdf() -> bytes:
    """Return a PDF that opens with a password only."""
    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=StandardEncryption("secret", "owner", strength=128))
    canvas.drawString(100, 100, "1")
    canvas.save()
    return stream.getvalue()


def long_pdf() -> bytes:
    """Return a PDF of 500 pages."""
    stream = io.BytesIO()
    canvas = Canvas(stream)
    for _ in range(500):
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def pdf_of(content: bytes) -> bytes:
    """Return a PDF of one page with this compressed *content*."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(content), content),
    ]
    written, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(written)
    return written + b"xref\n0 5\n0000000000 65535 f \n%strailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        start,
    )


def flate_bomb() -> bytes:
    """Return a PDF whose page unpacks to more than the memory allowed."""
    squeeze = zlib.compressobj(1)
    content = b"".join(squeeze.compress(b" " * 10_000_000) for _ in range(MEMORY // 10_000_000))
    return pdf_of(content + squeeze.flush())


HOSTILE: dict[str, tuple[Callable[[], bytes | str], str]] = {
    "nothing": (lambda: b" \n", "list-empty"),
    "word cut in the middle": (lambda: as_docx(pieces())[:20_000], "list-damaged"),
    "word cut at once": (lambda: as_docx(pieces())[:200], "list-damaged"),
    "word with broken XML": (lambda: package(word__document=b"<w:document"), "list-damaged"),
    "word without its main part": (lambda: package(word__other=b"<a/>"), "list-wrong-type"),
    "zip bomb": (zip_bomb, "list-too-much"),
    "entity bomb": (entity_bomb, "list-damaged"),
    "word of 10,000 rows": (long_docx, "list-too-long"),
    "spreadsheet": (lambda: package(xl__workbook=b"<a/>"), "list-wrong-type"),
    "old or locked word": (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "list-old-word"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(600), "list-wrong-type"),
    "PDF cut in the middle": (lambda: as_pdf(pieces())[:30_000], "list-damaged"),
    "PDF of one line": (lambda: b"%PDF-1.7\n", "list-damaged"),
    "locked PDF": (locked_pdf, "list-locked"),
    "PDF of 500 pages": (long_pdf, "list-too-long"),
    "flate bomb": (flate_bomb, "list-too-much"),
    "PDF without a table": (lambda: pdf_of(zlib.compress(b"BT ET")), "list-no-table"),
    "markdown of 10,000 rows": (lambda: HEAD + ROW * 10_000, "list-too-long"),
    "page of 10,000 rows": (lambda: f"<html><table>{'<tr><td>1</td><td>甲</td></tr>' * 10_000}", "list-too-long"),
    "deep blocks": (lambda: "<html><table><tr><td>" + "<div>" * 200_000 + "x", "list-no-table"),
    "deep tables": (lambda: "<html>" + "<table><tr><td>" * 20_000 + "x", "list-no-table"),
    "wide spans": (lambda: f"<html><table>{SPANS * 900}", "list-no-table"),
    "long text": (lambda: "<html><table><tr><td>" + "x" * 9_000_000, "file-too-large"),
    "Big5": (lambda: (HEAD + ROW).encode("big5", "ignore"), "list-encoding"),
    "Shift JIS": (lambda: "<html><table><tr><td>プロジェクトの名前は何ですか".encode("shift-jis"), "list-encoding"),
    "UTF-16 without mark": (lambda: (HEAD + ROW).encode("utf-16-le"), "list-wrong-type"),
    "plain text": (lambda: "只有文字，没有表格。", "list-no-table"),
    "another table": (lambda: "| a | b |\n|---|---|\n| 1 | 2 |\n", "list-no-table"),
    "no names": (lambda: "| 序号 | 政策依据 | 计划日期 |\n|-|-|-|\n| 1 | 《办法》 | 5月 |\n", "list-columns-unclear"),
}


def refusal(path: Path) -> tuple[list[str], int]:
    """Return the problems that a document is refused for, and the bytes that the largest reader took so far."""
    codes: list[str] = []
    try:
        listing(read_document(path, memory=MEMORY))
    except BadInput as error:
        codes = [problem.code for problem in error.problems]
    except Refused as refused:
        codes = [refused.code]
    return codes, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[ProcessPoolExecutor]:
    """Return a process whose only children are readers: what other tests started does not count there."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused(name: str, tmp_path: Path, elsewhere: ProcessPoolExecutor) -> None:
    """One clear problem, within bounds of time and memory."""
    path = tmp_path / "list.pdf"  # the name does not matter
    content, code = HOSTILE[name]
    made = content()
    path.write_bytes(made.encode() if isinstance(made, str) else made)
    began = time.monotonic()
    codes, taken = elsewhere.submit(refusal, path).result()
    assert codes == [code]
    assert code in PROBLEMS or code == "file-too-large"
    assert time.monotonic() - began < SECONDS
    assert taken < MEMORY * 1.1


@pytest.mark.parametrize("sign", ["[", "*a **", "《关于甲的通知", "http://", "（1）、", "2023年"])
def test_hostile_cells_are_read_in_little_time(sign: str, tmp_path: Path) -> None:
    """A cell that no honest list has is cut, and costs little."""
    cell = sign * 30_000
    rows = [f"| {' | '.join(cell if at == column else '2' for at in range(4))} |\n" for column in range(4)]
    path = tmp_path / "list.md"
    path.write_text(HEAD + ROW + "".join(rows), "utf-8")
    began = time.monotonic()
    assert listing(read_document(path)).rows[0].name == "项目"
    assert time.monotonic() - began < SECONDS


def test_missing_files_are_named(tmp_path: Path) -> None:
    """No file, or a folder."""
    for path, code in ((tmp_path / "none.pdf", "file-missing"), (tmp_path, "file-is-folder")):
        with pytest.raises(BadInput) as error:
            read_document(path)
        assert error.value.problems[0].code == code


def test_a_reader_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    """Its child ends with it."""
    path = tmp_path / "list.pdf"
    path.write_bytes(as_pdf(pieces()))
    with pytest.raises(BadInput) as error:
        read_document(path, seconds=0.02)
    assert error.value.problems[0].code == "list-too-slow"


def test_a_reader_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra packages the problem says what to install."""

    def refuse(name: str) -> None:
        raise ImportError(name=name)

    monkeypatch.setattr(child, "import_module", refuse)
    with pytest.raises(Refused) as refused:
        child.read("pdf", b"%PDF-1.4", 10)
    assert refused.value.code == "list-reader-missing"
