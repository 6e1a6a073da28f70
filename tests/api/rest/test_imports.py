"""Imports over HTTP: tried out first, stored on request, each within its own rights."""

import csv
import io
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pytest
from openpyxl import Workbook

from tests.api.forms.documents import make_docx, make_pdf
from tests.api.rest.conftest import ClientAs, Voice, eventually

NEEDS_HEADER = ("需求编号", "需求名称", "需求描述", "需求单位", "状态", "预算（万元）")


def csv_of(*rows: tuple[object, ...], header: tuple[str, ...] = NEEDS_HEADER) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([header, *rows])
    return file.getvalue().encode()


def upload(voice: Voice, content: bytes, name: str = "needs.csv", kind: str = "needs") -> Any:
    return voice.post("/imports", files={"file": (name, content)}, data={"kind": kind})


def apply(voice: Voice, import_id: str) -> dict[str, Any]:
    """Confirms an import and waits until it is stored."""
    assert voice.post(f"/imports/{import_id}/confirm").status_code == 200
    return eventually(
        lambda: (found := voice.get(f"/imports/{import_id}").json())["state"] == "applied" and found
    )


def test_a_dry_run_tells_what_each_row_would_do_and_stores_nothing(client_as: ClientAs):
    firm = client_as("enterprise")
    content = csv_of(
        ("dry-1", "磁钢涡流损耗抑制", "高速下温升过大。", "", "", 80),
        ("dry-2", "？？", "", "", "", ""),
        ("dry-3", "轴电流防护", "", "e-nev-2", "", ""),
    )

    answer = upload(firm, content)

    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/imports/{body['id']}"
    assert body["state"] == "checked"
    assert body["tried"] == {"added": 1, "changed": 0, "unchanged": 0, "refused": 2}
    told = [(p["row"], p["column"]) for p in body["problems"]]
    assert told == [(3, "需求名称"), (4, "需求单位")]
    assert all(p["zh"] and p["en"] for p in body["problems"])
    assert firm.get("/needs/dry-1").status_code == 404


def test_confirming_stores_the_good_rows_as_submitted_or_draft_and_never_published(
    client_as: ClientAs,
):
    firm = client_as("enterprise")
    content = csv_of(
        ("own-1", "电机端盖减振", "", "", "已发布", ""),
        ("own-2", "绕组绝缘寿命评估", "", "e-nev-1", "草稿", ""),
        ("own-3", "?", "", "", "", ""),
    )

    done = apply(firm, upload(firm, content).json()["id"])
    again = apply(firm, done["id"])

    assert done["applied"] == {"added": 2, "changed": 0, "unchanged": 0, "refused": 1}
    assert again["applied"] == {"added": 0, "changed": 0, "unchanged": 2, "refused": 1}
    one, two = (firm.get(f"/needs/own-{n}").json() for n in (1, 2))
    assert (one["status"], two["status"]) == ("submitted", "draft")
    assert one["organization"] == two["organization"] == "e-nev-1"
    assert client_as("rival").get("/needs/own-1").status_code == 404
    assert [e["step"] for e in firm.get("/needs/own-1/events").json()] == ["create"]


def test_the_office_may_import_published_rows_of_any_organisation(client_as: ClientAs):
    office = client_as("office")
    content = csv_of(
        ("off-1", "染缸废水脱色", "", "新来的印染有限公司", "已发布", ""),
        ("off-2", "染缸余热回收", "", "e-nev-2", "", ""),
    )

    done = apply(office, upload(office, content).json()["id"])

    assert done["applied"]["added"] == 2
    found = office.get("/needs/off-1").json()
    assert found["status"] in ("published", "matching")
    assert found["organization"].startswith("o-")
    assert office.get("/needs/off-2").json()["organization"] == "e-nev-2"


def test_an_id_of_somebody_else_is_taken_and_nothing_more_is_told(client_as: ClientAs):
    rival, firm = client_as("rival"), client_as("enterprise")
    apply(rival, upload(rival, csv_of(("taken-1", "机密的名称", "", "", "草稿", ""))).json()["id"])

    body = upload(firm, csv_of(("taken-1", "我的需求", "", "", "", ""))).json()

    assert body["tried"]["refused"] == 1
    assert "占用" in body["problems"][0]["zh"]
    assert "机密" not in json.dumps(body, ensure_ascii=False)
    assert firm.post(f"/imports/{body['id']}/confirm").status_code == 409
    assert rival.get("/needs/taken-1").json()["title"] == "机密的名称"


