"""Options that the commands of ``yilian eval`` share, worded once."""

from pathlib import Path
from typing import Annotated

import typer

DatasetFolder = Annotated[Path, typer.Option(help="BEIR 文件夹 / folder in BEIR layout")]
Split = Annotated[str, typer.Option(help="qrels/ 下的名称 / name under qrels/")]
ReportFolder = Annotated[
    Path | None, typer.Option(help="报告写入此文件夹 / folder for a report with pictures")
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")]
