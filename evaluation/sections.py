"""Results as the sections of a report: words, tables and pictures, Chinese first."""

from collections.abc import Iterable, Sequence
from itertools import islice

from evaluation.ablation import Ablation
from evaluation.bootstrap import LEVEL
from evaluation.calibration import Reliability
from evaluation.compare import Report
from evaluation.dataset import Dataset
from evaluation.figures import decimals, signed
from evaluation.learning_curve import LearningCurve
from evaluation.level_calibration import CalibrationReport
from evaluation.levels import LevelsReport
from evaluation.page import Block, Paragraph, Picture, Section, Table
from evaluation.per_query import SHOWN, Comparison, Placed, Reading
from evaluation.pictures import draw_differences, draw_learning_curve, draw_reliability

_INTERVALS = Paragraph(
    f"方括号内为 {LEVEL:.0%} 自助法区间；近似重复的需求成组抽取。"
    f" / In brackets: {LEVEL:.0%} bootstrap intervals; near-copies of a need are drawn together."
)
_LEVEL_NAMES = {
    1: "1 无相关 / none",
    2: "2 弱相关 / weak",
    3: "3 较强相关 / fair",
    4: "4 强相关 / strong",
}
_HEADLINE_CUT = 3


def ranking_section(report: Report, comparisons: Sequence[Comparison] = ()) -> Section:
    """All systems side by side, then pairs of them with p, wins and losses, and a picture."""
    blocks: list[Block] = [Table(report.columns(), report.rows()), _INTERVALS]
    if comparisons:
        blocks.append(_comparison_table(comparisons))
        blocks.append(
            Paragraph(
                "p：配对随机化检验（双侧），近似重复的需求一同翻转。"
                " / p: paired randomisation test, two-sided, near-copies flipped together."
            )
        )
    for position, comparison in enumerate(comparisons, start=1):
        if comparison.differences:
            caption = (
                f"每项需求的 {comparison.measure} 之差：{comparison.first} 减 {comparison.second}，"
                f"从大到小。 / {comparison.measure} of each need, {comparison.first} less"
                f" {comparison.second}, sorted."
            )
            blocks.append(Picture(f"differences-{position}", draw_differences(comparison), caption))
    return Section("排序 / Ranking", blocks)


def differences_section(comparison: Comparison, dataset: Dataset, *, n: int = SHOWN) -> Section:
    """The needs on which two systems differ most, in either direction."""
    titles = {query.id: query.title for query in dataset.queries}

    def table(query_ids: Iterable[str]) -> Table:
        rows = [(q, titles[q], f"{comparison.differences[q]:+.3f}") for q in islice(query_ids, n)]
        return Table(("编号 / id", "需求 / need", comparison.measure), rows)

    values = comparison.differences
    better, worse = comparison.first, comparison.second
    return Section(
        f"差异最大的需求 / Largest differences: {better} − {worse}",
        [
            Paragraph(f"{better} 更好 / {better} is better"),
            table(query_id for query_id in values if values[query_id] > 0),
            Paragraph(f"{worse} 更好 / {worse} is better"),
            table(query_id for query_id in reversed(list(values)) if values[query_id] < 0),
        ],
    )


def worst_section(system: str, readings: Sequence[Reading]) -> Section:
    """The worst needs of a system, each with the documents it ranked too low and too high."""
    blocks: list[Block] = []
    for one in readings:
        blocks.append(Paragraph(f"{one.title} ({one.query_id}), nDCG@10 {decimals(one.value)}"))
        rows = [
            *(_placed("排得太低 / too low", placed) for placed in one.buried),
            *(_placed("排得太高 / too high", placed) for placed in one.promoted),
        ]
        blocks.append(Table(("", "名次 / rank", "等级 / level", "编号 / id", "成果 / title"), rows))
    return Section(f"最差的需求 / Worst needs: {system}", blocks)


