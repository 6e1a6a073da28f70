"""The ``yilian`` command.

Commands import what they need when they run, so that ``yilian match`` does not pay for
what ``yilian eval`` uses.
"""

import sys

from rich.markup import escape

from api.cli.app import app
from api.cli.console import err, say
from api.errors import OURS

FAILED = 1
INTERRUPTED = 130


def main() -> None:
    """Run the command; ours and the disk's errors become one line and an exit code.

    Exit codes: 0 done; 1 not done, the message says why and what to do; 2 the command
    line itself is wrong; 3 loaded, but some rows were refused; 130 interrupted.
    """
    try:
        app()
    except OURS as error:
        _complain(str(error))
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        _complain(
            f"读写失败{place}：{error.strerror}。请检查磁盘空间与权限。"
            f" / cannot read or write{place}: {error.strerror}; check space and permissions"
        )
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            say("已中断，未留下半成品。 / interrupted; nothing was left half done")
        raise


def _complain(message: str) -> None:
    err.print(f"[red]✗[/] {escape(message)}", soft_wrap=True)
    sys.exit(FAILED)
