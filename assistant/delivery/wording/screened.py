"""What the command that screens says: what headers were taken for, what was left out, how it ended."""

from __future__ import annotations

from collections.abc import Sequence

_STATES = {
    "exact": ("认出", "recognised"),
    "label": ("认出", "recognised"),
    "mapped": ("按对照", "by the mapping"),
    "guessed": ("像是，没有用", "likely, not used"),
    "unknown": ("不认识", "unknown"),
    "duplicate": ("重复，没有用", "twice, not used"),
    "unit": ("单位不认识，没有用", "unknown unit, not used"),
    "derived": ("会自己算出，没有用", "worked out, not used"),
    "unused": ("按对照不用", "not used, by the mapping"),
}


def header_heads(lang: str) -> tuple[str, ...]:
    """Return the headings of the list of headers."""
    return ("表头", "指标", "单位", "结果") if lang == "zh" else ("header", "fact", "unit", "result")


def header_state(status: str, lang: str) -> str:
    """Return what became of a header."""
    return _STATES[status][lang != "zh"]


def other_headers(names: Sequence[str], more: int, lang: str) -> str:
    """Tell of the headers that are not listed."""
    shown = "、".join(names[:10]) if lang == "zh" else ", ".join(names[:10])
    parts = []
    if names:
        rest = len(names) - 10
        tail = (
            ("" if rest <= 0 else f"等 {len(names)} 列") if lang == "zh" else ("" if rest <= 0 else f" and {rest} more")
        )
        parts.append(f"没有用到：{shown}{tail}。" if lang == "zh" else f"not used: {shown}{tail}.")
    if more > 0:
        parts.append(f"另有 {more} 列已认出。" if lang == "zh" else f"{more} more columns were recognised.")
    return "".join(parts) if lang == "zh" else " ".join(parts)


def reading(lang: str) -> str:
    """Return what the bar counts."""
    return "已读行数" if lang == "zh" else "rows read"


def mapping_written(path: str, lang: str) -> str:
    """Tell where the mapping is, and how to use it."""
    if lang == "zh":
        return f"表头对照已写到 {path}。核对、改好后用 --mapping 带上它。"
    return f"the mapping is in {path}; look it over and use it with --mapping"


def left_out(project: str, reason: str, lang: str) -> str:
    """Tell that a project cannot be screened."""
    if lang == "zh":
        return f"{project} 不能批量评估（{reason}），请逐家评估。"
    return f"{project} cannot be screened ({reason}); assess it company by company"


def skipped(name: str, lang: str) -> str:
    """Tell that an input was done before."""
    return (
        f"{name}：已经写好，跳过（不计入汇总）。"
        if lang == "zh"
        else f"{name}: done before, skipped (not in the summary)"
    )


def findings(rows: int, path: str, lang: str) -> str:
    """Tell where the long table is."""
    if lang == "zh":
        return f"没达到和没答清的条件逐条列在 {path}，共 {rows:,} 行。"
    return f"what is unmet or open, criterion by criterion, is in {path}: {rows:,} rows"


def rejected(rows: int, path: str, lang: str) -> str:
    """Tell how many rows could not be read, and where they are listed."""
    if lang == "zh":
        return f"有 {rows:,} 行读不了，没有评估，原因见 {path}。"
    return f"{rows:,} rows could not be read and were not screened; why is in {path}"


def reject_heads(lang: str) -> tuple[str, ...]:
    """Return the headings of the file of rejected rows."""
    return ("文件", "行", "列", "原因") if lang == "zh" else ("file", "row", "column", "reason")


def done(companies: int, rows: int, lang: str) -> str:
    """Tell how it ended."""
    if lang == "zh":
        return f"评估了 {companies:,} 家企业" + (f"，{rows:,} 行没有评估。" if rows else "。")
    return f"{companies:,} companies screened" + (f", {rows:,} rows not" if rows else "")


def incomplete(names: Sequence[str], lang: str) -> str:
    """Tell that single recognitions say nothing of the others, and how they count."""
    if lang == "zh":
        return (
            f"“{'、'.join(names)}”只说了个别资质，其他资质未知，所以都按未知评估；这些列就是全部资质时，加 --complete。"
        )
    return f"‘{', '.join(names)}’ tell of single recognitions, so all count as unknown; --complete: there are no others"


_COLUMNS = {
    "name": ("企业名称", "name"),
    "uscc": ("统一社会信用代码", "unified social credit code"),
    "recognitions": ("已获资质", "recognitions held"),
}
_PARTS = {"": ("已获{name}", "{name} held"), "granted": ("{name}认定日期", "{name} granted on"),
          "expires": ("{name}有效期至", "{name} expires on")}  # fmt: skip


def column(name: str, lang: str) -> str:
    """Return what a column is called that is no fact."""
    return _COLUMNS[name][lang != "zh"]


def recognition(name: str, part: str, lang: str) -> str:
    """Return what a column about one recognition is called."""
    return _PARTS[part][lang != "zh"].format(name=name)


def each_row(lang: str) -> str:
    """Return what stands in the place of a header for what holds for every row."""
    return "（每一行都是企业）" if lang == "zh" else "(every row is a company)"
