"""What backups and restoring can complain about."""

from data.errors import DataError


class BackupError(DataError):
    """Base of the family."""


class NoBackup(BackupError):
    """The file is something else.

    Attributes:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} 不是 yilian 的备份文件，请选择 yilian backup 生成的文件。"
            f" / {path} is no backup; choose a file that yilian backup has written"
        )
        self.path = path


class BackupDamaged(BackupError):
    """The file is a backup that was cut short or altered.

    Attributes:
        path: The file.
    """

    def __init__(self, path: str, zh: str, en: str) -> None:
        super().__init__(
            f"备份 {path} 已损坏（{zh}），数据库未改动；请换一份备份。"
            f" / the backup {path} is damaged ({en}); the database was not touched,"
            " use another backup"
        )
        self.path = path


class BackupTooNew(BackupError):
    """A later version of the program has made it.

    Attributes:
        revision: The schema revision in it.
    """

    def __init__(self, path: str, revision: str) -> None:
        super().__init__(
            f"备份 {path} 由更新版本的 yilian 生成（结构版本 {revision}），请先升级："
            "pip install --upgrade yilian。"
            f" / the backup {path} was made by a newer yilian (schema revision {revision});"
            " upgrade first: pip install --upgrade yilian"
        )
        self.path = path
        self.revision = revision


class OtherDatabase(BackupError):
    """A backup of one kind of database cannot be put into the other.

    Attributes:
        made_from: Kind of database in the backup.
    """

    def __init__(self, path: str, made_from: str, wanted: str) -> None:
        super().__init__(
            f"备份 {path} 来自 {made_from}，而当前数据库是 {wanted}；请恢复到同类数据库。"
            f" / the backup {path} is of {made_from}, and the database is {wanted};"
            " restore it into one of the same kind"
        )
        self.made_from = made_from


class NothingToBackUp(BackupError):
    """There is no database in a file or on a server."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"没有可备份的数据库：{database}。请先运行 yilian load，或检查 YILIAN_DATABASE_URL。"
            f" / there is no database to back up: {database}; run yilian load first,"
            " or check YILIAN_DATABASE_URL"
        )
        self.database = database


class ToolMissing(BackupError):
    """PostgreSQL's own programs do the work, and one is not installed.

    Attributes:
        tool: Its name.
    """

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"找不到 {tool}，请安装 PostgreSQL 客户端（如 apt install postgresql-client）"
            "并确认它在 PATH 中。"
            f" / {tool} is not found; install the PostgreSQL client"
            " (such as apt install postgresql-client) and have it on the PATH"
        )
        self.tool = tool


class ToolFailed(BackupError):
    """One of PostgreSQL's programs ended with an error; the database was not changed.

    Attributes:
        tool: Its name.
        reason: What it said last.
    """

    def __init__(self, tool: str, reason: str) -> None:
        super().__init__(
            f"{tool} 失败：{reason}。数据库未改动；版本不符时请安装与服务器同版本的客户端。"
            f" / {tool} failed: {reason}; the database was not changed, and where versions"
            " differ install the client of the server's version"
        )
        self.tool = tool
        self.reason = reason
