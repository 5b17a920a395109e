"""What the commands on accounts answer when they are done."""

from __future__ import annotations

from assistant.delivery.wording.labels import label


def added(name: str, email: str, address: str, lang: str, *, days: int) -> str:
    """Tell the link with which a new account's password is chosen."""
    if lang == "zh":
        private = f"请本人打开链接设密码，{days} 天内有效，只能用一次："
        return f"已建立账户：{name}，{email}\n{_site(address, lang)}{private}\n{address}"
    private = f"To choose the password, good for one use within {days} days:"
    return f"account added: {name}, {email}\n{_site(address, lang)}{private}\n{address}"


def reset(email: str, address: str, lang: str, *, hours: int) -> str:
    """Tell the link with which a new password is chosen."""
    if lang == "zh":
        return (
            f"{email} 的重设密码链接，{hours} 小时内有效，只能用一次，请只发给本人：\n{_site(address, lang)}{address}"
        )
    private = (
        f"A new password for {email} is chosen at this link, good for one use within {hours} hours; keep it private:"
    )
    return f"{private}\n{_site(address, lang)}{address}"


def first_administrator(address: str, lang: str, *, hours: int) -> str:
    """Tell the link with which the first administrator makes an account."""
    if lang == "zh":
        return f"还没有管理员。请在 {hours} 小时内打开链接，建立管理员账户；链接只能用一次，不要公开：\n{address}"
    private = f"Become one here within {hours} hours; good for one use, keep it private:"
    return f"There is no administrator yet. {private}\n{address}"


def standing(email: str, name: str, lang: str) -> str:
    """Tell what an account is now."""
    word = label(f"account.{name}", lang)
    return f"{email} 现在是{word}。" if lang == "zh" else f"{email} is now: {word}"


def switched(email: str, lang: str, *, on: bool) -> str:
    """Tell whether an account gets in."""
    if lang == "zh":
        return f"{email} 已启用。" if on else f"{email} 已停用，已经退出登录。"
    return f"{email} is enabled" if on else f"{email} is disabled and logged out"


def granted(email: str, company: str, role: str, lang: str) -> str:
    """Tell what an account is in a company."""
    word = label(f"member.{role}", lang)
    return f"{email} 现在是{company}的{word}。" if lang == "zh" else f"{email} is now {word} of {company}"


def _site(address: str, lang: str) -> str:
    if not address.startswith("/"):
        return ""
    return "（接在服务器的网址后面）\n" if lang == "zh" else "(to be added to the server’s address)\n"
