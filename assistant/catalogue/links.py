"""Links of a list that look broken, or lead elsewhere than to an official page.

Official pages of the ministry and the province have regular addresses; what departs from them is named, and mended
where only one mending is possible. Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"“”，；、（）]+")
_WHOLE = re.compile(r"https?://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?::\d+)?(?:[/?#][\x21-\x7e]*)?$")
_REDIRECTS = re.compile(
    r"(?:^|\.)(?:baidu\.com/(?:link|from)|google\.[a-z.]+/url|sogou\.com/link|so\.com/link|bing\.com/ck|sm\.cn/)"
)
_TAIL = re.compile(r"(\.html|\.htm(?!l))(?![?#]|$).*$")
_HYPHEN = re.compile(r"/(m?post|art|content)-(?=[0-9A-Za-z]{4,}\.)")
_ART = re.compile(r"/art[_-]([0-9A-Za-z]+)(?=\.)")
_POST = re.compile(r"/(m?)post[_-]([0-9A-Za-z]+)(?=\.)")
_FOLDERS = re.compile(r"/content/(\d+)/(\d+)/m?post[_-](\d+)\.")
_LOOKALIKES = str.maketrans("lIOoS", "11005")
_ART_LENGTH = 32


def addresses(text: str) -> tuple[str, ...]:
    """Return the addresses printed in *text*, those broken over lines put together again."""
    squeezed = re.sub(r"(?<!^)(?=https?://)", "\n", re.sub(r"\s+", "", text))
    return tuple(match[0] for line in squeezed.split("\n") for match in [_ADDRESS.match(line)] if match)


def faults(link: str) -> Iterator[tuple[str, str]]:
    """Yield what looks wrong about *link*: a code of the wording, and the address that was meant ("" = not known)."""
    found = list(_faults(link))
    mended = _mended(link) if all(code in _MENDABLE for code, _ in found) else ""
    for code, detail in found:
        yield code, mended or detail


_MENDABLE = frozenset(("link-tail", "link-hyphen", "link-lookalike", "link-extension", "link-mobile"))


def _faults(link: str) -> Iterator[tuple[str, str]]:
    if not _WHOLE.match(link):
        yield "link-malformed", ""
        return
    parts = urlsplit(link)
    host = (parts.hostname or "").lower()
    if _REDIRECTS.search(host + parts.path):
        yield "link-redirect", ""
        return
    if not (host == "gov.cn" or host.endswith(".gov.cn")):
        yield "link-unofficial", host
    if _TAIL.search(link):
        yield "link-tail", ""
    if _HYPHEN.search(link):
        yield "link-hyphen", ""
    yield from _id_faults(link)
    if re.search(r"/(?:m?post|art)[_-][0-9A-Za-z]+\.htm(?!l)", link):
        yield "link-extension", ""


def _id_faults(link: str) -> Iterator[tuple[str, str]]:
    """Look at the id of a page: 32 hexadecimal digits at the ministry, a number at the province."""
    if art := _ART.search(link):
        written = art[1]
        if not re.fullmatch("[0-9a-f]+", written):
            mended = re.fullmatch("[0-9a-f]+", written.translate(_LOOKALIKES))
            yield ("link-lookalike", "") if mended else ("link-id", written)
        if len(written) != _ART_LENGTH:
            yield "link-length", f"{len(written)}≠{_ART_LENGTH}"
    if post := _POST.search(link):
        if not post[2].isdecimal():
            yield ("link-lookalike", "") if post[2].translate(_LOOKALIKES).isdecimal() else ("link-id", post[2])
        if post[1]:
            yield "link-mobile", ""
    if folders := _FOLDERS.search(link):
        page = int(folders[3])
        if (page // 1_000_000, page // 1_000) != (int(folders[1]), int(folders[2])):
            yield "link-folder", f"{folders[1]}/{folders[2]}≠{page}"


def _mended(link: str) -> str:
    """Return *link* as it was meant, as far as its faults can be mended."""
    mended = _HYPHEN.sub(r"/\1_", _TAIL.sub(r"\1", link))
    mended = _ART.sub(lambda match: f"/art_{match[1].translate(_LOOKALIKES)}", mended)
    mended = _POST.sub(lambda match: f"/post_{match[2].translate(_LOOKALIKES)}", mended)
    mended = re.sub(r"(/(?:post|art)_\w+\.htm)(?!l)", r"\1l", mended)
    return "" if mended == link else mended
