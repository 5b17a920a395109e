"""schemathesis reads the interface's description and tries, on a real server, what it allows and what it does not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from assistant.service.store.tokens import digest_of
from tests.calling import PREFIX
from tests.serving import Server, add_sample, new_store, now

TOKEN = "S" * 43
PATIENCE = 600

# positive_data_acceptance is left out: a profile has more rules than a schema can say
SETTINGS = """
[parameters]
"path.company" = "{company}"
"path.project" = "little-giant"
"path.target" = "little-giant"
"path.step" = "{step}"
"path.feed" = "{feed}"
"query.project" = "little-giant"
[generation]
max-examples = 2
[checks.positive_data_acceptance]
enabled = false
[checks.missing_required_header]
expected-statuses = [401, 428]
[[operations]]
include-method = "GET"
[operations.phases.coverage]
enabled = false
[operations.generation]
max-examples = 4
"""


def test_the_interface_is_what_its_description_says(tmp_path: Path) -> None:
    """No status, field, header or type that is not described; what is not allowed is refused; nothing breaks."""
    with new_store(tmp_path) as store:
        account = store.accounts.add("a-1", "a@example.com", "a", "x", "administrator", at=now())
        store.accounts.add_api_token("t-1", account.id, "program", digest_of(TOKEN), at=now())
        company = add_sample(store, "valve-maker")
        store.accounts.grant(account.id, company, "owner", who="test", at=now())
        _, feed = store.add_token(company, "phone", secret=b"1" * 32, at=now())
        settings = tmp_path / "schemathesis.toml"
        settings.write_text(SETTINGS.format(company=company, feed=feed.id, step="improve|fact|class1_ip_own"))
        with Server(store, tmp_path, "--no-publish", "--api-rate", "1000000") as server:
            address = f"http://127.0.0.1:{server.port}{PREFIX}/openapi.json"
            done = subprocess.run(
                [
                    *(Path(sys.executable).parent / "schemathesis", "--config-file", settings, "run", address),
                    *("-H", f"Authorization: Bearer {TOKEN}", "--phases", "coverage,fuzzing", "--seed", "1"),
                    *("--workers", "1", "--no-color"),
                ],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            told = done.stdout[-8000:] + done.stderr[-2000:]
            assert done.returncode == 0, told
            selected, tested = re.search(r"Selected: (\d+)/\d+\s+Tested: (\d+)", done.stdout).groups()  # type: ignore[union-attr] # told below
            assert selected == tested, told
            statuses = set(re.findall(r" assistant\.requests \S+ /api/v1/\S+ (\d+) ", server.logged()))
            assert statuses >= {"200", "201", "204", "401", "405", "415", "422", "428"}, statuses
            assert not [status for status in statuses if status >= "500"]
