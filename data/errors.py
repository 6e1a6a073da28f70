"""Everything the storage layer can complain about; each message says what to do next."""


class DataError(Exception):
    """Base of the family; the edges turn it into an exit code or a status."""


class StoreError(DataError):
    """The database cannot be used as it is.

    Attributes:
        database: The database's URL, without its password.
    """

    def __init__(self, message: str, *, database: str) -> None:
        super().__init__(message)
        self.database = database


class NoWritePermission(StoreError):
    """The file, its folder or the server does not let this user write."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"没有写入权限：{database}。请检查文件及其文件夹的权限，或用 YILIAN_HOME、"
            "YILIAN_DATABASE_URL 换一个位置。"
            f" / no permission to write {database}; check the rights of the file and its folder,"
            " or choose another place with YILIAN_HOME or YILIAN_DATABASE_URL",
            database=database,
        )


class DiskFull(StoreError):
    """No space was left; the transaction was undone."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"磁盘空间不足：{database}。本次操作已全部撤销，请腾出空间后重试。"
            f" / the disk is full: {database}; nothing was changed, free some space and try again",
            database=database,
        )


class DatabaseBusy(StoreError):
    """Another process held the write lock for longer than we wait."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"数据库 {database} 正被另一个程序写入，等待超时。请等它结束后重试。"
            f" / another process is still writing to {database}; try again when it has finished",
            database=database,
        )


class NotADatabase(StoreError):
    """The file is something else, or damaged."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"{database} 不是可用的 SQLite 数据库，或者已经损坏。请移开该文件再导入，或从备份恢复。"
            f" / {database} is no usable SQLite database, or it is damaged; move the file away"
            " and load again, or restore a backup",
            database=database,
        )


class DatabaseTooNew(StoreError):
    """A later version of the program has written this database.

    Attributes:
        revision: The schema revision found, unknown to this program.
    """

    def __init__(self, database: str, revision: str) -> None:
        super().__init__(
            f"数据库 {database} 由更新版本的 yilian 建立（结构版本 {revision}），请升级："
            "pip install --upgrade yilian。"
            f" / {database} was written by a newer yilian (schema revision {revision});"
            " upgrade with: pip install --upgrade yilian",
            database=database,
        )
        self.revision = revision


class DatabaseNotReady(StoreError):
    """The tables are missing or of an older version."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"数据库 {database} 尚未建立或需要升级，请先运行 yilian load 或 yilian demo。"
            f" / {database} has no up-to-date tables yet; run yilian load or yilian demo first",
            database=database,
        )


class UnknownRevision(DataError):
    """No schema revision bears this name.

    Attributes:
        head: The newest one.
    """

    def __init__(self, revision: str, head: str) -> None:
        super().__init__(
            f"没有结构版本 {revision!r}，应为 0001 到 {head} 之间的四位编号。"
            f" / there is no schema revision {revision!r}; they are numbered 0001 to {head}"
        )
        self.revision = revision
        self.head = head


class ForeignTables(StoreError):
    """The database holds tables of our names that we did not make.

    Attributes:
        tables: Their names.
    """

    def __init__(self, database: str, tables: tuple[str, ...]) -> None:
        names = ", ".join(tables)
        super().__init__(
            f"数据库 {database} 中已有别的程序建立的同名表（{names}），请换一个空数据库。"
            f" / {database} already holds tables of another program ({names});"
            " use an empty database",
            database=database,
        )
        self.tables = tables


class CannotConnect(StoreError):
    """The server did not answer, or refused the user."""

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(
            f"无法连接数据库 {database}：{reason}。请检查 YILIAN_DATABASE_URL 以及服务器是否启动。"
            f" / cannot connect to {database}: {reason}; check YILIAN_DATABASE_URL"
            " and that the server is running",
            database=database,
        )
        self.reason = reason


class StoreFailure(StoreError):
    """Any other failure of the database or the disk under it."""

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(
            f"数据库 {database} 出错：{reason}。本次操作已撤销；请运行 yilian doctor 检查。"
            f" / the database {database} failed: {reason}; nothing was changed,"
            " run yilian doctor",
            database=database,
        )
        self.reason = reason


class BadDatabaseUrl(DataError):
    """The URL names no database that we can use."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"数据库地址不可用（{reason}）。请用 sqlite:///文件路径 或 "
            "postgresql://用户:密码@主机/库名。"
            f" / the database URL is unusable ({reason}); use sqlite:///path/to/file"
            " or postgresql://user:password@host/name"
        )
        self.reason = reason


class UnknownOrganization(DataError):
    """Postings name organisations that are not stored.

    Attributes:
        organization_ids: The ids that are missing, sorted.
    """

    def __init__(self, organization_ids: tuple[str, ...]) -> None:
        names = ", ".join(organization_ids[:5])
        super().__init__(
            f"没有这些单位：{names}（共 {len(organization_ids)} 个），请先存入单位。"
            f" / {len(organization_ids)} unknown organisation(s): {names};"
            " store the organisations first"
        )
        self.organization_ids = organization_ids


class CannotWriteFile(DataError):
    """A file cannot be written where it was asked for.

    Attributes:
        path: The file.
    """

    def __init__(self, path: str, zh: str, en: str) -> None:
        super().__init__(f"无法写入 {path}：{zh} / cannot write {path}: {en}")
        self.path = path


class UnknownRanker(DataError):
    """No ranker is stored under this version."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"没有第 {version} 版排序模型，请先用 yilian train 训练。"
            f" / no ranker of version {version} is stored; train one with yilian train"
        )
        self.version = version


class NothingToRollBack(DataError):
    """The ranker that ships with the program is in use already."""

    def __init__(self) -> None:
        super().__init__(
            "正在使用出厂排序模型，没有更早的版本可退回。"
            " / the shipped ranker is in use; there is nothing to go back to"
        )


class UnknownPlan(DataError):
    """No pairing plan is stored under this version."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"没有第 {version} 版结对方案，可用 yilian plan list 查看已有方案，"
            "或用 yilian pair --keep 求解并保存。"
            f" / no pairing plan of version {version} is stored; see yilian plan list,"
            " or solve and keep one with yilian pair --keep"
        )
        self.version = version


class FrozenPlan(DataError):
    """A frozen plan stays as it is."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"第 {version} 版结对方案已冻结，不能再改动或删除；如需调整，请另行求解并保存为新版本。"
            f" / pairing plan {version} is frozen and stays as it is;"
            " to change it, solve again and keep a new version"
        )
        self.version = version
