"""A labelled data set in the BEIR layout, made for the tests."""

import json
from pathlib import Path

TOPICS = (
    "靛蓝染色废水脱色",
    "永磁电机轴承异响",
    "光伏组件热斑检测",
    "茶叶杀青余热回收",
    "机床主轴热变形补偿",
    "锁具锌合金压铸气孔",
    "锂电池极片毛刺剔除",
    "中药饮片霉变筛查",
)


def write_labelled(folder: Path) -> Path:
    """Eight needs, each judged against its own achievement and four others."""
    (folder / "qrels").mkdir(parents=True)
    needs = [{"_id": f"n{i}", "title": f"寻求{topic}"} for i, topic in enumerate(TOPICS)]
    offers = [{"_id": f"a{i}", "title": f"{topic}的新方法"} for i, topic in enumerate(TOPICS)]
    for name, records in (("queries", needs), ("corpus", offers)):
        lines = [json.dumps(record, ensure_ascii=False) for record in records]
        (folder / f"{name}.jsonl").write_text("\n".join(lines))
    n = len(TOPICS)
    judged = [(i, (i + step) % n, max(0, 3 - step)) for i in range(n) for step in range(5)]
    qrels = [f"n{need}\ta{offer}\t{score}" for need, offer, score in judged]
    (folder / "qrels" / "test.tsv").write_text("\n".join(qrels))
    levels = [f"{i},n{need},a{offer},{score + 1}" for i, (need, offer, score) in enumerate(judged)]
    (folder / "levels.csv").write_text("\n".join(["pair_id,need_id,achievement_id,level", *levels]))
    return folder
