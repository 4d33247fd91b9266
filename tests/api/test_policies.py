"""Policies of tenants: which one judges, that switches are logged, and trials before a switch."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.caller import Caller
from api.db.models import AuditEvent
from api.policies import Policies
from api.service import Service, migrate, open_service
from api.settings import Settings
from safety.policy import POLICY_PATH, load_policy
from tests.api.conftest import Answer

SHIPPED = POLICY_PATH.read_text(encoding="utf-8")
LIKENESS = "likeness:       {review: 0.5, block: never}"
STRICT = SHIPPED.replace(LIKENESS, "likeness: {review: 0.5, block: 0.5}")
LENIENT = SHIPPED.replace(LIKENESS, "likeness: {review: never, block: never}")
NAMED = "Tom Hanks walks his dog in a park"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "default.yaml").write_text(SHIPPED)
    return folder


def judged(service: Service, tenant: str) -> str:
    caller = Caller(tenant, "test")
    judgement = service.judge.moderate(NAMED, caller, subject="modr_1")
    return judgement.decision.action


def switches(service: Service, tenant: str) -> list[str]:
    query = sa.select(AuditEvent.data).where(
        AuditEvent.type == "policy.changed", AuditEvent.tenant == tenant
    )
    with service.database.transaction() as session:
        found = session.scalars(query.order_by(AuditEvent.id))
        return [data["policy_version"] for data in found]


def test_each_tenant_is_judged_by_its_policy_and_every_switch_is_logged(
    settings: Settings, folder: Path
) -> None:
    settings = settings.model_copy(update={"policy_dir": folder})
    migrate(settings)
    own, default = folder / "strict.yaml", folder / "default.yaml"
    own.write_text(STRICT)
    versions = [load_policy(own).version]
    with open_service(settings) as service:
        assert judged(service, "strict") == "block"
        assert judged(service, "other") == judged(service, "../policies/strict") == "review"
        own.write_text(LENIENT)
        versions.append(load_policy(own).version)
        assert judged(service, "strict") == judged(service, "strict") == "allow"
        own.write_text("version: broken")
        assert judged(service, "strict") == "allow"
        own.unlink()
        versions.append(load_policy(default).version)
        assert judged(service, "strict") == "review"
        assert switches(service, "strict") == versions
        assert switches(service, "other") == versions[-1:]
    with open_service(settings) as restarted:
        assert judged(restarted, "strict") == "review"
        assert switches(restarted, "strict") == versions


def test_without_a_default_nothing_passes(settings: Settings, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"policy_dir": tmp_path / "nowhere"})
    migrate(settings)
    with open_service(settings) as service:
        assert judged(service, "default") == "block"


def test_a_folder_that_vanishes_changes_nothing(folder: Path) -> None:
    (folder / "strict.yaml").write_text(STRICT)
    policies = Policies(folder)
    before = policies.path_for("strict")
    folder.rename(folder.with_name("moved"))
    assert policies.path_for("strict") == before


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    path = tmp_path / "prompts.jsonl"
    rows = [
        {"id": "a", "prompt": NAMED},
        {"id": 2, "prompt": "a red ball", "negative_prompt": "blurry", "noted": "elsewhere"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return str(path)


def test_a_trial_shows_what_would_change(
    signet: Callable[..., Answer], prompts: str, folder: Path
) -> None:
    strict, old = folder / "strict.yaml", str(folder / "default.yaml")
    strict.write_text(STRICT)
    told = signet("policy", "test", prompts, "--policy", str(strict), "--against", old, "--json")
    answer = json.loads(told.out)
    assert (told.code, answer["prompts"]) == (1, 2)
    counts = {
        name: (answer["before"][name], answer["after"][name])
        for name in ("allow", "review", "block")
    }
    assert counts == {"allow": (1, 1), "review": (1, 0), "block": (0, 1)}
    assert answer["changed"] == [
        {
            "id": "a",
            "before": {"action": "review", "rules": ["category.likeness"]},
            "after": {"action": "block", "rules": ["category.likeness"]},
        }
    ]
    table = signet("policy", "test", prompts, "--policy", str(strict))
    assert "1 prompt would be treated differently" in table.out
    assert "category.likeness" in table.out
    assert signet("policy", "test", prompts, "--policy", old).code == 0


def test_bad_policies_and_prompts_are_named(
    signet: Callable[..., Answer], prompts: str, folder: Path, tmp_path: Path
) -> None:
    assert signet("policy", "check", str(POLICY_PATH)).code == 0
    broken = folder / "broken.yaml"
    broken.write_text(SHIPPED.replace("max_characters: 10000", "max_characters: none"))
    checked = signet("policy", "check", str(broken), "--json")
    assert (checked.code, "max_characters" in checked.err) == (2, True)
    assert "max_characters" in json.loads(checked.out)["error"]["message"]
    assert signet("policy", "check", "/nowhere.yaml").code == 2
    assert signet("policy", "test", prompts, "--policy", str(broken)).code == 2
    good = str(POLICY_PATH)
    assert signet("policy", "test", prompts, "--policy", good, "--against", str(broken)).code == 2
    wrong = tmp_path / "wrong.jsonl"
    for content in ("", "nonsense", '{"id": 1}', '{"prompt": "x"}', '{"id": 1, "prompt": 2}'):
        wrong.write_text(content)
        assert signet("policy", "test", str(wrong), "--policy", good).code == 2
    assert "line 1: prompt" in signet("policy", "test", str(wrong), "--policy", good).err
