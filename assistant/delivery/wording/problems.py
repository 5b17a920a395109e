"""How each kind of mistake is said, in Chinese and English. Keys are the codes of `errors.Problem`."""

PROBLEMS: dict[str, tuple[str, str]] = {
    # files
    "file-missing": ("找不到这个文件", "no such file"),
    "folder-missing": ("找不到这个文件夹", "no such folder"),
    "file-is-folder": ("这是文件夹，需要一个文件", "is a folder; a file is expected"),
    "file-unreadable": ("打不开文件：{found}", "cannot be opened: {found}"),
    "file-too-large": ("文件太大，应不超过 {expected}", "is too large; at most {expected}"),
    "file-not-text": ("不是文本文件，应为 UTF-8 或 GBK 编码的 YAML、JSON", "is not text; YAML or JSON in UTF-8 or GBK is expected"),
    "file-kind": ("不认识“{found}”这种文件，应为 {expected}", "‘{found}’ is no kind of file that is known here; expected {expected}"),
    "file-repeats": ("和 {first} 是同一家企业，请只留一份", "is the same company as {first}; leave one of them out"),
    "file-of-viewed": ("您在“{found}”是查看者，不能更新它的资料", "you may look at ‘{found}’, not change it"),
    "file-exists": ("文件已存在，没有覆盖；要覆盖请加 --force", "exists and was not overwritten; use --force to overwrite"),
    "not-writable": ("无法写入：{found}", "cannot be written: {found}"),
    "not-listening": ("这个地址和端口用不了：{found}", "cannot listen here: {found}"),
    "yaml-syntax": ("YAML 格式有误：{found}", "is not valid YAML: {found}"),
    "json-syntax": ("JSON 格式有误：{found}", "is not valid JSON: {found}"),
    "unwritable-text": ("含有不能保存的字符", "holds characters that cannot be kept"),
    "yaml-bomb": ("内容嵌套太深或展开后太大，没有读取", "nests too deep or expands too far; not read"),
    "yaml-tag": ("不支持标记 {found}，请写普通的值", "tag {found} is not supported; write a plain value"),
    "key-not-plain": ("键应是一个词，不能是列表或嵌套内容", "a key must be a plain word"),
    "duplicate-key": ("“{found}”写了两次，第一次在第 {first} 行", "‘{found}’ is given twice, first in line {first}"),
    "no-such-day": ("没有 {found} 这一天", "{found} is no day of the calendar"),
    "not-a-mapping": ("这里应是“键: 值”的形式", "a mapping (key: value) is expected here"),
    "unknown-key": ("没有“{found}”这一项{nearest}", "there is no key ‘{found}’{nearest}"),
    "key-missing": ("缺少 {expected}", "{expected} is missing"),
    "shape": ("写的是“{found}”，应为 {expected}", "found ‘{found}’, expected {expected}"),
    # profile
    "unknown-fact": ("没有“{found}”这个指标{nearest}", "there is no fact ‘{found}’{nearest}"),
    "fact-outside": ("“{found}”应写在 {expected} 下面", "‘{found}’ belongs under {expected}"),
    "fact-derived": ("“{label}”由其他指标推出，不用填写", "‘{found}’ follows from other facts; leave it out"),
    "fact-needs-year": ("“{label}”按年度填写，应写在 years 的年度下面，如 years: 2025: {found}", "‘{found}’ is given per year, under years: <year>"),
    "fact-without-year": ("“{label}”不分年度，应写在 facts 下面", "‘{found}’ has no year; it belongs under facts"),
    "number-expected": ("写的是“{found}”，应为数字，单位：{expected}", "found ‘{found}’, expected a number in {expected}"),
    "number-as-text": ("{found} 带了引号，成了文字；请去掉引号", "{found} is quoted text; write it without quotes"),
    "whole-number-expected": ("{found} 不是整数，单位：{expected}", "{found} is not a whole number ({expected})"),
    "too-many-decimals": ("{found} 小数太多，最多 {expected} 位（精确到分）", "{found} has too many decimals; at most {expected}"),
    "negative": ("{label}不能是负数，写的是 {found}", "{found} is negative; {label} cannot be"),
    "too-small": ("{found} 太小，{label}不低于 {expected}", "{found} is too small; at least {expected}"),
    "too-large": ("{found} 太大，{label}不超过 {expected}；请核对单位", "{found} is too large; at most {expected}; check the unit"),
    "fraction-for-percent": (
        '{label}按百分数填写，{found} 是不是指 {meant} %？是就写 {meant}，确为 {found} % 就写 "{found} %"',
        'is in percent: if {found} means {meant} %, write {meant}; if it is {found} %, write "{found} %"',
    ),
    "wrong-unit": ("“{found}”的单位不对，应为 {expected}", "the unit in ‘{found}’ does not fit; expected {expected}"),
    "range-open": ("范围“{found}”缺少下限，写成 5..10 这样", "the range ‘{found}’ has no lower end; write 5..10"),
    "range-reversed": ("范围“{found}”前大后小，应从小到大", "the range ‘{found}’ is reversed"),
    "choice-missing": ("{label}至少选一项：{expected}", "choose at least one: {expected}"),
    "flag-expected": ("写的是“{found}”，应为 yes（是）、no（否）或 unknown（不清楚）", "found ‘{found}’, expected yes, no or unknown"),
    "date-expected": ("写的是“{found}”，应为日期，如 2018-05-18", "found ‘{found}’, expected a date such as 2018-05-18"),
    "date-in-future": ("{found} 在 {on} 之后，还没有到", "{found} lies after {on}"),
    "expires-before-granted": ("有效期止 {found} 早于授予日 {granted}", "expires on {found}, before it was granted on {granted}"),
    "unknown-value": ("{name}不能是“{found}”，可以是：{expected}{nearest}", "{name} cannot be ‘{found}’; one of: {expected}{nearest}"),
    "unknown-city": ("“{found}”不是广东的地级以上市{nearest}；省外企业请写“省外”", "‘{found}’ is not a city of Guangdong{nearest}; write 省外 for elsewhere"),
    "industry-form": ("“{found}”不是行业代码，应为 GB/T 4754-2017 代码，如 C3443", "‘{found}’ is no industry code; GB/T 4754-2017 is expected, such as C3443"),
    "industry-letter": ("“{found}”门类字母不对，{label}是 {expected}", "‘{found}’ has the wrong section letter; expected {expected}"),
    "industry-not-listed": (
        "行业代码“{found}”不在 GB/T 4754-2017 的列表里{nearest}，请核对；暂按“不清楚”处理",
        "industry code ‘{found}’ is not in the GB/T 4754-2017 list{nearest}; please check; taken as unknown for now",
    ),
    "list-expected": ("写的是“{found}”，应为列表，每项含 {expected}", "found ‘{found}’, expected a list of {expected}"),
    "unknown-field": ("“{name}”里没有“{found}”{nearest}", "‘{name}’ has no field ‘{found}’{nearest}"),
    "year-as-text": ("年度“{found}”应只写四位数字，不加引号", "the year {found} must be four plain digits"),
    "year-expected": ("“{found}”不是会计年度，应为四位年份", "‘{found}’ is not a fiscal year"),
    "year-not-closed": ("{found} 年在 {on} 还没有结账，预计数请写在 estimates 下面", "{found} is not closed on {on}; put estimates under estimates"),
    "unknown-recognition": ("没有“{found}”这个资质{nearest}", "there is no recognition ‘{found}’{nearest}"),
    "unknown-project": ("没有“{found}”这个项目{nearest}", "there is no project ‘{found}’{nearest}"),
    "unknown-version": ("没有版本“{found}”{nearest}", "there is no version ‘{found}’{nearest}"),
    "unknown-criterion": ("没有“{found}”这个条件{nearest}", "there is no criterion ‘{found}’{nearest}"),
    "part-exceeds-whole": ("{year} 年{part}大于{whole}，请核对", "{year}: {part} exceeds {whole}; please check"),
    "uscc-length": ("统一社会信用代码应为 18 位：{found}", "a unified social credit code has 18 characters: {found}"),
    "uscc-letters": ("统一社会信用代码只用数字和大写字母（不含 I、O、S、V、Z）：{found}", "only digits and capitals without I, O, S, V, Z: {found}"),
    "uscc-check": ("统一社会信用代码末位校验不对，请核对：{found}", "the last (check) character is wrong: {found}"),
    "uscc-organisation": ("统一社会信用代码第 17 位校验不对，请核对：{found}", "position 17 (check) is wrong: {found}"),
    # formulas
    "formula-syntax": ("公式第 {column} 列“{found}”看不懂：{formula}", "formula not understood at column {column} ‘{found}’: {formula}"),
    "formula-not-condition": ("“{found}”不是判断，应能得出“符合”或“不符合”：{formula}", "‘{found}’ is no condition: {formula}"),
    "formula-not-number": ("“{found}”不是数值：{formula}", "‘{found}’ is not a number: {formula}"),
    "unknown-name": ("不认识“{found}”{nearest}：{formula}", "unknown name ‘{found}’{nearest}: {formula}"),
    "unknown-function": ("没有“{found}”这个函数{nearest}：{formula}", "there is no function ‘{found}’{nearest}: {formula}"),
    "function-arguments": ("函数“{found}”的参数不对：{formula}", "wrong arguments for ‘{found}’: {formula}"),
    "unknown-unit": ("不认识单位“{found}”{nearest}", "unknown unit ‘{found}’{nearest}"),
    "unit-mismatch": ("“{found}”的单位对不上，应为 {expected}：{formula}", "the unit of ‘{found}’ does not fit; expected {expected}: {formula}"),
    "unit-product": ("“{found}”带单位，不能与带单位的数相乘：{formula}", "‘{found}’: two numbers with units cannot be multiplied: {formula}"),
    "divisor-may-be-negative": ("除数“{found}”可能为负，不能作除数：{formula}", "the divisor ‘{found}’ may be negative: {formula}"),
    "year-needed": ("“{found}”按年度，要写明哪一年，如 {found}[FY-1]：{formula}", "‘{found}’ is yearly; say which year, as in {found}[FY-1]: {formula}"),
    "year-not-possible": ("“{found}”不分年度，不能加年度：{formula}", "‘{found}’ has no years: {formula}"),
    "year-span-reversed": ("年度区间“{found}”前后颠倒，应从早到晚：{formula}", "the span ‘{found}’ is reversed: {formula}"),
    "year-out-of-reach": ("年度“{found}”不对，只能从 FY-1 到 {deepest}：{formula}", "the year {found} is out of reach: FY-1 to {deepest}: {formula}"),
    "growth-needs-years": ("增长率要跨两个以上年度，如 FY-3..FY-1：{formula}", "growth needs a span of years, as in FY-3..FY-1: {formula}"),
    "within-without-date": ("“{found}”的各项没有日期，不能用 within：{formula}", "‘{found}’ has no dates; within does not fit: {formula}"),
    "points-not-a-number": ("分值公式“{found}”带单位，分值应是纯数字", "the points formula ‘{found}’ has a unit; points are plain numbers"),
    "replaces-outside": ("{id} 不是直通条件，不能写 replaces", "{id} is no fast track; replaces does not fit"),
    "pass-not-positive": ("合格线 {found} 不能是负数", "the pass mark {found} is negative"),
    "series-without-each": ("“{found}”是多年数据，比较时要写 each，或用 sum、mean：{formula}", "‘{found}’ is a series; use each, sum or mean: {formula}"),
    "each-without-series": ("“{found}”不是多年数据，不能用 each：{formula}", "‘{found}’ is no series; each does not fit: {formula}"),
    "series-lengths-differ": ("两边的年数不一样：{formula}", "the series differ in length: {formula}"),
    "growth-needs-number": ("cagr 只能与一个百分数比较：{formula}", "cagr can only be compared with a percentage: {formula}"),
    "not-a-choice": ("“{found}”不是选项，不能用 in：{formula}", "‘{found}’ is no choice; in does not fit: {formula}"),
    "not-a-date": ("“{found}”不是日期：{formula}", "‘{found}’ is not a date: {formula}"),
    "not-a-list": ("“{found}”不是清单，不能计数：{formula}", "‘{found}’ is not a list of events: {formula}"),
    # rule files
    "id-not-stem": ("id 是“{found}”，应与文件名一致：{expected}", "the id is ‘{found}’ but the file is named {expected}"),
    "duplicate-id": ("id“{found}”用了两次", "the id ‘{found}’ is used twice"),
    "alias-twice": ("别名“{found}”已属于 {first}", "the alias ‘{found}’ belongs to {first} already"),
    "criterion-body": (
        "条件 {id} 应恰好有 test、score、any_of、all_of、at_least 之一，现有：{found}",
        "criterion {id} needs exactly one of test, score, any_of, all_of, at_least; found: {found}",
    ),
    "judgement-with-test": ("专家研判 {id} 不能带 {found}", "the judgement {id} cannot have {found}"),
    "when-inside-group": ("{id} 在组合里面，不能用 when，请写进 test", "{id} is inside a group; write its when into the test"),
    "clause-missing": ("{id} 没有条款：写 clause，不知道就写 clause_note", "{id} has no clause: give clause, or clause_note"),
    "at-least-too-many": ("要求 {found} 项，但只列了 {expected} 项", "{found} are required but only {expected} are listed"),
    "unknown-scoring": ("没有评分表“{found}”{nearest}", "there is no scoring ‘{found}’{nearest}"),
    "scoring-unused": ("评分表 {found} 没有条件用到它", "no criterion uses the scoring {found}"),
    "unknown-part": ("没有评分部分“{found}”{nearest}", "there is no part ‘{found}’{nearest}"),
    "item-body": (
        "评分项 {id} 应有 value 加 tiers，或只有 cases、points、open 之一；现有：{found}",
        "item {id} needs value with tiers, or one of cases, points, open; found: {found}",
    ),
    "tier-points": ("分值 {found} 不对，应为 {expected}", "points {found} do not fit; expected {expected}"),
    "tiers-gap": ("评分项 {id} 最后一档应是 otherwise，否则有的情形没有分值", "the last tier of {id} must be otherwise"),
    "tier-unreachable": ("评分项 {id} 的这一档永远轮不到", "this tier of {id} can never apply"),
    "tiers-mixed": ("评分项 {id} 的各档有的从高到低、有的从低到高", "the tiers of {id} run in both directions"),
    "pass-above-full": ("合格线 {found} 高于满分 {expected}", "the pass mark {found} exceeds full marks {expected}"),
    "part-short": ("“{part}”各项合计 {found} 分，不到满分 {expected} 分", "the items of ‘{part}’ add up to {found}, less than {expected}"),
    "full-marks-differ": ("各部分合计 {found} 分，与满分 {expected} 分不符", "the parts add up to {found}, not {expected}"),
    "dates-reversed": ("{found} 早于 {first}，前后颠倒", "{found} lies before {first}"),
    "validity-both": ("validity 不能同时写 years 和 permanent", "validity cannot have both years and permanent"),
    "versions-overlap": ("{kind}：从 {found} 起有两个版本同时适用", "{kind}: two versions apply from {found}"),
    "versions-hole": ("{kind}：从 {found} 起没有版本适用", "{kind}: no version applies from {found}"),
    "prerequisite-cycle": ("前置资质绕成了圈：{found}", "prerequisites go in a circle: {found}"),
    "review-overdue": ("规则应在 {expected} 前复查，已过期", "the rule was to be reviewed by {expected}"),
    # golden cases
    "case-file-missing": ("缺少案例文件 {expected}", "the case file {expected} is missing"),
    "case-version-missing": ("版本 {found} 没有案例", "version {found} has no cases"),
    "case-missing": ("{id} 缺少这些情形的案例：{found}", "{id} lacks cases for: {found}"),
    "case-state": ("{id} 应为 {expected}，实为 {found}（{given}）", "{id}: expected {expected}, found {found} ({given})"),
    "case-version": ("应适用版本 {expected}，实为 {found}", "expected version {expected}, found {found}"),
    # published lists
    "list-empty": ("文件是空的", "is empty"),
    "list-wrong-type": (
        "不是能读的清单，应为 Markdown、HTML、DOCX 或 PDF",
        "is no list that can be read; Markdown, HTML, DOCX or PDF is expected",
    ),
    "list-old-word": (
        "是旧版 Word 文件（.doc），或加了密码的 Word 文件；请去掉密码，另存为 .docx",
        "is an old Word file (.doc) or one with a password; save it as .docx without a password",
    ),
    "list-encoding": (
        "文字编码认不出来，应为 UTF-8 或 GBK（GB 18030）",
        "is in an unknown text encoding; UTF-8 or GBK (GB 18030) is expected",
    ),
    "list-damaged": ("文件不完整或已损坏，请重新下载", "is cut short or damaged; download it again"),
    "list-locked": ("PDF 加了密码，请先去掉密码", "is a PDF with a password; remove the password first"),
    "list-too-long": (
        "表格太长，清单应不超过 {expected} 行",
        "has too long a table; a list has at most {expected} rows",
    ),
    "list-too-much": ("内容展开后太大，没有读取", "unpacks to more than any list; not read"),
    "list-too-slow": ("读了 {expected} 秒还没有读完，已停止", "was not read within {expected} seconds; stopped"),
    "list-no-table": (
        "没有找到项目清单的表格：应有项目名称，以及序号、政策依据、通知、日期中的至少两列；扫描的图片读不了",
        "holds no table of projects: names and two of number, basis, notice, date are expected; scans cannot be read",
    ),
    "list-columns-unclear": (
        "表头看不懂，找不到项目名称一列：{found}",
        "the heading is unclear, no column of names: {found}",
    ),
    "list-reader-missing": (
        "读这种文件的组件没有安装（{found}），请运行 pip install 'shenbao-assistant[import]'",
        "the reader for this kind of file is not installed ({found}); run pip install 'shenbao-assistant[import]'",
    ),
    "draft-exists": ("草稿已存在，没有覆盖，请先移走", "the draft exists and was not overwritten; move it away first"),
    # commands
    "with-form": ("“{found}”看不懂，应写成 名称=值，如 class1_ip=5", "‘{found}’ is not understood; write NAME=VALUE, such as class1_ip=5"),
    "unknown-answer": ("没有“{found}”这个指标或资质{nearest}", "there is no fact or recognition ‘{found}’{nearest}"),
    "with-needs-year": ("“{label}”按年度填写，要写明哪一年，如 {expected}=…", "is given per year; say which, as in {expected}=…"),
    "with-without-year": ("“{label}”不分年度，写成 {expected}=…", "has no years; write {expected}=…"),
    "given-twice": ("{found} 写了两次", "{found} is given twice"),
    "recognition-expected": (
        "写的是“{found}”，应为 yes（当天获得）、no（没有）或获得的日期，如 2026-08-01",
        "found ‘{found}’, expected yes (granted that day), no (not held) or the day it was granted, such as 2026-08-01",
    ),
    "recognitions-open": (
        "资料没有列出已获得的资质，只改一项等于说其余都没有；请先在资料里写 recognitions（没有就写 []）",
        "the profile does not list the recognitions held, and one alone would mean no other; give recognitions first ([] for none)",
    ),
    "with-and-profile": ("与另一份资料比较时不能再用 --with，请把改动写进资料", "cannot be combined with another profile; write the change into a profile"),
    "compare-folder": ("{found} 不是规则文件夹，里面没有 {expected}", "{found} is no rules folder: there is no {expected} in it"),
    "compare-unknown": (
        "没有“{found}”：这里可以写另一份资料的文件名、日期（如 2027-06-01）、规则文件夹，或版本号（同时用 --project 指明项目）",
        "there is no ‘{found}’; give another profile, a date such as 2027-06-01, a rules folder, or a version (with --project)",
    ),
    "compare-unknown-version": (
        "没有“{found}”{nearest}：这里可以写版本号（{expected}）、另一份资料的文件名、日期（如 2027-06-01）或规则文件夹",
        "there is no ‘{found}’{nearest}; give a version ({expected}), another profile, a date such as 2027-06-01, or a rules folder",
    ),
    "compare-without-project": ("“{found}”是版本号，请同时用 --project 指明项目", "‘{found}’ is a version; name its project with --project"),
    "version-not-for-new": ("版本 {found} 不用于新申报", "the version {found} does not decide new applications"),
    "version-not-for-review": ("版本 {found} 不用于复核", "the version {found} does not decide reviews"),
    "announcement-without-date": ("请给出开始日期或截止日期（--opens、--closes）", "give --opens or --closes"),
    # the store
    "store-missing": ("还没有这个数据库，请先运行 assistant db upgrade 建立", "there is no such store; run assistant db upgrade to create it"),
    "store-empty": ("数据库是空的，请先运行 assistant db upgrade", "is an empty database; run assistant db upgrade first"),
    "store-outdated": ("数据库是旧版本（{found}），请运行 assistant db upgrade 升级，数据保留", "is of an older version ({found}); run assistant db upgrade, which keeps all data"),
    "store-newer": ("数据由更新的版本（{found}）写成，请先升级本程序", "was written by a newer version ({found}); update this program first"),
    "not-a-store": ("不是本程序的数据库，没有改动", "is no store of this program; nothing was changed"),
    "store-damaged": ("文件已损坏或不完整", "is damaged or cut short"),
    "store-unusable": ("数据库不能用：{found}", "the store cannot be used: {found}"),
    "store-url": (
        "不是数据库的地址，应为文件名，或 postgresql://user:password@host/name",
        "is no address of a store; give a file, or postgresql://user:password@host/name",
    ),
    "store-driver-missing": (
        "连接 PostgreSQL 的组件没有安装（{found}），请运行 pip install 'shenbao-assistant[postgres]'",
        "the driver of PostgreSQL is not installed ({found}); run pip install 'shenbao-assistant[postgres]'",
    ),
    "parts-missing": (
        "这一步要用的组件没有安装（{found}），请运行 pip install '{expected}'",
        "a part that this needs is not installed ({found}); run pip install '{expected}'",
    ),
    "store-not-empty": (
        "数据库里已有数据，没有恢复；要用备份代替这些数据，请加 --force",
        "holds data and was left as it is; use --force to put the backup in its place",
    ),
    "unknown-company": ("没有企业“{found}”{nearest}；assistant company list 列出全部", "there is no company ‘{found}’{nearest}; assistant company list shows all"),
    "company-ambiguous": ("“{found}”不止一家，请用编号：{expected}", "‘{found}’ is more than one company; give the id: {expected}"),
    "company-exists": (
        "信用代码 {found} 已登记为 {name}；更新资料请用 assistant company update {id}",
        "the credit code {found} is {name} already; use assistant company update {id}",
    ),
    "company-differs": (
        "资料里的信用代码是 {found}，而 {name} 的是 {expected}：可能是另一家企业的资料，没有存入",
        "has the credit code {found}, but {name} has {expected}: perhaps another company’s profile; not saved",
    ),
    "company-nameless": ("资料里没有企业名称，请填写 enterprise: name，或加 --name", "has no name of the company; fill in enterprise: name, or use --name"),
    "profile-version-unknown": ("没有这一版资料，最新是第 {expected} 版", "has no such version; the newest is {expected}"),
    "feed-name-taken": ("已有叫“{found}”的订阅，请换个名字，或先停用它", "there is a subscription ‘{found}’ already; choose another name or revoke it"),
    "feed-name-missing": ("订阅要有名字，如“王工手机”", "a subscription needs a name"),
    "account-exists": ("“{found}”已经有账户", "there is an account ‘{found}’ already"),
    "unknown-account": ("没有账户“{found}”{nearest}", "there is no account ‘{found}’{nearest}"),
    "smtp-url": ("应像 smtps://用户:密码@smtp.example.cn:465；特殊字符写成 %40 这样的编码", "should look like smtps://user:password@smtp.example.org:465, signs written like %40"),
    "mail-from": ("应是发件人的邮箱地址，如 noreply@example.cn", "should be the sender’s address, such as noreply@example.org"),
    "account-email-unlike": ("“{found}”不像邮箱地址，应像 wang@example.cn", "‘{found}’ is no e-mail address; it should look like wang@example.com"),
    "account-disabled": ("账户“{found}”已停用，请先用 assistant account enable 启用", "the account ‘{found}’ is disabled; use assistant account enable first"),
    "account-name-missing": ("请写姓名，别人在修改记录里会看到", "give a name; others see it beside what was changed"),
    "password-short": ("密码至少 {expected} 个字符，可以用几个不相干的词", "a password has {expected} characters at least; a few unrelated words are fine"),
    "password-long": ("密码最多 {expected} 个字符", "a password has {expected} characters at most"),
    "password-common": ("这个密码太容易被猜到：不要用常见的词、连续的键、邮箱或姓名", "this password is too easy to guess: no common words, runs of keys, or your own name"),
    "password-wrong": ("现在的密码不对", "the present password is another"),
    "password-differs": ("两次输入的密码不一样", "the two passwords differ"),
    "token-too-many": ("密钥太多，请先停用不再使用的", "too many keys; revoke those no longer in use"),
    "token-name-missing": ("密钥要有名字，如“财务系统”", "a key needs a name"),
    "last-administrator": ("这是最后一位管理员，请先指定另一位", "this is the last administrator; name another first"),
    "last-owner": ("这是最后一位所有者，请先指定另一位", "this is the last owner; name another first"),
    "unknown-feed": ("没有在用的订阅“{found}”{nearest}；assistant feed list 列出全部", "there is no subscription ‘{found}’ in use{nearest}; assistant feed list shows all"),
    "feed-ambiguous": ("叫“{found}”的订阅不止一个，请用编号：{expected}", "‘{found}’ is more than one subscription; give the id: {expected}"),
    "feed-guide-without-address": ("要写订阅说明，请用 --base-url 给出服务器的对外网址，如 https://rili.example.cn", "a guide needs the server’s address for others, such as https://feeds.example.org"),
    "feed-link-broken": ("这不是完整的订阅链接，应像 https://…/f/…/all.ics", "this is no whole link; it should look like https://…/f/…/all.ics"),
    "feed-link-differs": ("链接不是这个订阅的，或者已经停用", "the link is not of this subscription, or revoked"),
    "announcement-cycle": ("申报年度 {found} 离日期太远，应在 {expected} 年前后", "the cycle {found} is far from its dates, in {expected}"),
    "announcement-without-source": ("“{found}”不是网址，请给出公布日期的官方网页", "‘{found}’ is no web address; give the official page"),
}  # fmt: skip


def problem_text(code: str, params: dict[str, str], lang: str) -> str:
    """Return the sentence for a problem; a parameter it does not give stays out of the sentence."""
    chinese, english = PROBLEMS.get(code, (code, code))
    filled = {**params, "nearest": _nearest(params, lang)}
    template = chinese if lang == "zh" else english
    text = template.format_map(_Blank(filled))
    return text.removesuffix("：").removesuffix(": ") if "formula" not in params else text


def _nearest(params: dict[str, str], lang: str) -> str:
    name = params.get("nearest", "")
    if not name:
        return ""
    label = params.get("label", "")
    if lang == "zh":
        return f"，最接近的是 {name}（{label}）" if label and label != name else f"，最接近的是 {name}"
    return f"; the nearest is {name}"


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""
