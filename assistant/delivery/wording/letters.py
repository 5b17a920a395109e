"""Letters that the pages send: a link to choose a new password with, an invitation."""

from __future__ import annotations

from datetime import timedelta

from assistant.delivery.wording.labels import label


def reset_letter(address: str, lasts: timedelta) -> tuple[str, str]:
    """Return subject and text of the letter with a link to choose a new password with."""
    text = (
        "您好：\n\n"
        f"请在 {lasts // timedelta(hours=1)} 小时内打开下面的链接，重设“申报助手”的密码。链接只能用一次。\n\n"
        f"{address}\n\n"
        "如果不是您本人申请的，不用理会这封邮件，密码不会改变。\n"
    )
    return "申报助手：重设密码", text


def invitation_letter(address: str, *, company: str, role: str, who: str, lasts: timedelta) -> tuple[str, str]:
    """Return subject and text of the letter that invites somebody to a company."""
    text = (
        "您好：\n\n"
        f"{who}邀请您以“{label(f'member.{role}', 'zh')}”的身份加入“{company}”，一起准备资质申报。"
        f"请在 {lasts.days} 天内打开下面的链接；链接只能用一次，请不要转发。\n\n"
        f"{address}\n"
    )
    return f"申报助手：邀请您加入{' '.join(company.split())}", text
