"""Indexes and chain graph brought up to date by a process of their own.

They take minutes and gigabytes at 100,000 achievements. Done in a thread of the service they
would hold up every answer, as threads of Python take turns; a second process leaves nothing
behind but files, which the service then opens.
"""

import os
import subprocess
import sys
from datetime import date
from threading import Lock

from sqlalchemy import make_url

from api.settings import Settings
from data.repositories import AchievementRepository, NeedRepository

_NICE = 10
_STOP_S = 10.0


class Reindexer:
    """Runs such a process, one at a time.

    Args:
        settings: Handed on by environment, as they may hold a password.
    """

    def __init__(self, settings: Settings) -> None:
        self._environment = {
            "YILIAN_HOME": str(settings.home),
            "YILIAN_DATABASE_URL": make_url(settings.database_url).render_as_string(
                hide_password=False
            ),
            "YILIAN_MODEL": settings.model,
        }
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self) -> bool:
        """Wait until the files are up to date; False when that failed or was stopped."""
        with self._lock:
            if self._stopped:
                return False
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api.live.reindexing"],
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
            )
        return self._process.wait() == 0

    def stop(self) -> None:
        """End a process under way; files are replaced whole or not at all."""
        with self._lock:
            self._stopped = True
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def reindex(settings: Settings) -> None:
    """Bring the files up to date in this process."""
    from api.service import MatchService

    service = MatchService(settings)
    try:
        for repository in (AchievementRepository, NeedRepository):
            service.index_store(repository).open()
        service.graphs.parts(today=date.today())
    finally:
        service.close()


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(_NICE)
    reindex(Settings.from_environment())
