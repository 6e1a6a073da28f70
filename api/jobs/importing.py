"""Applies an uploaded file: a batch of rows a step, each in a transaction of its own."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from api.jobs.import_file import read_file
from api.jobs.work import Work
from data.access.fate import Fate
from data.access.upload import problem_as_json
from data.importers.read import ReadTable

AT_A_TIME = 250
"""Rows of a transaction: other writers wait a quarter of a second at most."""


def import_upload(work: Work) -> Mapping[str, Any]:
    """Stores the good rows of the upload that the job names; see ``Handler``."""
    upload_id = work.job.parameters["upload"]
    with work.desk(write=False) as desk:
        upload = desk.imports.get(upload_id)
        content = desk.imports.content(upload_id)
        chains = desk.imports.chains()
    tables, complaints = read_file(content, upload.name, upload.kind, chains=chains)
    del content
    total = sum(len(table.items) for table in tables)
    counts = dict.fromkeys(map(str, Fate), 0)
    problems = [problem_as_json(problem) for problem in complaints.errors]
    done = 0
    for number, table in enumerate(tables):
        for start in range(0, len(table.items), AT_A_TIME):
            end = min(start + AT_A_TIME, len(table.items))
            store = partial(_store, work, upload_id, table, start, end)
            made = work.step(f"rows {number}/{start}", store)
            for fate in counts:
                counts[fate] += made[fate]
            problems += made["problems"]
            done += end - start
            work.tell(done, total, f"已写入 {done} 行", f"{done} rows stored")
    read = sum(table.rows for table in tables)
    counts[str(Fate.REFUSED)] += read - total

    def finish() -> None:
        with work.desk() as desk:
            desk.imports.finish(upload_id, counts, problems)

    work.step("finish", finish)
    return {"upload": upload_id, **counts}


def _store(work: Work, upload_id: str, table: ReadTable, start: int, end: int) -> dict[str, Any]:
    with work.desk() as desk:
        return desk.imports.apply(upload_id, table, start, end)
