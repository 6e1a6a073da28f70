"""The ``yilian`` command.

Commands import what they need when they run, so that ``yilian match`` does not pay for
what ``yilian eval`` uses.
"""

import gc
import sys

FAILED = 1
INTERRUPTED = 130

_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def main() -> None:
    """Run the command; ours and the disk's errors become one line and an exit code.

    Exit codes: 0 done; 1 not done, the message says why and what to do; 2 the command
    line itself is wrong; 3 loaded, but some rows were refused; 130 interrupted.
    """
    # nearly all that a command makes lives to its end: looking for garbage every 700 objects
    # took a sixth of a match over 20,000 achievements
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 50, 100)
    try:
        _run()
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            _interrupted()
        raise


def _run() -> None:
    # imported here, so that an interruption during the imports is handled too
    from rich.markup import escape

    from api.cli.app import app
    from api.cli.console import err, write_anything
    from api.errors import OURS

    write_anything(sys.stdout, sys.stderr)
    try:
        app()
    except OURS as error:
        complaint = str(error)
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        reason = error.strerror or str(error)
        complaint = (
            f"读写失败{place}：{reason}。请检查磁盘空间与权限。"
            f" / cannot read or write{place}: {reason}; check space and permissions"
        )
    else:
        return
    err.print(f"[red]✗[/] {escape(complaint)}", soft_wrap=True)
    sys.exit(FAILED)


def _interrupted() -> None:
    sys.stderr.write("已中断；已写入的内容都完整。 / interrupted; whatever was written is whole\n")
    sys.exit(INTERRUPTED)
