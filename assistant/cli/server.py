"""`assistant serve` and `assistant publish`: pages and calendars over HTTP, and building the calendars that are due.

The work is in `serve`, imported when a command runs: a server's parts are heavy, and need not be installed.
"""

from __future__ import annotations

import click

from assistant.cli.context import Options
from assistant.cli.inputs import store_part
from assistant.cli.store import stored

_base_url = click.option("--base-url", default="", help="对外网址 the address the server has for others")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 address to listen on")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="端口，0 为任选 0: any")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="进程数 worker processes")
@_base_url
@click.option(
    "--registration",
    type=click.Choice(["closed", "open"]),
    default="closed",
    show_default=True,
    help="closed：凭邀请注册；open：人人可以注册 whether anybody may make an account",
)
@click.option("--access-log/--no-access-log", default=True, show_default=True, help="记录每个请求 log every request")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="日志格式 how log lines are written",
)
@click.option(
    "--publish/--no-publish", "publishes", default=True, help="也生成日历 build calendars too", show_default=True
)
@click.option(
    "--api-rate",
    type=click.IntRange(1, 1_000_000),
    default=600,
    show_default=True,
    help="每个接口密钥每分钟的次数 requests a minute of one API token",
)
@click.option(
    "--metrics-token",
    default="",
    envvar="ASSISTANT_METRICS_TOKEN",
    help="从别处读 /metrics 的口令，默认只能从本机读 token that shows /metrics elsewhere than on this machine",
)
@stored
def serve(
    options: Options,
    url: str,
    host: str,
    port: int,
    workers: int,
    base_url: str,
    registration: str,
    access_log: bool,
    log_format: str,
    publishes: bool,
    api_rate: int,
    metrics_token: str,
) -> None:
    """提供网页、日历订阅和接口 serve pages, calendars and the API。"""
    work = store_part("assistant.cli.serve", "serve")
    work.serve(
        options,
        url,
        host,
        port,
        workers,
        base_url,
        registration=registration == "open",
        access_log=access_log,
        log_format=log_format,
        publishes=publishes,
        api_rate=api_rate,
        metrics_token=metrics_token,
    )


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="全部重建，如规则更新后 all of them, as after a change of rules"
)
@_base_url
@stored
def publish(options: Options, url: str, everything: bool, base_url: str) -> None:
    """生成到期的订阅日历 build the calendars that are due。"""
    if not store_part("assistant.cli.serve", "serve").publish(options, url, base_url, everything=everything):
        click.get_current_context().exit(1)
