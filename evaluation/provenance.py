"""What a report was made with, so that anyone can make it again."""

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from evaluation.dataset import Dataset
from evaluation.fingerprint import fingerprint

_ROOT = Path(__file__).resolve().parents[1]
_GIT_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the figures of a report come from.

    Attributes:
        command: The command line.
        data: Name and split of the data set with its fingerprint.
        model: Fingerprint of the embedding model.
        commit: Of the checkout that ran, with ``-dirty`` where files differed from it;
            None when the package was not run from its own checkout.
        version: Of the installed package, if any.
        date: When, timezone-aware.
        settings: Whatever else decides the figures, such as folds, seeds and the ranker.
    """

    command: str
    data: str
    model: str
    commit: str | None
    version: str | None
    date: datetime
    settings: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, str]]:
        """Label and value of everything known."""
        known = {
            "命令 / command": self.command,
            "数据 / data": self.data,
            "模型 / model": self.model,
            "提交 / commit": self.commit,
            "版本 / version": self.version,
            "时间 / date": self.date.isoformat(timespec="seconds"),
            **self.settings,
        }
        return [(label, value) for label, value in known.items() if value]


def provenance(
    dataset: Dataset,
    *,
    model: str,
    command: Sequence[str],
    settings: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Provenance:
    """Everything that can be found out about this run.

    Args:
        dataset: What is measured on.
        model: Fingerprint of the embedding model.
        command: The words of the command line; keep passwords out.
        settings: Label to value of what else matters, in the order to show it.
        now: The time of the report; the clock's when None.
    """
    return Provenance(
        command=shlex.join(command),
        data=" ".join(filter(None, (dataset.name, dataset.split, fingerprint(dataset)))),
        model=model,
        commit=_commit(_ROOT),
        version=_version(),
        date=now or datetime.now(UTC),
        settings=settings or {},
    )


def _version() -> str | None:
    try:
        return version("yilian")
    except PackageNotFoundError:
        return None


def _commit(root: Path) -> str | None:
    # an installed package may lie inside somebody else's checkout, whose commit says nothing
    if not (root / ".git").exists():
        return None
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        said = subprocess.run(
            command, cwd=root, capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return said.stdout.strip() or None