def test_a_university_imports_achievements_from_excel_and_formulas_stay_text(
    client_as: ClientAs,
):
    book = Workbook()
    book.active.append(("成果编号", "成果名称", "成果简介", "技术成熟度"))
    book.active.append(("xl-1", "=CMD|'/C calc'!A0 陶瓷轴承", "氮化硅滚珠。", 6))
    book.active["B2"].data_type = "s"
    book.active.append(("xl-2", "薄壁件铣削颤振抑制", "<script>alert(1)</script>", "极高"))
    file = io.BytesIO()
    book.save(file)
    university = client_as("university")

    body = upload(university, file.getvalue(), "成果.xlsx", "achievements").json()
    done = apply(university, body["id"])

    assert body["tried"]["added"] == done["applied"]["added"] == 1
    stored = university.get("/achievements/xl-1").json()
    assert stored["title"] == "=CMD|'/C calc'!A0 陶瓷轴承"
    assert (stored["status"], stored["organization"]) == ("submitted", "u-01")
    assert body["problems"][0]["row"] == 3


def test_a_university_imports_its_experts_and_a_second_file_changes_them(client_as: ClientAs):
    header = ("姓名", "职称", "所在单位", "研究方向", "个人简介")
    university = client_as("university")
    content = csv_of(
        ("导入甲", "教授", "", "永磁电机、振动噪声", "<b>做过护套</b>"),
        ("导入乙", "讲师", "u-02", "", ""),
        ("导入甲", "讲师", "", "", ""),
        header=header,
    )

    body = upload(university, content, "专家.csv", "experts").json()
    done = apply(university, body["id"])
    second = csv_of(("导 入 甲", "院士"), header=("专家姓名", "职称"))
    again = apply(university, upload(university, second, "专家.csv", "experts").json()["id"])

    assert body["tried"] == done["applied"]
    assert body["tried"] == {"added": 1, "changed": 0, "unchanged": 0, "refused": 2}
    told = [(p["row"], p["column"], p["value"]) for p in body["problems"]]
    assert told == [(3, "所在单位", "导入乙"), (4, "姓名", "导入甲")]
    assert again["applied"]["changed"] == 1
    params = {"organization": "u-01", "q": "导入"}
    (expert,) = client_as("rival").get("/experts", params=params).json()["items"]
    assert (expert["name"], expert["title"]) == ("导入甲", "院士")
    assert (expert["fields"], expert["text"]) == (["永磁电机", "振动噪声"], "<b>做过护套</b>")
    assert upload(client_as("broker"), content, "专家.csv", "experts").status_code == 403
    refused = upload(client_as("enterprise"), content, "专家.csv", "experts").json()
    assert refused["tried"]["refused"] == 3


def test_a_firm_may_update_its_own_record_and_nobody_elses(client_as: ClientAs):
    firm = client_as("enterprise")
    header = ("单位编号", "单位名称", "单位类型", "单位简介")
    own = firm.get("/organizations/e-nev-1").json()["name"]
    content = csv_of(
        ("e-nev-1", own, "企业", "驱动电机，年产十万台。"),
        ("e-nev-2", "冒名者", "企业", "x"),
        ("", "全新单位有限公司", "企业", "x"),
        header=header,
    )

    body = upload(firm, content, kind="organizations").json()

    assert body["tried"] == {"added": 0, "changed": 1, "unchanged": 0, "refused": 2}


def test_the_same_file_twice_at_once_is_one_import(client_as: ClientAs):
    firm = client_as("enterprise")
    content = csv_of(("twice-1", "同一文件两次上传", "", "", "", ""))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: upload(firm, content), range(4)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert upload(client_as("rival"), content).json()["id"] != answers[0].json()["id"]


