"""What the interface for programs says: the kinds of refusals, and what each operation does. Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Pair = tuple[str, str]


class Refused(NamedTuple):
    """A kind of refusal: its status, what it is called, what it means and what can be done."""

    status: int
    title: Pair
    advice: Pair


REFUSED: Mapping[str, Refused] = {
    "malformed": Refused(
        400,
        ("内容读不出来", "The body cannot be read"),
        (
            "正文应是 UTF-8 编码的 JSON，没有重复的键，没有 NaN 或无穷大。",
            "The body is to be JSON in UTF-8, without keys given twice, NaN or infinity.",
        ),
    ),
    "unauthorized": Refused(
        401,
        ("需要密钥", "A token is needed"),
        (
            "请在 Authorization: Bearer 后写上您的接口密钥。密钥在网页的「账户」里建立，停用后不再有效。",
            "Send your token as Authorization: Bearer. Tokens are made on the account page; a revoked one is void.",
        ),
    ),
    "forbidden": Refused(
        403,
        ("没有这项权限", "Not permitted"),
        (
            "您在这家企业的角色，或您的账户，不能这样做。需要的话，请企业的所有者或管理员调整。",
            "Your role in the company, or your account, does not permit this; ask the owner or the administrator.",
        ),
    ),
    "not-found": Refused(
        404,
        ("没有找到", "Not found"),
        (
            "网址可能有误，或者您没有查看它的权限。别人的企业和不存在的企业，回答是一样的。",
            "The address may be wrong, or not yours to see: a company of others is answered as one that is not there.",
        ),
    ),
    "method-not-allowed": Refused(
        405,
        ("不能这样调用", "Method not allowed"),
        ("这个地址支持的方法写在 Allow 里。", "The methods of this address are in the header Allow."),
    ),
    "superseded": Refused(
        412,
        ("已有更新的版本", "There is a newer version"),
        (
            "这期间有人存了新的版本，您的内容没有存入，别人的也没有被覆盖。请重新读取，合并后再存。",
            "Somebody saved a newer version meanwhile; nothing is lost. Read it again, merge, and send it once more.",
        ),
    ),
    "too-large": Refused(
        413,
        ("内容太大", "Too large"),
        ("一次最多 1 MB。", "At most 1 MB in one go."),
    ),
    "unsupported-media-type": Refused(
        415,
        ("内容类型不对", "Unsupported media type"),
        (
            "正文应是 application/json，不压缩。",
            "The body is to be application/json, without a content encoding.",
        ),
    ),
    "bad-input": Refused(
        422,
        ("内容有误", "The input has mistakes"),
        (
            "每一处都列在 errors 里：位置、写了什么、应写什么。没有保存任何内容。",
            "Each of them is in errors: where it is, what was found, what was expected. Nothing was saved.",
        ),
    ),
    "precondition-required": Refused(
        428,
        ("要说明是从哪一版改来的", "A condition is required"),
        (
            "请在 If-Match 里写上读取资料时得到的 ETag，这样不会覆盖别人刚存的内容。",
            "Send the ETag that came with the profile as If-Match, so that nobody's changes are overwritten.",
        ),
    ),
    "rate-limited": Refused(
        429,
        ("调用太频繁", "Too many requests"),
        ("请等 Retry-After 所写的秒数再试。", "Try again after the seconds in Retry-After."),
    ),
    "internal": Refused(
        500,
        ("服务器出错", "The server failed"),
        (
            "已经记录下来。请把 X-Request-Id 告诉管理员。",
            "It was logged; tell the administrator the X-Request-Id.",
        ),
    ),
    "unavailable": Refused(
        503,
        ("暂时不能读取数据", "The store cannot be reached"),
        ("数据没有丢失，请过一会儿再试。", "Nothing is lost; try again in a while."),
    ),
}

OPERATIONS: Mapping[str, Pair] = {
    "list_projects": ("全部项目", "All projects"),
    "get_project": ("一个项目的规则：版本、条件、依据、时间", "What a project's rules say"),
    "list_facts": ("指标词典：资料里能填什么", "The dictionary: what a profile may say"),
    "list_windows": ("各项目下一次申报的窗口", "When projects take applications next"),
    "match_profile": ("给一份资料逐项判断，不保存", "The verdicts on a profile; nothing is kept"),
    "assess_profile": ("给一份资料的全部结果，不保存", "The whole result for a profile; nothing is kept"),
    "list_companies": ("我的企业", "The caller's companies"),
    "add_company": ("用一份资料新建企业", "Add a company by its profile"),
    "get_company": ("一家企业", "A company"),
    "get_profile": ("资料的最新版本", "The newest version of the profile"),
    "put_profile": ("保存资料的新版本", "Save a new version of the profile"),
    "list_versions": ("资料的全部版本", "Every version of the profile"),
    "get_result": ("企业的全部结果", "The whole result for a company"),
    "get_result_of_project": ("一个项目的结论和条件树", "One project's verdict with its tree of criteria"),
    "get_questions": ("接下来补哪些空最有用", "Which blanks to fill next"),
    "get_steps": ("计划的步骤和标记", "The steps of the plan with their marks"),
    "mark_step": ("标记一个步骤：办完、分派、推迟、备注", "Mark a step: done, assigned, postponed, noted"),
    "get_path": ("到目标资质的路线", "The way to a recognition"),
    "list_feeds": ("订阅链接", "The subscriptions"),
    "add_feed": ("新建订阅链接，地址只在这时给出", "Make a subscription; its address is told this once"),
    "revoke_feed": ("停用订阅链接", "End a subscription"),
    "list_announcements": ("已录入的官方日期", "The official dates"),
    "add_announcement": ("录入官方日期", "Enter an official date"),
}


PARAMETERS: Mapping[str, str] = {  # what the page says of them; the description for programs says it in English
    "on": "按哪一天判断，默认今天",
    "project": "项目的编号；查询里可以重复，只看这些项目",
    "target": "目标项目的编号",
    "cycle": "申报年度，默认下一次窗口所在的年度",
    "kind": "新申报（new）或复核（review）",
    "months": "看多少个月，默认 18",
    "city": "按哪个地市的截止日，写名称或代码",
    "limit": "最多列几项，默认 20",
    "all": "没有申报窗口的项目也问",
    "company": "企业的编号",
    "feed": "订阅链接的编号",
    "step": "步骤的 key，特殊字符要编码",
    "if-match": "读取资料时得到的 ETag",
}

EXPECTED: Mapping[str, str] = {  # by kind of mistake: what was expected, for readers of either language
    "string_type": "文字 text",
    "string_too_short": ">= {min_length} 字 characters",
    "string_too_long": "<= {max_length} 字 characters",
    "string_pattern_mismatch": "{pattern}",
    "int_type": "整数 integer",
    "int_parsing": "整数 integer",
    "int_from_float": "整数 integer",
    "bool_type": "true / false",
    "bool_parsing": "true / false",
    "greater_than_equal": ">= {ge}",
    "less_than_equal": "<= {le}",
    "literal_error": "{expected}",
    "date_type": "YYYY-MM-DD",
    "date_parsing": "YYYY-MM-DD",
    "date_from_datetime_parsing": "YYYY-MM-DD",
    "date_from_datetime_inexact": "YYYY-MM-DD",
    "model_type": "{{…}}",
    "dict_type": "{{…}}",
    "list_type": "[…]",
}


def expected(kind: str, context: Mapping[str, object], otherwise: str) -> str:
    """Return what was expected where a value has the wrong shape."""
    return EXPECTED[kind].format_map(context) if kind in EXPECTED else otherwise


def pick(pair: Pair, lang: str) -> str:
    """Return the one of the two in the language."""
    return pair[0] if lang == "zh" else pair[1]
