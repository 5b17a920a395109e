"""Tables are what the command line prints for people."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from assistant.delivery.wording.labels import label
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.backtest import Score
from assistant.rulebook.book import Rulebook
from assistant.rulebook.coverage import Coverage
from assistant.rulebook.difference import Difference
from assistant.rulebook.requirement import Authority, Criterion, Group, Listed, Project, Requirement, Scoring, Version
from assistant.units import decimal_text

Json = dict[str, Any]

_MARKS = {"met": "✓", "unmet": "✗", "unknown": "?", "not-applicable": "–"}
_COLOURS = {"met": "green", "unmet": "red", "unknown": "yellow", "not-applicable": "dim"}
_STANDINGS = {"ready": "green", "near": "cyan", "open": "yellow", "far": "red", "not-offered": "dim"}


def console() -> Console:
    """Return a console that never breaks words for a terminal that is not there."""
    plain = Console(highlight=False, soft_wrap=False)
    return plain if plain.is_terminal else Console(highlight=False, width=140, soft_wrap=False)


def verdicts(data: Json, lang: str) -> None:
    """Print one line per project, best first."""
    zh = lang == "zh"
    out = console()
    out.print(f"[bold]{escape(data['enterprise']['name'])}[/]  {data['on']}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (
        ("项目", "结论", "差距", "待补充", "专家研判", "窗口")
        if zh
        else ("project", "verdict", "gaps", "blanks", "judged", "window")
    ):
        table.add_column(heading, overflow="fold")
    by_id = {project["id"]: project for project in data["projects"]}
    for id_ in data["ranked"]:
        project = by_id[id_]
        colour = _STANDINGS[project["standing"]]
        verdict = label(f"standing.{project['standing']}", lang)
        if project["review"]:
            verdict = _held(project, lang)
        table.add_row(
            f"{escape(project['name'])}\n[dim]{id_}[/]",
            f"[{colour}]{verdict}[/]",
            escape("\n".join(gap["text"] for gap in project["gaps"]) or project["reason"]),
            str(len(project["questions"]) or ""),
            str(len(project["judgements_open"]) or ""),
            escape(project["window"]["text"]) if project["standing"] != "not-offered" else "",
        )
    out.print(table)
    for remark in data["remarks"]:
        out.print(f"[yellow]{escape(remark)}[/]")


def _held(project: Json, lang: str) -> str:
    until, standing = project["held"]["expires"], project["standing"]
    review = label(f"review.{standing}", lang)
    if lang == "zh":
        return f"已获得{'，至 ' + until if until else ''}\n{review}"
    return f"held{', until ' + until if until else ''}\n{review}"


def explanation(project: Json, tree: Json, lang: str) -> None:
    """Print a project's criterion tree with reasons and clauses."""
    out = console()
    verdict = label(f"verdict.{project['verdict']}", lang)
    out.print(
        f"[bold]{escape(project['name'])}[/]  {verdict}  {label('kind.' + project['kind'], lang)} {project['cycle']}"
    )
    if project["instrument"]:
        out.print(f"[dim]{escape(project['instrument']['title'])} {escape(project['instrument']['number'] or '')}[/]")
    if project["reason"]:
        out.print(escape(project["reason"]))
    if tree:
        root = Tree("", hide_root=True)
        for member in tree["members"]:
            _branch(root, member, lang)
        out.print(root)
    out.print(escape(project["window"]["text"]))


