"""The figures by which the office steers."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.rest.call import Call, for_operation
from api.rest.fields import Shown
from api.rest.problems import RESPONSES
from data.policy.operation import Operation

router = APIRouter(tags=["figures"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.FIGURES_READ)]


class FiguresShown(Shown):
    """Counts over everything stored; they name nobody."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "needs": {"published": 41, "signed": 6},
                    "achievements": {"published": 230},
                    "cases": {"contacting": 9, "signed": 6},
                    "waiting": 2,
                    "signed_cny": 5400000,
                    "undisclosed": 1,
                    "decisions": {"accept": 21, "reject": 8, "level": 40},
                    "first_contact_days": 3.5,
                }
            ]
        }
    )

    needs: dict[str, int] = Field(description="需求，按状态 / needs by status")
    achievements: dict[str, int] = Field(description="成果，按状态 / achievements by status")
    cases: dict[str, int] = Field(description="跟进，按阶段 / cases by stage")
    waiting: int = Field(
        description="对接中而无人跟进的需求 / needs in contact without a case under way"
    )
    signed_cny: int = Field(description="已公开的签约金额合计 / disclosed value signed, in all")
    undisclosed: int = Field(description="金额不公开的签约数 / contracts of undisclosed value")
    decisions: dict[str, int] = Field(description="评判，按结论 / decisions by verdict")
    first_contact_days: float | None = Field(
        description="从发布到首次跟进的天数中位数 / median days from publication to the first case"
    )


@router.get(
    "/figures",
    operation_id="read_figures",
    summary="统计 / the figures as they stand",
    response_model=FiguresShown,
)
def read(call: Reading) -> Any:
    """Counts over everything stored; they name nobody."""
    with call.read() as desk:
        return call.shown(FiguresShown.model_validate(desk.figures.now()))
