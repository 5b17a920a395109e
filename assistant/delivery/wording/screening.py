"""What the summary of a screening says: headings, states, notes. Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

WORDS: Mapping[str, Pair] = {
    "label": ("批量筛查", "Screening"),
    "title": ("{count} 家企业的筛查结果", "{count} companies screened"),
    "empty": ("没有企业", "No companies"),
    "source": ("数据来源：{source}", "Input: {source}"),
    "rules": ("规则版本 {version}", "Rules {version}"),
    "contents": ("目录", "Contents"),
    "state.eligible": ("符合", "eligible"),
    "state.near": ("差一条", "one short"),
    "state.undetermined": ("待补充", "undetermined"),
    "state.ineligible": ("不符合", "not eligible"),
    "state.not-offered": ("不适用", "not offered"),
    "best.eligible": ("至少一项符合", "eligible for one or more"),
    "best.near": ("没有符合的，至少一项差一条", "none, but one short of one or more"),
    "best.undetermined": ("都要补充情况才能判断", "answers needed first"),
    "best.ineligible": ("暂不具备条件", "not yet in reach"),
    "best.not-offered": ("没有适用的项目", "nothing is offered to them"),
    "summary.eligible": (
        "<b>{eligible}</b> 家至少符合一个项目的条件，<b>{near}</b> 家还没有符合的、但至少有一个项目只差一条。",
        "<b>{eligible}</b> are eligible for one project or more; <b>{near}</b> are not, but one criterion short of one.",
    ),
    "summary.undetermined": (
        "另有 <b>{undetermined}</b> 家要补充情况才能判断。",
        "For <b>{undetermined}</b> more, answers are needed first.",
    ),
    "summary.sole": (
        "只补一项最有用的是{fact}：<b>{count}</b> 家在某个项目上只缺这一项。",
        "The most useful single answer is {fact}: <b>{count}</b> lack it alone for some project.",
    ),
    # sections
    "projects": ("各项目结果", "By project"),
    "projects.lead": (
        "「差一条」只有一条没达到，其余都已达到；「不符合」不再包括它们。",
        "“One short” fails one criterion and meets all others; it is not counted again under “not eligible”.",
    ),
    "projects.none": ("没有项目参加筛查。", "No project was screened."),
    "near": ("差一条的企业", "One criterion short"),
    "near.lead": (
        "每个项目按数据中的顺序最多列 {most} 家，全部名单在结果文件里。差额按最近的那一条算。",
        "At most {most} for each project, in the order of the input; all are in the output. Amounts are of the nearest way.",
    ),
    "near.none": ("没有差一条的企业。", "None."),
    "near.other": ("不是数额问题", "not a matter of amount"),
    "near.more": ("另有 {count} 家", "{count} more"),
    "near.unnamed": ("第 {row} 行", "row {row}"),
    "short": ("离条件还差多少", "How far short"),
    "short.lead": (
        "不符合的企业按最近的一条差距统计；这一条可以用数额说清的才算在内。中位数等由保留三位有效数字的计数得出，误差不到百分之一；最小、最大是准确的。条件看几年平均或合计的，差额按合计算。",
        "Those not eligible by their nearest gap, where it is a matter of amount. Quartiles come from counts of three-digit bins (within one percent); least and most are exact. Where years are averaged or added up, amounts are of their total.",
    ),
    "short.none": ("没有可以用数额说清的差距。", "No gap is a matter of amount."),
    "short.chart": ("{says}：差额分布", "{says}: how far short"),
    "short.more": ("另有 {count} 条较少见的，见表格文件。", "{count} less frequent criteria are in the workbook."),
    "short.upto": ("不到 {end}", "under {end}"),
    "short.from": ("{start} 起", "{start} and more"),
    "short.bar": ("{start}～{end}：{count} 家", "{start}–{end}: {count}"),
    "sole": ("补哪一项最有用", "Which single answer helps most"),
    "sole.lead": (
        "这些企业在某个项目上还不能判断，而且只缺这一项。补上以后能判断的家数最多是这些：答案若只是一个范围，或算比例时分母为零，仍可能定不下来。同时缺好几项的企业不在内。",
        "These are undetermined for some project and lack this one answer only. It is the most that can be settled: a range, or a ratio with a zero divisor, may leave it open. Companies that lack several answers are not counted.",
    ),
    "sole.none": ("没有只缺一项的企业。", "No company lacks one answer only."),
    "sole.not-asked": ("这次筛查没有统计。", "Not counted in this screening."),
    "sole.settled": ("补上即可判断", "settles it"),
    "sole.judged": ("补上后只剩专家研判", "judgement remains"),
    "sole.any": ("只缺这一项的企业", "companies that lack it alone"),
    "sole.projects": ("用于", "for"),
    "groups": ("按地区、行业和规模", "By city, sector and size"),
    "groups.lead": (
        "每家企业按它最好的一个项目计一次。规模按 {year} 年的数据和行业划分，数据不够时不归类。",
        "Each company counts once, by its best project. Size by figures of {year} and industry; not classed where they are lacking.",
    ),
    "dimension.city": ("地市", "City"),
    "dimension.section": ("行业门类", "Sector"),
    "dimension.size": ("规模", "Size"),
    "unknown.city": ("未填地市", "city not given"),
    "unknown.section": ("未填行业", "industry not given"),
    "unknown.size": ("规模不能确定", "size not known"),
    "compare": ("规则变化的影响", "What the rule change does"),
    "compare.lead": (
        "同一批企业按 {before} 和 {after} 两版规则各判断一次；没有变化的项目不列。",
        "The same companies by rules {before} and {after}; projects without a change are left out.",
    ),
    "compare.none": ("结论没有变化。", "No verdict changes."),
    "compare.changed": ("{count} 家结论有变", "{count} verdicts change"),
    "left-out": ("没有参加筛查的项目", "Projects left out"),
    # columns
    "project": ("项目", "Project"),
    "level": ("级别", "Level"),
    "companies": ("企业数", "Companies"),
    "company": ("企业", "Company"),
    "uscc": ("统一社会信用代码", "USCC"),
    "row": ("行号", "Row"),
    "criterion": ("条件", "Criterion"),
    "amount": ("还差", "Short by"),
    "fact": ("指标", "Fact"),
    "unit": ("单位", "Unit"),
    "least": ("最小", "Least"),
    "quarter": ("四分之一不超过", "1st quartile"),
    "half": ("中位数", "Median"),
    "three-quarters": ("四分之三不超过", "3rd quartile"),
    "most": ("最大", "Most"),
    "near.count": ("其中差一条", "of these one short"),
    "from": ("从", "From"),
    "to": ("到", "To"),
    "before": ("原来", "Before"),
    "after": ("现在", "After"),
    "group": ("分组", "Group"),
    "share": ("占比", "Share"),
    "examples": ("例如", "For example"),
    "overview": ("总览", "Overview"),
    "best": ("最好的结论", "Best verdict"),
    "cross": ("项目×{dimension}", "Project x {dimension}"),
    "cross.lead": ("各格为符合的家数", "eligible companies"),
    "creator": ("申报助手", "Application assistant"),
    "note": ("说明", "Notes"),
    "foot": (
        "结论按 {on} 的规则和所给数据算出，不代替主管部门的审核。没有填的一律按未知处理，不当作零或否。",
        "Computed from the rules and the data as of {on}; authorities decide. What was not given is unknown, never zero or no.",
    ),
}


def words(lang: str) -> dict[str, str]:
    """Return all words in a language."""
    return {name: pair[0] if lang == "zh" else pair[1] for name, pair in WORDS.items()}
