"""Settings: where things lie on this machine. Read by the entry points only."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path


def packaged_rules() -> Path:
    """Return the rules that came with the program: inside the wheel, or beside a checkout's package."""
    package = Path(__file__).parent
    inside = package / "_rules"
    return inside if inside.is_dir() else package.parent / "rules"


def packaged_profiles() -> Path:
    """Return the sample profiles that came with the program."""
    package = Path(__file__).parent
    inside = package / "_profiles"
    return inside if inside.is_dir() else package.parent / "profiles"


def cache_directory() -> Path | None:
    """Return where compiled rules are kept; `ASSISTANT_CACHE` names another folder, "" means none."""
    named = os.environ.get("ASSISTANT_CACHE")
    if named is not None:
        return Path(named) if named else None
    return user_cache_path("shenbao-assistant", appauthor=False)


def announcements_file() -> Path:
    """Return the file of official dates; `ASSISTANT_ANNOUNCEMENTS` names another."""
    named = os.environ.get("ASSISTANT_ANNOUNCEMENTS")
    return Path(named) if named else user_data_path("shenbao-assistant", appauthor=False) / "announcements.yaml"


def database_url(given: str | None = None) -> str:
    """Return the URL of the store: the *given* one, else `ASSISTANT_DB`; a plain path names an SQLite file."""
    named = given or os.environ.get("ASSISTANT_DB")
    if named and "://" in named:
        return named
    file = Path(named) if named else user_data_path("shenbao-assistant", appauthor=False) / "assistant.db"
    return f"sqlite:///{file.absolute().as_posix()}"


def store_exists(url: str) -> bool:
    """Tell whether there is a store to read: an SQLite file that is there, or a server somebody named."""
    scheme, _, file = url.partition(":///")
    return not scheme.startswith("sqlite") or Path(file.partition("?")[0]).exists()


def language(asked: str | None) -> str:
    """Return `zh` or `en`: what was asked for, else `en` only where the environment says English."""
    if asked:
        return asked
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if named.lower().startswith("en") else "zh"


def mail_settings() -> tuple[str, str]:
    """Return which server takes mail (`ASSISTANT_SMTP_URL`) and who it is from (`ASSISTANT_MAIL_FROM`); "" for none."""
    return os.environ.get("ASSISTANT_SMTP_URL", ""), os.environ.get("ASSISTANT_MAIL_FROM", "")


def sealing_key(url: str) -> tuple[str, Path | None]:
    """Return the keys that channels' addresses are sealed with: their text (`ASSISTANT_KEY`), or the file they are in.

    The file stands beside an SQLite store at *url*; a store on a server has none.
    """
    named = os.environ.get("ASSISTANT_KEY", "")
    scheme, _, file = url.partition(":///")
    beside = Path(f"{file.partition('?')[0]}.key") if scheme.startswith("sqlite") else None
    return named, None if named else beside


def robot_addresses() -> dict[str, str]:
    """Return where providers of robots are, of those that somebody runs on their own (`ASSISTANT_WECOM_URL` …)."""
    named = {name: os.environ.get(f"ASSISTANT_{name.upper()}_URL", "") for name in ("wecom", "dingtalk", "feishu")}
    return {name: address.rstrip("/") for name, address in named.items() if address}


def private_webhooks() -> bool:
    """Tell whether users may name hosts inside this network (`ASSISTANT_PRIVATE_WEBHOOKS`)."""
    return os.environ.get("ASSISTANT_PRIVATE_WEBHOOKS", "") not in ("", "0")


def keep_to_one_processor() -> None:
    """Have columns computed on one processor, unless told otherwise (`POLARS_MAX_THREADS`); read at first import."""
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