def test_an_upload_with_an_idempotency_key_is_answered_again(client_as: ClientAs):
    firm = client_as("enterprise")
    content = csv_of(("key-1", "带幂等键的上传", "", "", "", ""))

    answers = [
        firm.post(
            "/imports",
            files={"file": ("a.csv", content)},
            data={"kind": "needs"},
            headers={"Idempotency-Key": "upload-1"},
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


def test_an_import_is_its_owners_alone(client_as: ClientAs):
    import_id = upload(client_as("enterprise"), csv_of(("mine-1", "只给自己看", "", "", "", "")))
    path = f"/imports/{import_id.json()['id']}"

    for name in ("rival", "office", "administrator", "broker"):
        for at in (path, f"{path}/problems.csv"):
            assert client_as(name).get(at).status_code in (403, 404)
        assert client_as(name).post(f"{path}/confirm").status_code in (403, 404)
    assert upload(client_as("broker"), csv_of(("b-1", "经纪人", "", "", "", ""))).status_code == 403


def test_problems_come_as_csv_without_formulas(client_as: ClientAs):
    firm = client_as("enterprise")
    content = csv_of(("=HYPERLINK(1)", "题目", "", "e-nev-2", "", ""))
    import_id = upload(firm, content).json()["id"]

    answer = firm.get(f"/imports/{import_id}/problems.csv")

    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert answer.headers["content-type"].startswith("text/csv")
    assert rows[1][1] == "2"
    assert rows[1][3] == "'=HYPERLINK(1)"


@cache
def bomb(size: int = 100 << 20) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("xl/workbook.xml", "w") as part:
            block = b" " * (1 << 20)
            for _ in range(size >> 20):
                part.write(block)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "空"),
        ("no-rows.csv", "需求编号,需求名称\n".encode(), "没有数据行"),
        ("picture.png", b"\x89PNG\r\n\x1a\n", "扩展名"),
        ("old.xls", b"\xd0\xcf\x11\xe0", ".xlsx"),
        ("broken.xlsx", b"PK\x03\x04broken", "损坏"),
        ("text.xlsx", b"a,b\n1,2\n", "工作簿"),
        ("bomb.xlsx", None, "解压后过大"),
        ("no-columns.csv", "甲,乙\n1,2\n".encode(), "需求"),
        ("broken.pdf", b"%PDF-1.7 broken", "损坏"),
        ("not.pdf", b"hello", "PDF"),
        ("bomb.docx", None, "解压后过大"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(
    client_as: ClientAs, name: str, content: bytes | None, says: str
):
    began = time.monotonic()

    answer = upload(client_as("enterprise"), bomb() if content is None else content, name)

    body = answer.json()
    assert answer.status_code == 422
    assert body["code"] == "not-importable"
    assert body["errors"][0]["field"] == "file"
    assert says in body["zh"]
    assert time.monotonic() - began < 15


def test_a_form_is_read_into_a_draft_with_quotes_and_becomes_a_need_when_confirmed(
    client_as: ClientAs,
):
    firm = client_as("enterprise")
    form = make_docx(
        [("需求名称", "电主轴轴承降温"), ("预算（万元）", "约八十"), ("联系人", "王工")],
        ["需求描述：油脂润滑轴承温升45 K。", "希望降到30 K以下。"],
    )

    body = upload(firm, form, "需求表.docx").json()
    fields = {field["field"]: field for field in body["draft"]["fields"]}
    refused = firm.post(f"/imports/{body['id']}/confirm")
    answer = firm.post(
        f"/imports/{body['id']}/confirm", json={"corrections": {"budget_cny": "80万元"}}
    )
    again = firm.post(f"/imports/{body['id']}/confirm")

    assert body["form"] == "document"
    assert fields["title"]["place"] == {"table": 1, "row": 1, "column": 2}
    assert fields["text"]["quote"] == "油脂润滑轴承温升45 K。\n希望降到30 K以下。"
    assert fields["budget_cny"]["value"] is None
    assert fields["budget_cny"]["problem"]["zh"]
    assert body["draft"]["left_out"] == ["联系人"]
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "budget_cny"
    need_id = answer.json()["draft"]["need"]
    assert again.json()["draft"]["need"] == need_id
    need = firm.get(f"/needs/{need_id}").json()
    assert (need["title"], need["status"]) == ("电主轴轴承降温", "draft")
    assert (need["budget_cny"], need["organization"]) == (800_000, "e-nev-1")


def test_a_pdf_form_quotes_the_page(client_as: ClientAs):
    form = make_pdf([["需求名称：高速轴承降温"], ["技术指标：温升不超过30开", "预算：80万元"]])

    body = upload(client_as("enterprise"), form, "需求表.pdf").json()

    fields = {field["field"]: field for field in body["draft"]["fields"]}
    assert fields["title"]["value"] == "高速轴承降温"
    assert fields["budget_cny"]["value"] == 800_000
    assert fields["title"]["place"] == {"page": 1}
    assert fields["indicators"]["place"] == {"page": 2}


def test_ten_thousand_rows_with_every_tenth_bad_are_tried_and_stored_in_bounded_time(
    client_as: ClientAs,
):
    firm = client_as("enterprise")
    rows = [
        (f"many-{n}", "？" if n % 10 == 0 else f"第{n}项轴承温升控制", "说明。" * 10, "", "草稿", n)
        for n in range(1, 10_001)
    ]
    began = time.monotonic()

    body = upload(firm, csv_of(*rows)).json()
    tried = time.monotonic() - began
    assert firm.post(f"/imports/{body['id']}/confirm").status_code == 200
    done = eventually(
        lambda: (
            (found := firm.get(f"/imports/{body['id']}").json())["state"] == "applied" and found
        ),
        timeout_s=90,
    )

    assert body["tried"] == {"added": 9_000, "changed": 0, "unchanged": 0, "refused": 1_000}
    assert (body["problem_count"], len(body["problems"])) == (1_000, 200)
    assert done["applied"] == {"added": 9_000, "changed": 0, "unchanged": 0, "refused": 1_000}
    assert tried < 20
