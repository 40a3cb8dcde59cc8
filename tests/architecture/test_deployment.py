"""What stands in several files of the deployment says the same in all of them, and nothing loosens by itself."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from shop.kernel.embedded.postgres import Postgres
from shop.kernel.embedded.valkey import Valkey
from shop.supervisor import DRAIN_WITHIN

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_image_is_built_by_the_uv_that_wrote_the_lock():
    bootstrap = re.search(r"^UV_VERSION=(.+)$", (ROOT / "bin" / "bootstrap").read_text(), re.MULTILINE)
    pinned = re.search(r"^uv==(\S+)", (ROOT / "bin" / "image-requirements.txt").read_text(), re.MULTILINE)
    assert bootstrap
    assert pinned
    assert bootstrap[1] == pinned[1]


def test_the_bootstrap_heeds_the_machines_pip_settings_and_not_only_the_users(tmp_path):
    machine = tmp_path / "etc" / "pip"
    machine.mkdir(parents=True)
    (machine / "pip.conf").write_text("[global]\nstranger = /etc/company.pem\n")
    line = re.search(r"^pip_setting\(\).+$", (ROOT / "bin" / "bootstrap").read_text(), re.MULTILINE)
    assert line
    answered = subprocess.run(
        ["/bin/sh", "-euc", f"{line[0]}\npip_setting global.stranger; pip_setting global.absent"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "etc")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answered.stdout == "/etc/company.pem\n"


def test_whatever_the_image_copies_is_let_through():
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert all((ROOT / name).exists() for name in let_through)
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert {name for line in copied for name in line.split()} - {"."} <= let_through


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_confined(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])


def test_the_shop_waits_for_services_that_are_well_and_no_stranger_reaches():
    well = {name: {"condition": "service_healthy"} for name in ("database", "cache")}
    assert SERVICES["shop"]["depends_on"] == {**well, "migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["migrate"]["depends_on"] == {"database": well["database"]}
    for name in well:
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
        assert SERVICES[name]["networks"] == ["back"]
        assert "ports" not in SERVICES[name]
    assert COMPOSE["networks"]["back"]["internal"] is True


def test_only_what_migrates_knows_how_to_sign_in_as_the_owner_of_the_tables():
    owners = SERVICES["database"]["environment"]["POSTGRES_USER"]
    shop, migrate = (SERVICES[name]["environment"] for name in ("shop", "migrate"))
    assert shop["SHOP_DATABASE_URL"] == migrate["SHOP_DATABASE_URL"]
    assert shop["SHOP_DATABASE_URL"].startswith("postgresql://shop_app:")
    assert migrate["SHOP_DATABASE_OWNER_URL"].startswith(f"postgresql://{owners}:")
    assert "SHOP_DATABASE_OWNER_URL" not in shop
    assert "POSTGRES_PASSWORD" not in "".join(value for name, value in shop.items() if name != "POSTGRES_PASSWORD")
    assert shop["POSTGRES_PASSWORD"] == "", "as .env is handed over whole"
    assert SERVICES["migrate"]["restart"] == "no"
    assert "ports" not in SERVICES["migrate"]
    assert SERVICES["migrate"]["networks"] == ["back"]


def test_an_engine_waits_as_long_as_the_shop_may_take_to_stop():
    services = sum(step.seconds for part in (Postgres, Valkey) for step in part.stop_steps)
    promised = int(SERVICES["shop"]["stop_grace_period"].removesuffix("s"))
    assert promised >= DRAIN_WITHIN + services
    assert f"--stop-timeout {promised}" in (ROOT / "docs" / "deploy.md").read_text()


def test_the_forge_runs_what_the_makefile_names_with_pinned_actions():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []
    assert {"make lint", "make test", "make image-test"} <= {step.get("run") for step in steps}
    assert workflow["permissions"] == {"contents": "read"}
