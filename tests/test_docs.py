# SPDX-License-Identifier: Apache-2.0
"""What the documents show is what is there: their code and YAML blocks are the files they speak of, or work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hil.run import Settings, run_scenario
from interfaces.spec.load import load

ROOT = Path(__file__).parents[1]


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of one language in a document."""
    text = (ROOT / document).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def without_comments(text: str) -> str:
    return "\n".join(re.sub(r"\s+#.*$", "", line) for line in text.splitlines() if not line.startswith("#")).strip()


def test_first_controller() -> None:
    """docs/ci.md shows all of the smallest controller."""
    (shown,) = blocks("docs/ci.md", "python")
    _, _, code = (ROOT / "fixtures/controllers/first.py").read_text().split('"""', 2)
    assert shown.strip() == code.strip()


def test_first_scenario() -> None:
    """docs/ci.md shows all of the smallest scenario, and its verdicts are the expected ones."""
    (shown,) = blocks("docs/ci.md", "yaml")
    file = ROOT / "fixtures/scenarios/first.yaml"
    assert without_comments(shown) == without_comments(file.read_text())
    assert run_scenario(file, Settings()).exit_code == 0


def test_integrator_icd(tmp_path: Path) -> None:
    """The device in docs/integrator.md is a right ICD."""
    (shown,) = blocks("docs/integrator.md", "yaml")
    path = tmp_path / "pump.yaml"
    path.write_text(shown)
    assert load(path).name == "pump"


@pytest.mark.parametrize(
    "document", ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_links(document: str) -> None:
    """Every file that a document links to or names in a path of ours exists."""
    text = (ROOT / document).read_text()
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [target for target in targets if not ((ROOT / document).parent / target).exists()] == []
    named = re.findall(r"`((?:interfaces|hil|fixtures|tests|docs)/[a-z_/.-]+\.(?:py|yaml|md|json))`", text)
    assert [path for path in named if not (ROOT / path).exists()] == []