def _branch(parent: Tree, node: Json, lang: str) -> None:
    mark, colour = _MARKS[node["state"]], _COLOURS[node["state"]]
    if "members" in node:
        how = {
            "any": ("满足一项即可", "any one"),
            "all": ("都要满足", "all"),
            "at-least": (f"至少 {node['n']} 项", f"at least {node['n']}"),
        }
        text = how[node["how"]][0 if lang == "zh" else 1]
        branch = parent.add(f"[{colour}]{mark}[/] {escape(node['says'])}  [dim]{text} · {node['id']}[/]")
        for member in node["members"]:
            _branch(branch, member, lang)
        return
    source = label(f"standing-of-source.{node['standing']}", lang)
    clause = node["clause"] or node["clause_note"]
    branch = parent.add(f"[{colour}]{mark}[/] {escape(node['says'])}  [dim]{node['id']}[/]")
    branch.add(f"{escape(node['reason'])}  [dim]{escape(clause)} · {source}[/]")
    if node["score"]:
        for item in node["score"]["items"]:
            points = f"{item['low']}" if item["low"] == item["high"] else f"{item['low']}～{item['high']}"
            branch.add(f"{escape(item['says'])}  {points}/{item['max']}  [dim]{escape(item['open'])}[/]")


def steps(data: Json, lang: str) -> None:
    """Print the steps by due date."""
    zh = lang == "zh"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("截止", "事项", "说明", "适用") if zh else ("due", "what", "note", "for"):
        table.add_column(heading, overflow="fold")
    for step in data["steps"]:
        due = step["due"] or ("时间未定" if zh else "no date")
        table.add_row(
            f"[red]{due}[/]" if step["late"] else due,
            escape(step["title"]),
            escape(step["note"]),
            escape("、".join(served["name"] for served in step["serves"])),
        )
    console().print(table)