def calibration_section(report: CalibrationReport) -> Section:
    """Calibration error of every cut, the table of the headline cut, and a picture."""
    blocks: list[Block] = [
        Table(report.columns(), report.rows()),
        Paragraph(
            "“仅因抽样”是概率完全准确时同样多的样本也会显出的误差。"
            ' / "By chance" is what perfectly calibrated probabilities would show on as many'
            " pairs."
        ),
    ]
    if report.levels:
        caption = (
            "可靠性图：每箱平均预测概率（横）与实际比例（纵），虚线为完全准确。"
            " / Reliability: mean predicted probability of a bin (across) and the share that"
            " came true (up); dashed: perfect."
        )
        blocks += [
            Picture("reliability", draw_reliability(report.cuts), caption),
            Paragraph(f"P(level ≥ {_HEADLINE_CUT})"),
            _bins(report.cuts[_HEADLINE_CUT]),
            Table(
                ("等级 / level", "预测 / predicted", "实际 / observed"),
                [
                    (
                        _LEVEL_NAMES[share.level],
                        decimals(share.predicted),
                        decimals(share.observed),
                    )
                    for share in report.levels
                ],
            ),
        ]
    return Section(f"概率是否可信 / Calibration: {report.system}", blocks)


def learning_section(curve: LearningCurve) -> Section:
    """Quality by the number of judged needs, with a picture."""
    blocks: list[Block] = [
        Table(curve.columns(), curve.rows()),
        Paragraph(
            f"{curve.draws} 次抽取，每次 {curve.folds} 折；增益相对于未训练的排序，按需求配对；"
            "第 0 行只学语料，不用评判。"
            f" / {curve.draws} draws of {curve.folds} folds; the gain is over the untrained"
            " ranking, paired by need; row 0 is taught by the corpus alone."
        ),
    ]
    if curve.skipped:
        sizes = ", ".join(map(str, curve.skipped))
        blocks.append(
            Paragraph(
                f"标注需求不足，未测：{sizes}。 / Not measured for want of judged needs: {sizes}."
            )
        )
    if curve.points[0].gain.n:
        caption = (
            "学习曲线：训练所用需求数（横）与 nDCG@10 增益（纵），阴影为区间。"
            " / Learning curve: judged needs in training (across) and gain in nDCG@10 (up);"
            " shaded: interval."
        )
        blocks.append(Picture("learning-curve", draw_learning_curve(curve.points), caption))
    return Section("学习曲线 / Learning curve", blocks)


def ablation_section(ablation: Ablation) -> Section:
    """What each group of signals is worth."""
    note = Paragraph(
        "价值：完整排序减去去掉该组信号后重新训练的排序；p 未作多重比较校正。"
        " / Worth: the whole ranker less one learnt anew without the group; p is not corrected"
        " for many comparisons."
    )
    return Section("信号的价值 / Ablation", [Table(ablation.columns(), ablation.rows()), note])


def levels_section(report: LevelsReport) -> Section:
    """Score, error and accuracy, and what was learnt from."""
    note = Paragraph(
        f"训练 {report.trained_on} 条，预测 {len(report.predictions)} 条；训练中剔除"
        f" {report.left_out} 条，预测对中有 {report.judged_before} 条在训练中另有评分。"
        f" / {report.trained_on} judgements in training, {len(report.predictions)} predicted;"
        f" {report.left_out} left out of training; of {report.judged_before} predicted ones"
        " training knows another judgement."
    )
    return Section("等级预测 / Levels", [Table(report.columns(), report.rows()), note])


def _comparison_table(comparisons: Sequence[Comparison]) -> Table:
    return Table(
        ("系统 / systems", "指标 / measure", "差 / difference", "p", "胜–平–负 / won–tied–lost"),
        [
            (
                f"{one.first} − {one.second}",
                one.measure,
                signed(one.difference),
                decimals(one.test.p, digits=4),
                f"{one.wins}–{one.ties}–{one.losses}",
            )
            for one in comparisons
        ],
    )


def _bins(measured: Reliability) -> Table:
    return Table(
        ("范围 / range", "预测 / predicted", "实际 / observed", "n"),
        [
            (
                f"{decimals(one.low)} … {decimals(one.high)}",
                decimals(one.predicted),
                decimals(one.observed),
                str(one.n),
            )
            for one in measured.bins
        ],
    )


def _placed(label: str, placed: Placed) -> tuple[str, ...]:
    level = _LEVEL_NAMES.get(placed.level, str(placed.level))
    return label, str(placed.rank), level, placed.document_id, placed.title
