"""What the commands on the store answer when they are done."""

from __future__ import annotations

from collections.abc import Mapping


def upgraded(before: str, label: str, lang: str) -> str:
    """Tell that the store is up to date."""
    if lang == "zh":
        return f"数据库已就绪：{label}" if before else f"已建立数据库：{label}"
    return f"the store is up to date: {label}" if before else f"store created: {label}"


def backed_up(counts: Mapping[str, int], file: str, lang: str) -> str:
    """Tell what was backed up."""
    return (
        f"已备份到 {file}：{_counts(counts, lang)}" if lang == "zh" else f"backed up to {file}: {_counts(counts, lang)}"
    )


def restored(counts: Mapping[str, int], label: str, lang: str) -> str:
    """Tell what was restored."""
    return (
        f"已恢复到 {label}：{_counts(counts, lang)}"
        if lang == "zh"
        else f"restored to {label}: {_counts(counts, lang)}"
    )


def added(name: str, identity: str, lang: str) -> str:
    """Tell that a company is in the store."""
    return f"已登记：{name}\n编号：{identity}" if lang == "zh" else f"added: {name}\nid: {identity}"


def updated(name: str, number: int, lang: str, *, new: bool) -> str:
    """Tell which version of the profile counts now."""
    if lang == "zh":
        return f"{name}：已存为第 {number} 版" if new else f"{name}：资料没有变化，仍是第 {number} 版"
    return f"{name}: saved as version {number}" if new else f"{name}: the profile is unchanged, version {number}"


def feed_created(company: str, name: str, address: str, lang: str) -> str:
    """Tell the address of a subscription."""
    if lang == "zh":
        return f"{company}的订阅“{name}”已建立。\n链接只显示这一次，请保存好，不要公开：\n{address}"
    private = "The link is shown this once; keep it, and keep it private:"
    return f"Subscription ‘{name}’ of {company} created.\n{private}\n{address}"


def guide_written(file: str, lang: str) -> str:
    """Tell where the guide to a subscription is."""
    return f"订阅说明：{file}" if lang == "zh" else f"guide: {file}"


def feed_revoked(name: str, lang: str) -> str:
    """Tell that a subscription has ended."""
    return (
        f"订阅“{name}”已停用，链接不能再用。"
        if lang == "zh"
        else f"Subscription ‘{name}’ is revoked; its link is dead."
    )


def _counts(counts: Mapping[str, int], lang: str) -> str:
    companies, profiles = counts.get("company", 0), counts.get("profile_version", 0)
    dates, feeds = counts.get("announcement", 0), counts.get("feed_token", 0)
    if lang == "zh":
        return f"企业 {companies} 家，资料 {profiles} 版，官方日期 {dates} 条，订阅 {feeds} 个"
    return f"companies {companies}, profile versions {profiles}, official dates {dates}, subscriptions {feeds}"
