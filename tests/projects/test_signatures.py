"""Content that must be signed by the project's key."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from apps.credentials.models import Credential, CredentialType
from apps.projects.models import Project, ProjectUpdate

from .conftest import PLAY

SIGN = Path(sys.executable).with_name("ansible-sign")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`signer(path)` signs a directory, `signer.key` is the public key."""
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-generate-key", "me@example.com", "ed25519", "sign"], check=True, capture_output=True)
    exported = subprocess.run([*gpg, "--armor", "--export"], check=True, capture_output=True, text=True)

    def sign(path: Path) -> None:
        words = [str(SIGN), "project", "gpg-sign", "--gnupg-home", str(home), str(path)]
        env = {**os.environ, "ANSIBLE_SIGN_GPG_PASSPHRASE": "none"}  # else it asks
        subprocess.run(words, check=False, capture_output=True, env=env)
        sums = path / ".ansible-sign" / "sha256sum.txt"
        subprocess.run([*gpg, "--yes", "--armor", "--detach-sign", "-o", f"{sums}.sig", str(sums)], check=True)

    sign.key = exported.stdout
    yield sign
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


def test_only_signed_content_is_taken(sync: Any, repository: Any, signer: Any) -> None:
    unsigned = sync(repository.path, signature_key=signer.key)
    assert (unsigned.code, unsigned.result) == (1, {})
    assert "signature of the content is not valid" in unsigned.out
    repository.commit({"MANIFEST.in": "recursive-exclude .git *\ninclude *.yml *.md\n"})
    signer(repository.path)
    repository.commit({})
    signed = sync(repository.path, signature_key=signer.key)
    assert signed.code == 0, signed.out
    assert "signature of the content is valid" in signed.out
    repository.commit({"site.yml": PLAY + "# changed\n"})
    assert sync(repository.path, signature_key=signer.key).code == 1
    repository.commit({"site.yml": PLAY, "added.yml": PLAY})
    assert sync(repository.path, signature_key=signer.key).code == 1
    assert sync(repository.path, signature_key="no key").code == 1


@pytest.mark.django_db(transaction=True)
def test_a_project_with_a_key_is_looked_at_at_once(
    make: Any, yard: Any, repository: Any, run_updates: Any, signer: Any
) -> None:
    kinds = {name: CredentialType.objects.get(namespace=name) for name in ("gpg_public_key", "scm")}
    made = {
        name: Credential.objects.create(
            name=name, credential_type=kind, organization=yard.organization,
            inputs={"gpg_public_key": signer.key} if name == "gpg_public_key" else {},
        )
        for name, kind in kinds.items()
    }  # fmt: skip
    url = make(scm_type="git", scm_url=str(repository.path)).json()["url"]
    assert run_updates().status == "successful"
    wrong = yard.api.patch(url, {"signature_validation_credential": made["scm"].pk})
    assert (wrong.status_code, list(wrong.json())) == (400, ["signature_validation_credential"])
    assert yard.api.patch(url, {"signature_validation_credential": made["gpg_public_key"].pk}).status_code == 200
    assert run_updates().status == "failed"
    assert ProjectUpdate.objects.count() == 2
    assert Project.objects.get().last_job_failed
