"""The files with which jobmock runs elsewhere: what they say is tried with a real server."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from tests.documents.reading import blocks
from tests.support import served

import jobmock
from jobmock import cli
from jobmock.cli import serve

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
TOKEN = {"JOBMOCK_CONTROL_TOKEN": "a-token"}


def instruction(name: str) -> str:
    """Return the last instruction of the Dockerfile with a name, on one line."""
    lines = re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines()
    return [line.removeprefix(f"{name} ") for line in lines if line.startswith(f"{name} ")][-1]


def image_environment() -> dict[str, str]:
    """Return the variables of `serve` that the image sets."""
    words = dict(word.split("=", 1) for word in shlex.split(instruction("ENV")))
    return {name: value for name, value in words.items() if name.startswith("JOBMOCK_")}


def compose() -> dict[str, Any]:
    """Return the service of the Compose file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["jobmock"]
    return found


def kubernetes(kind: str) -> dict[str, Any]:
    """Return the object of a kind of the file for Kubernetes."""
    path = ROOT / "mockserver" / "deploy" / "kubernetes.yaml"
    (found,) = [one for one in yaml.safe_load_all(path.read_text("utf-8")) if one["kind"] == kind]
    return dict(found)


def container() -> dict[str, Any]:
    """Return the container of the Deployment."""
    (found,) = kubernetes("Deployment")["spec"]["template"]["spec"]["containers"]
    return dict(found)


def run(command: list[str], env: dict[str, str] | None = None) -> int:
    """Run `jobmock …` in this environment, and return its exit code."""
    assert command[0] == "jobmock"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        return cli.execute(command[1:])


def test_image_serves_with_its_own_environment(tmp_path: Path) -> None:
    """A server with the variables of the image is reached from elsewhere, and its health check passes."""
    environment = {**image_environment(), **TOKEN, "JOBMOCK_SERVE_SCENARIOS": str(tmp_path)}
    assert (json.loads(instruction("ENTRYPOINT")), json.loads(instruction("CMD"))) == (["jobmock"], ["serve"])
    health = json.loads(instruction("HEALTHCHECK").partition(" CMD ")[2])
    with served(env=environment) as server:
        assert server.ready["host"] == "0.0.0.0"
        own = {**environment, "JOBMOCK_SERVE_PORT": str(server.ready["port"])}
        assert run(health, own) == 0
    assert run(health, own) == 3


def test_image_is_of_this_project() -> None:
    """The image has the version of the package, no right of root, and the port that `serve` has by itself."""
    port = next(option.default for option in serve.command.params if option.name == "port")
    assert instruction("ARG") == f"VERSION={jobmock.__version__}"
    assert instruction("EXPOSE") == str(port)
    assert instruction("USER") == "65532:65532"
    assert instruction("STOPSIGNAL") == "SIGTERM"


def test_image_is_made_of_what_the_wheel_needs() -> None:
    """The files that the build gets are those that make the wheel, and the readme and licence that it names."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in lines if line.startswith("!")} == {
        "LICENSE", "README.md", "pyproject.toml", "mockserver/jobmock", "pytest_plugin/pytest_jobmock", "schemas",
        "scenarios",
    }  # fmt: skip


def test_compose(tmp_path: Path) -> None:
    """The service of Compose serves with its variables, and its health check passes."""
    service = compose()
    wanted = {name: re.sub(r"\$\{(\w+):\?.*\}", r"a-token", value) for name, value in service["environment"].items()}
    environment = {**image_environment(), **wanted, "JOBMOCK_SERVE_SCENARIOS": str(tmp_path)}
    assert service["ports"] == [f"127.0.0.1:{instruction('EXPOSE')}:{instruction('EXPOSE')}"]
    (volume,) = service["volumes"]
    folder = volume.removeprefix("${JOBMOCK_SCENARIOS:-./scenarios}")
    assert folder == f":{image_environment()['JOBMOCK_SERVE_SCENARIOS']}:ro"
    with served(env=environment) as server:
        kind, *health = service["healthcheck"]["test"]
        assert kind == "CMD"
        assert run(health, {**environment, "JOBMOCK_SERVE_PORT": str(server.ready["port"])}) == 0


def test_kubernetes(tmp_path: Path) -> None:
    """The container of the Deployment serves with its arguments, and each probe is answered without a token."""
    own = container()
    environment = {**image_environment(), "JOBMOCK_SERVE_SCENARIOS": str(tmp_path)}
    environment |= {one["name"]: "a-secret" for one in own["env"]}
    with served(*own["args"][1:], env=environment, by=own["args"][0]) as server:
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = own[name]["httpGet"]
            url = f"http://127.0.0.1:{server.ready['port']}{probe['path']}"
            assert httpx.get(url, headers={"Host": "10.1.2.3:8087"}, trust_env=False).status_code == 200, name
            assert probe["port"] == own["ports"][0]["name"]


def test_kubernetes_objects_belong_together() -> None:
    """Service and Deployment select the same pods. Port, user and folder are those of the image."""
    deployment, service = kubernetes("Deployment")["spec"], kubernetes("Service")["spec"]
    pod = deployment["template"]
    assert deployment["selector"]["matchLabels"] == service["selector"] == pod["metadata"]["labels"]
    assert [one["port"] for one in service["ports"]] == [own["containerPort"] for own in container()["ports"]]
    assert str(container()["ports"][0]["containerPort"]) == instruction("EXPOSE")
    rights = pod["spec"]["securityContext"]
    assert f"{rights['runAsUser']}:{rights['runAsGroup']}" == instruction("USER")
    (mount,), (volume,) = container()["volumeMounts"], pod["spec"]["volumes"]
    assert mount["name"] == volume["name"]
    assert mount["mountPath"] == image_environment()["JOBMOCK_SERVE_SCENARIOS"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})


def test_hook_of_pre_commit(tmp_path: Path) -> None:
    """The hook of the page takes the scenarios of a folder with that name, and its command finds a mistake in one."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    chosen = ["scenarios/clado/usual.yaml", "tests/scenarios/mine.yml", "compose.yaml", "myscenarios/x.yaml"]
    assert [path for path in chosen if re.search(hook["files"], path)] == chosen[:2]
    _, text = blocks("mockserver/README.md", "yaml", "In containers and in CI")
    (used,) = yaml.safe_load(text)["repos"]
    assert [one["id"] for one in used["hooks"]] == [hook["id"]]
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\napi: clado\nprogression: [{status: pendign}]\n")
    assert run([*hook["entry"].split(), str(ROOT / chosen[0])]) == 0
    assert run([*hook["entry"].split(), str(broken)]) == 2


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.stem)
def test_workflows_have_few_rights(path: Path) -> None:
    """A workflow may only read, each job has a time limit, and a job that may write more says so itself."""
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