def windows(rows: list[Json], lang: str) -> None:
    """Print the windows of all projects."""
    zh = lang == "zh"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("项目", "状态", "窗口", "依据") if zh else ("project", "status", "window", "basis"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        window = row["window"]
        table.add_row(
            f"{escape(row['name'])}\n[dim]{row['id']}[/]",
            label(f"status.{window['status']}", lang),
            escape(window["text"]),
            escape("\n".join(window["basis"][-3:])),
        )
    console().print(table)


def backtest_summary(score: Score) -> Json:
    """Return the backtest's totals."""
    return {
        "milestones": score.trials,
        "predicted": score.predicted,
        "hits": score.hits,
        "median_width_days": score.median_width,
        "naive_within_15_days": score.naive_within,
        "naive_median_error_days": score.naive_error,
        "list_wording_predicted": score.worded,
        "list_wording_hits": score.worded_hits,
        "list_wording_median_width_days": score.worded_width,
    }


def backtest(rows: list[Json], score: Score, lang: str) -> None:
    """Print how forecasts of past rounds came out."""
    zh = lang == "zh"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    chinese = ("项目", "年度", "环节", "实际", "预测", "命中", "照搬上次差几天", "清单所写")
    for heading in (
        chinese if zh else ("project", "year", "milestone", "actual", "predicted", "hit", "naive off by", "list says")
    ):
        table.add_column(heading, overflow="fold")
    for row in rows:
        predicted = row["predicted"]
        table.add_row(
            row["project"],
            str(row["year"]),
            {"opens": "开始", "closes": "截止"}[row["milestone"]] if zh else row["milestone"],
            row["actual"],
            f"{predicted['earliest']} — {predicted['latest']}" if predicted else ("没有预测" if zh else "none"),
            ("✓" if row["hit"] else "✗") if predicted else "–",
            str(row["naive_error_days"] if row["naive_error_days"] is not None else "–"),
            {True: "✓", False: "✗", None: "–"}[row["list_wording_hit"]],
        )
    out = console()
    out.print(table)
    made, width = score.predicted, score.median_width
    worded, hits, days = score.worded, score.worded_hits, score.worded_width
    if zh:
        out.print(f"{score.trials} 个日期，预测 {made} 个，命中 {score.hits} 个，区间宽度中位数 {width} 天；")
        out.print(f"照搬上次日期：15 天内 {score.naive_within} 个，误差中位数 {score.naive_error} 天；")
        out.print(f"清单所写的日期：能读出 {worded} 个，命中 {hits} 个，区间宽度中位数 {days} 天。")
    else:
        out.print(f"{score.trials} dates, {made} predicted, {score.hits} hits, median width {width} days;")
        out.print(f"last time's day again: {score.naive_within} within 15 days, median error {score.naive_error} days;")
        out.print(f"the list's wording: {worded} dates, {hits} hits, median width {days} days.")


# ---- rules


def project_row(project: Project) -> Json:
    """Return a project as a row of `rules list`."""
    section, number = project.list_entry or (None, None)
    return {
        "id": project.id,
        "name": project.name,
        "en": project.en,
        "level": project.level,
        "section": section,
        "number": number,
        "applicant": list(project.applicant),
        "versions": [version.id for version in project.versions],
        "checked": project.checked.isoformat(),
        "next_review": project.next_review.isoformat(),
    }


def projects(book: Rulebook, lang: str) -> None:
    """Print the projects of the rulebook."""
    zh = lang == "zh"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (
        ("id", "项目", "级别", "版本", "下次复查") if zh else ("id", "project", "level", "versions", "next review")
    ):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for project in book.projects.values():
        table.add_row(
            project.id,
            escape(project.name if zh else project.en),
            label(f"level.{project.level}", lang),
            "\n".join(f"{version.id}  {version.instrument.number or ''}" for version in project.versions),
            str(project.next_review),
        )
    console().print(table)


def rules_checked(book: Rulebook, lang: str) -> str:
    """Return the closing line of a clean check."""
    count = len(book.projects)
    return f"{count} 个项目，没有发现问题" if lang == "zh" else f"{count} projects, no problems"


def cases_ran(ran: int, failed: int, lang: str) -> str:
    """Return the closing line of a test run."""
    return f"运行 {ran} 个案例，{failed} 处不符" if lang == "zh" else f"{ran} cases, {failed} problems"


def rule(project: Project, book: Rulebook, lang: str) -> None:
    """Print a project's rule as a civil servant would check it: version by version, clause by clause."""
    out = console()
    say = Speaker(book, lang)
    out.print(f"[bold]{escape(say.pick(project.name, project.en))}[/]  {project.id}")
    out.print(f"{escape(project.authority)}\n{escape(project.channel)}")
    if project.listed:
        _listed(out, project.listed, say)
    for version in project.versions:
        out.print()
        _version(out, version, say)
    for duty in project.duties:
        out.print(f"· {escape(duty.says)}  [dim]{_clause(duty.basis, lang)}[/]")
    for note in project.notes:
        out.print(f"[dim]※ {escape(note)}[/]")


def _listed(out: Console, row: Listed, say: Speaker) -> None:
    """Print the row of the published list, links as printed there."""
    out.print(f"\n[bold]{say.pick(f'{row.year}年清单原文', f'The list of {row.year}')}[/]  {escape(row.planned)}")
    for titles, links in ((row.basis, row.basis_links), (row.notices, row.notice_links)):
        for text in (*titles, *links):
            out.print(f"[dim]{escape(text)}[/]")


def _version(out: Console, version: Version, say: Speaker) -> None:
    about = "约" if version.approximate and say.lang == "zh" else "~" if version.approximate else ""
    span = f"{about}{version.start or '…'} — {version.end or '…'}"
    out.print(f"[bold]{escape(str(version.instrument))}[/]  {span}  [dim]{version.id}[/]")
    for applies in version.applies:
        if applies.text != "full":
            out.print(f"[yellow]{say.word('kind.' + applies.kind)}：{escape(applies.text_note)}[/]")
    root = Tree("", hide_root=True)
    for member in version.root.members:
        _rule_branch(root, member, say)
    for preference in version.preferences:
        root.add(
            f"{say.word('role.preference')}：{escape(preference.says)}  [dim]{_clause(preference.basis, say.lang)}[/]"
        )
    out.print(root)
    for scoring in version.scorings:
        _scoring(out, scoring, say)


def _rule_branch(parent: Tree, node: Requirement, say: Speaker) -> None:
    if isinstance(node, Group):
        how = {"any": say.pick("满足一项即可", "any one"), "all": say.pick("都要满足", "all"),
               "at-least": say.pick(f"至少 {node.n} 项", f"at least {node.n}")}[node.how]  # fmt: skip
        branch = parent.add(f"{escape(node.says)}  [dim]{how} · {node.id}[/]")
        for member in node.members:
            _rule_branch(branch, member, say)
        return
    assert isinstance(node, Criterion)
    role = say.word(f"role.{node.role}")
    parent.add(f"[cyan]{role}[/] {escape(node.says)}  [dim]{_clause(node.basis, say.lang)} · {node.id}[/]")


def _clause(basis: Authority, lang: str) -> str:
    text = basis.clause or basis.clause_note
    return escape(f"{text} · {label('standing-of-source.' + basis.standing, lang)}")


def _scoring(out: Console, scoring: Scoring, say: Speaker) -> None:
    mark = decimal_text(scoring.pass_mark)
    out.print(
        say.pick(
            f"{scoring.says}：满分 {scoring.full}，合格 {mark}", f"{scoring.says}: full {scoring.full}, pass {mark}"
        )
    )
    table = Table(box=box.SIMPLE, pad_edge=False)
    for heading in (say.pick("部分", "part"), say.pick("评分项", "item"), say.pick("分档", "tiers")):
        table.add_column(heading, overflow="fold")
    for item in scoring.items:
        tiers = (
            "  ".join(f"{_points(tier.points)}：{_tier(tier.test, tier.label, say)}" for tier in item.tiers)
            or item.open
            or say.pick(
                f"按公式计算，最多 {decimal_text(item.most)} 分", f"by formula, at most {decimal_text(item.most)}"
            )
        )
        table.add_row(escape(item.part), escape(item.says), escape(tiers))
    out.print(table)


def _points(points: tuple[Any, Any]) -> str:
    low, high = (decimal_text(end) for end in points)
    return low if low == high else f"{low}～{high}"


def _tier(test: Any, named: str, say: Speaker) -> str:
    if named:
        return named
    if test is None:
        return say.pick("其他", "else")
    return say.condition(test)


_CHANGES = {"added": ("新增", "added"), "dropped": ("取消", "dropped"), "altered": ("改动", "altered")}


def differences(changes: list[tuple[str, Difference]], verdicts: list[Json], lang: str) -> None:
    """Print what changed, and whose verdicts change with it."""
    zh = lang == "zh"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("项目", "变化", "条目", "原来", "现在") if zh else ("project", "change", "what", "before", "after"):
        table.add_column(heading, overflow="fold")
    for id_, change in changes:
        word = _CHANGES[change.change][0 if zh else 1]
        table.add_row(id_, word, escape(change.name), escape(change.before), escape(change.after))
    out = console()
    out.print(table if changes else ("没有变化" if zh else "no changes"))
    for row in verdicts:
        before, after = (label(f"verdict.{row[key]}", lang) if row[key] != "-" else "-" for key in ("before", "after"))
        out.print(f"{row['profile']}  {row['project']}  {before} → {after}")


def coverage(rows: list[Coverage], lang: str) -> None:
    """Print how well each rule is grounded."""
    zh = lang == "zh"
    chinese = ("项目", "版本", "条件", "评分项", "有条款", "条款未见", "来源", "往年轮次")
    english = ("project", "versions", "criteria", "items", "with clause", "clause unknown", "sources", "rounds")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in chinese if zh else english:
        table.add_column(heading, overflow="fold")
    for row in rows:
        sources = "  ".join(f"{label(f'standing-of-source.{name}', lang)} {n}" for name, n in row.standings.items())
        table.add_row(
            row.project,
            str(row.versions),
            str(row.criteria),
            str(row.items),
            str(row.with_clause),
            str(row.explicit),
            sources,
            str(row.rounds),
        )
    console().print(table)
