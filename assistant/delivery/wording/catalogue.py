"""Sentences about a published list: what is strange in it, where it differs from the rules, why it cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from assistant.catalogue.compare import Comparison, Field, Pair
from assistant.catalogue.draft import Words
from assistant.catalogue.rows import Column, Oddity, PublishedList, Row, Section

DRAFT_WORDS = Words(
    head="# 草稿：由清单生成，条件还没有录入。请补全 en、level、applicant、authority、channel、regions、validity 和\n"
    "# versions，改好 id（与文件名一致）后删去这两行。\n",
    text_note="由清单生成，条件尚未录入，请查阅文件原文。",
    criterion="符合文件规定的条件（条件尚未录入）",
    clause_note="原文未读",
    other_basis="清单所列的其他依据：{title}",
    cycle_note="取自清单，起止日未核",
    other_notice="另有{title}",
)

_SECTIONS: dict[Section, tuple[str, str]] = {
    "national": ("国家", "national"),
    "provincial": ("省级", "provincial"),
    "": ("", ""),
}
_COLUMNS: dict[Column, tuple[str, str]] = {
    "number": ("序号", "number"),
    "name": ("项目名称", "name"),
    "basis": ("政策依据", "basis"),
    "basis_links": ("政策依据的链接", "link of the basis"),
    "notices": ("最近一次通知", "last notice"),
    "notice_links": ("最近一次通知的链接", "link of the last notice"),
    "planned": ("计划日期", "planned date"),
}
_FIELDS: dict[Field, tuple[str, str]] = {
    "section": ("类别", "section"),
    "number": _COLUMNS["number"],
    "basis": _COLUMNS["basis"],
    "basis_links": _COLUMNS["basis_links"],
    "notices": _COLUMNS["notices"],
    "notice_links": _COLUMNS["notice_links"],
    "planned": _COLUMNS["planned"],
}
_PLACES = {"page": ("第{number}页", "page {number}"), "table": ("第{number}张表", "table {number}")}
_MENDED = ("，应为 {meant}", "; {meant} is meant")
ODDITIES: dict[str, tuple[str, str]] = {
    "number-gap": ("缺号", "the number is left out"),
    "number-twice": ("序号用了 {found} 次", "the number is used {found} times"),
    "number-missing": ("没有序号：{found}", "has no number: {found}"),
    "section-unknown": ("类别“{found}”看不出是国家还是省级项目", "‘{found}’ is neither national nor provincial"),
    "heading-misfit": ("{column}一列的表头印成了“{found}”", "the column of {column} is headed ‘{found}’"),
    "heading-differs": ("{column}的表头“{found}”与前面的“{meant}”不同", "{column}: headed ‘{found}’, before ‘{meant}’"),
    "table-unread": ("这张表没有读：{found}", "this table was not read: {found}"),
    "column-missing": ("没有{column}一列", "there is no column of {column}"),
    "column-unread": ("“{found}”一列没有读", "the column ‘{found}’ was not read"),
    "notices-several": ("一格里有 {found} 份通知", "{found} notices in one cell"),
    "document-missing": ("没有写{column}", "no {column} is given"),
    "number-form": ("文号写法不全：{found}，应为 {meant}", "document number not complete: {found}; {meant} is meant"),
    "date-missing": ("没有写计划日期", "no planned date is given"),
    "date-not-understood": ("计划日期看不懂：{found}", "the planned date is not understood: {found}"),
    "date-other-year": ("计划日期“{found}”不在 {meant} 年", "the planned date ‘{found}’ is not in {meant}"),
    "link-missing": ("没有链接", "there is no link"),
    "links-differ": ("{meant} 份文件，{found} 个链接", "{meant} documents, {found} links"),
    "link-malformed": ("不是完整的网址：{found}", "is no complete address: {found}"),
    "link-redirect": ("是搜索引擎的跳转地址，不是官方网页：{found}", "is a search engine's redirect: {found}"),
    "link-unofficial": ("不是政府网站（gov.cn）：{found}", "is no government site (gov.cn): {found}"),
    "link-tail": ("网址后面多了别的字：{found}", "has more behind the address: {found}"),
    "link-hyphen": ("连字符应为下划线：{found}", "has a hyphen for an underscore: {found}"),
    "link-lookalike": ("编号里把数字印成了字母：{found}", "has a letter for a digit in its id: {found}"),
    "link-id": ("编号里有不该有的字符（{meant}）：{found}", "has wrong characters in its id ({meant}): {found}"),
    "link-length": ("编号的长度不对（{meant}）：{found}", "has an id of the wrong length ({meant}): {found}"),
    "link-folder": ("目录与编号对不上（{meant}）：{found}", "has a folder that does not fit its id ({meant}): {found}"),
    "link-extension": ("末尾应为 .html：{found}", "should end in .html: {found}"),
    "link-mobile": ("是手机版网页：{found}", "is a page for telephones: {found}"),
    "link-text-differs": ("显示的网址与实际链接不同：显示 {found}，实为 {meant}", "shows {found} but leads to {meant}"),
    "link-shared": ("与政策依据的链接相同：{found}", "is the same as a link of the basis: {found}"),
}  # fmt: skip
_LONGEST_PAGE = 90
_OWN_MEANT = frozenset(code for code, (chinese, _) in ODDITIES.items() if "{meant}" in chinese)


def place_text(section: Section, number: int | None, lang: str) -> str:
    """Return which row is spoken of: 国家 23."""
    return " ".join(filter(None, (_pick(_SECTIONS[section], lang), "" if number is None else str(number))))


def oddity_text(oddity: Oddity, lang: str) -> str:
    """Return what is strange, and where; of links the page, since their whole address stands in the list."""
    column = _pick(_COLUMNS[oddity.column], lang) if oddity.column else ""
    template = _pick(ODDITIES[oddity.code], lang)
    if oddity.meant and oddity.code not in _OWN_MEANT:
        template += _pick(_MENDED, lang)
    said = template.format(found=_page(oddity.found), meant=_page(oddity.meant), column=column)
    place = place_text(oddity.section, oddity.number, lang) or _table_text(oddity.place, lang)
    if oddity.code.startswith(("link", "notices")):
        place = f"{place} {column}"
    return f"{place}{_pick(('：', ': '), lang)}{said}"


def _table_text(place: str, lang: str) -> str:
    """Return where in the document: page:2 is 第2页."""
    kind, _, number = place.partition(":")
    return _pick(_PLACES[kind], lang).format(number=number)


def _page(found: str) -> str:
    """Return the end of an address, or *found* itself where it is none."""
    if not found.startswith("http"):
        return found.replace("≠", " ≠ ")
    parts = urlsplit(found)
    page = found.rpartition("/")[2] if parts.path.strip("/") else parts.netloc
    return page if len(page) <= _LONGEST_PAGE else f"{parts.netloc}{parts.path}"


def report(published: PublishedList, comparison: Comparison, lang: str) -> Iterator[str]:
    """Yield the lines of the report: the list, where it differs from the rules, what is strange in it."""
    yield from _summary(published, lang)
    yield ""
    yield from _comparison(comparison, lang)
    if published.oddities:
        yield ""
        count = len(published.oddities)
        yield _pick((f"清单本身的疑点 {count} 处", f"{count} oddities in the list itself"), lang)
        for section in dict.fromkeys(("", *(row.section for row in published.rows))):
            here = [oddity for oddity in published.oddities if oddity.section == section]
            for oddity in sorted(here, key=lambda found: found.number or 0):
                yield f"  {oddity_text(oddity, lang)}"


def _summary(published: PublishedList, lang: str) -> Iterator[str]:
    parts = []
    for section in dict.fromkeys(row.section for row in published.rows):
        count = sum(row.section == section for row in published.rows)
        printed = published.sections.get(section) or _pick(("未分类", "no section"), lang)
        parts.append(f"{printed} {count}")
    total = len(published.rows)
    yield published.title or _pick(("（没有标题）", "(no title)"), lang)
    year = published.year or _pick(("未知", "unknown"), lang)
    yield _pick((f"年度 {year}，共 {total} 项：", f"year {year}, {total} projects: "), lang) + _pick(
        ("，".join(parts), ", ".join(parts)), lang
    )


def _comparison(comparison: Comparison, lang: str) -> Iterator[str]:
    new, vanished = comparison.new, comparison.vanished
    renamed, changed = comparison.renamed, comparison.changed
    if comparison.agrees:
        yield _pick(("与规则一致", "agrees with the rules"), lang)
    else:
        yield _pick(
            (
                f"与规则对照：新增 {len(new)}，消失 {len(vanished)}，更名 {len(renamed)}，变更 {len(changed)}",
                f"differs: {len(new)} new, {len(vanished)} vanished, {len(renamed)} renamed, {len(changed)} changed",
            ),
            lang,
        )
    yield from (_line(("新增", "new"), _row(row, lang), lang) for row in new)
    for project in vanished:
        place = place_text(project.section, project.number, lang)
        yield _line(("消失", "vanished"), f"{place} {project.name} [{project.id}]", lang)
    yield from (
        _line(("更名", "renamed"), f"{pair.name} → {_row(pair.row, lang)} [{pair.id}]", lang) for pair in renamed
    )
    for pair in changed:
        yield _line(("变更", "changed"), f"{_row(pair.row, lang)} [{pair.id}]", lang)
        yield from _changes(pair, lang)
    if comparison.unkept:
        count = len(comparison.unkept)
        yield _pick(
            (
                f"{count} 个项目的规则没有保存清单原行，依据、通知和日期未作对照",
                f"{count} rules keep no row of a list; their basis, notice and date were not compared",
            ),
            lang,
        )


def _changes(pair: Pair, lang: str) -> Iterator[str]:
    nothing = _pick(("（无）", "(none)"), lang)
    semicolon = _pick(("；", "; "), lang)
    for change in pair.changes:
        before, after = (semicolon.join(filter(None, texts)) or nothing for texts in (change.before, change.after))
        yield f"    {_pick(_FIELDS[change.field], lang)}{_pick(('：', ': '), lang)}{before} → {after}"


def _row(row: Row, lang: str) -> str:
    return f"{place_text(row.section, row.number, lang)} {row.name}".strip()


def _line(kind: tuple[str, str], text: str, lang: str) -> str:
    return f"  {_pick(kind, lang)}{_pick(('：', ': '), lang)}{text}"


def _pick(texts: tuple[str, str], lang: str) -> str:
    return texts[0] if lang == "zh" else texts[1]
