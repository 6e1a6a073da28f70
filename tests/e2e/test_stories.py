"""The stories of the service, from the first account to a signed contract, over HTTP."""

import os
import re
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.conftest import REPOSITORY
from tests.e2e.conftest import City, Machine, Voice, eventually
from tests.e2e.transcript import cut

PAGE = REPOSITORY / "api" / "STORIES.md"
PASSWORD = "四月的梧桐叶-2027"
FIRM = "示例金砺电驱动有限公司"
CODE, CUSTOMER, SPEED, BUDGET = "KLQ-7308", "虹岭重卡", "9260 r/min", 1_387_400
NEED = {
    "title": f"{CUSTOMER}配套电驱减速器高速啸叫的抑制",
    "text": f"为{CUSTOMER}配套的{CODE}电驱桥在{SPEED}附近出现齿轮啸叫，客户已两次退货。"
    "齿轮为渗碳磨齿斜齿轮，怀疑传动误差激励壳体共振，希望通过齿面修形降低噪声。",
    "must_have": ["不改动壳体模具"],
    "indicators": ["啸叫阶次噪声降低≥8 dB(A)"],
    "budget_cny": BUDGET,
    "chains": ["nev"],
    "county": "kaifaqu",
    "visibility": "masked",
    "status": "draft",
}
MASK = {
    "title": "某电驱企业求减速器高速啸叫的抑制技术",
    "summary": "电驱减速器在高转速段出现齿轮啸叫，希望不改动壳体模具，通过齿面修形降低噪声。",
    "terms": [CODE, CUSTOMER],
    "approve": True,
}
ACHIEVEMENT = {
    "成果编号": "gj-2027-031",
    "成果名称": "电驱减速器斜齿轮齿面修形降噪技术",
    "成果简介": "针对电驱减速器高速啸叫，以传动误差波动最小为目标优化斜齿轮齿面修形，"
    "不改动壳体模具和齿轮宏观参数。台架实测啸叫阶次噪声降低11 dB(A)，已在两款电驱减速器上试装。",
    "产业链": "新能源汽车",
    "技术成熟度": 7,
    "合作方式": "委托开发",
}
BAD_ROW = {"成果编号": "gj-2027-032", "成果名称": "齿轮箱状态监测终端", "技术成熟度": "很成熟"}
REASON = "请补充可接受的样机交付时间"
NOTE = "企业希望五月前见到样机，报价上限未告知高校"
FILE = ("金砺技术协议.txt", "双方约定样机两套，验收转速九千二百六十转。".encode())
DEADLINE = str(date.today() + timedelta(days=180))
DUE = str(date.today() + timedelta(days=30))
NEXT = "约双方在开发区开技术会"
VALUE = 1_263_700


def test_a_masked_need_and_an_achievement_from_excel_meet_and_are_signed(
    city: City, second_machine: Machine, tmp_path: Path
):
    people_are_invited_and_sign_in(city)
    need = an_enterprise_posts_a_masked_need(city)
    achievement = a_university_submits_from_excel(city, tmp_path)
    case = a_broker_brings_them_together(city, need, achievement)
    the_office_sees_it(city, need, case)
    decisions_are_learnt_from(city)
    a_backup_is_restored_elsewhere(city, second_machine, tmp_path, case)
    code = city.machine.stop()

    log = city.machine.log()
    assert code == 0, log
    assert "Traceback" not in log
    assert not [s for s in (*city.sweep.secrets, PASSWORD) if not s.isdecimal() and s in log]
    told = city.transcript.text()
    if os.environ.get("YILIAN_WRITE_STORIES"):
        PAGE.write_text(told, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == told


def people_are_invited_and_sign_in(city: City) -> None:
    tell = city.transcript
    tell.name(DEADLINE, "in half a year")
    tell.name(DUE, "in a month")
    tell.chapter("1. 管理员邀请各方 / the administrator invites everybody")
    assert "yilian user add" in city.machine.log()
    tell.say("The first account is made on the machine itself; all others by invitation.")
    line = ["user", "add", "guanli@example.com", "--name", "管理员", "--role", "administrator"]
    printed = city.machine.run(*line)
    token = printed.split()[-1].partition("#")[2]
    tell.name(token, "token")
    tell.command(" ".join(["yilian", *line]), printed)
    administrator = city.voice("administrator")
    weak = {"password": "12345678"}
    administrator.say("POST", f"/links/{token}", weak, expect=422, show=["code", "zh"])
    _sign_in(city, "administrator", "guanli@example.com", token, show=True)

    firm = administrator.say(
        "POST",
        "/organizations",
        {"name": FIRM, "kind": "enterprise", "county": "kaifaqu", "chains": ["nev"]},
        expect=201,
        show=["id", "name"],
    )["id"]
    city.knows("organization", firm, "firm")
    for name, person in {
        "enterprise": {"name": "金工", "role": "enterprise", "organization": firm},
        "rival": {"name": "钱工", "role": "enterprise", "organization": "e-nev-3"},
        "university": {"name": "孙老师", "role": "university", "organization": "u-03"},
        "broker": {"name": "李经纪", "role": "broker", "chains": ["nev"]},
        "office": {"name": "周主任", "role": "office"},
    }.items():
        body = {"email": f"{name}@example.com", **person}
        shown = ["user.email", "user.role", "token"] if name == "enterprise" else []
        invited = administrator.say("POST", "/users", body, expect=201, show=shown)
        city.knows("user", invited["user"]["id"], name)
        tell.name(invited["token"], "token")
        _sign_in(city, name, body["email"], invited["token"], show=False)
    again = {"password": "另一个够长的密码-31"}
    city.voice("rival").say("POST", f"/links/{invited['token']}", again, expect=404)

    broker = city.voice("broker")
    broker.say(
        "PUT",
        "/subscriptions/mine",
        {"chains": ["nev"], "min_probability": 0.5, "channels": ["inbox"]},
        headers=broker.etag("/subscriptions/mine"),
        show=["chains", "events", "channels"],
    )
    city.sweep.secrets += [CODE, CUSTOMER, SPEED, str(BUDGET), REASON, NOTE, NEXT, FILE[0]]
    city.sweep.secrets += [FILE[1].decode(), str(VALUE)]
    city.sweep.firm += [FIRM, firm]
    city.sweep.need += [MASK["title"], MASK["summary"]]
    city.watching["rival"] = ()


def an_enterprise_posts_a_masked_need(city: City) -> str:
    tell, firm, office = city.transcript, city.voice("enterprise"), city.voice("office")
    tell.chapter("2. 企业发布脱敏需求 / an enterprise posts a masked need")
    posted = firm.say("POST", "/needs", NEED, expect=201, show=["id", "status", "visibility"])
    need = city.knows("need", posted["id"])
    city.sweep.need.append(need)
    tell.say("The summary that others will see first names the firm; the check says so.")
    telling = MASK | {"title": "示例金砺电驱动求减速器啸叫抑制技术", "approve": False}
    told = firm.say("PUT", f"/needs/{need}/mask", telling, show=["approved_at", "warnings"])
    assert [w["text"] for w in told["warnings"]] == ["示例金砺电驱动"]
    mended = firm.say("PUT", f"/needs/{need}/mask", MASK, show=["approved_at", "warnings"])
    assert mended["warnings"] == []
    _step(firm, need, "submit")
    assert need in {n["id"] for n in office.say("GET", "/needs?status=submitted")["items"]}
    office.say("POST", f"/needs/{need}/steps", {"step": "return"}, expect=422, show=["code", "zh"])
    _step(office, need, "return", REASON)
    tell.say("The enterprise reads why, and changes exactly the state that it has read.")
    event = firm.say("GET", f"/needs/{need}/events")[-1]
    assert event["reason"] == REASON
    told = cut(event, ["at", "step", "status", "reason"])
    tell.exchange("enterprise", f"GET /v1/needs/{need}/events", None, 200, told)
    change = {"deadline": DEADLINE}
    firm.say("PATCH", f"/needs/{need}", change, expect=428, show=["code", "zh"])
    before = firm.etag(f"/needs/{need}")
    firm.say("PATCH", f"/needs/{need}", change, headers=before, show=["deadline", "status"])
    firm.say("PATCH", f"/needs/{need}", change, headers=before, expect=412, show=["code", "zh"])
    _step(firm, need, "submit")
    _step(office, need, "publish")
    _list(firm, need)
    tell.say("The rival sees the summary, and nothing of whose it is.")
    seen = city.voice("rival").say(
        "GET", f"/needs/{need}", show=["view", "title", "text", "organization", "county"]
    )
    assert (seen["view"], seen["title"], seen["organization"]) == ("summary", MASK["title"], None)
    city.look(guessing=True)
    return need


def a_university_submits_from_excel(city: City, folder: Path) -> str:
    tell, university = city.transcript, city.voice("university")
    tell.chapter("3. 高校用 Excel 提交成果 / a university submits an achievement from Excel")
    printed = city.machine.run("template", "achievements", "成果.xlsx", folder=folder)
    tell.command("yilian template achievements 成果.xlsx", printed)
    content = _filled_in(folder / "成果.xlsx")
    tell.say("One row is good, the other says 很成熟 where a level from 1 to 9 belongs.")
    tried = university.say(
        "POST",
        "/imports",
        expect=201,
        files={"file": ("成果.xlsx", content)},
        data={"kind": "achievements"},
        show=[
            "id",
            "state",
            "tried",
            "problems.row",
            "problems.column",
            "problems.value",
            "problems.zh",
        ],
    )
    assert (tried["tried"]["added"], tried["tried"]["refused"]) == (1, 1)
    assert [(p["row"], p["column"]) for p in tried["problems"]] == [(3, "技术成熟度 trl")]
    done = city.knows("import", tried["id"])
    stored = ACHIEVEMENT["成果编号"]
    assert university.read(f"/achievements/{stored}").status_code == 404
    confirmed = university.say("POST", f"/imports/{done}/confirm", show=["state", "job"])
    city.knows("job", confirmed["job"])
    eventually(lambda: university.say("GET", f"/imports/{done}")["state"] == "applied")
    university.say("GET", f"/imports/{done}", show=["state", "applied"])
    city.sweep.ids["achievement"].append(str(stored))
    _step(city.voice("office"), str(stored), "publish", kind="achievements")
    return str(stored)


def a_broker_brings_them_together(city: City, need: str, achievement: str) -> str:
    tell, broker = city.transcript, city.voice("broker")
    tell.chapter("4. 经纪人跟进到签约 / the broker follows up until it is signed")

    def news() -> Any:
        items = broker.say("GET", "/inbox")["items"]
        return [
            i for i in items if (i["need"]["id"], i["achievement"]["id"]) == (need, achievement)
        ]

    item = eventually(news)[0]
    assert item["need"]["view"] == "summary"
    assert item["probability"] >= 0.5
    sides = [f"{side}.{name}" for side in ("need", "achievement") for name in ("title", "view")]
    tell.exchange("broker", "GET /v1/inbox", None, 200, cut(item, ["kind", *sides]))
    broker.say("POST", f"/inbox/{item['id']}/read")
    tell.say("Why they match is told in words that the broker may read: of the need, its summary.")
    listed = broker.say("GET", f"/needs/{need}/matches")
    best = listed["matches"][0]
    assert best["document_id"] == achievement
    reasons = {
        "phrases": [phrase["text"] for phrase in best["phrases"]],
        "sentences": [a["sentence"] for a in best["answers"] if a["sentence"]],
        "paths": [path["zh"] for path in best["paths"] if path["kind"] == "same_chain"],
    }
    assert reasons["phrases"]
    assert reasons["sentences"]
    tell.exchange("broker", f"GET /v1/needs/{need}/matches", None, 200, reasons)
    city.watching["broker"] = ()
    city.look()
    del city.watching["broker"]

    tell.say("The university's own people never judge its matches.")
    own = {"need": need, "achievement": achievement, "level": 4}
    city.voice("university").say("POST", "/decisions", own, expect=403, show=["code", "zh"])

    taken = broker.say(
        "POST",
        "/cases",
        {"need": need, "achievement": achievement},
        expect=201,
        show=["id", "stage", "need_status", "next_stages"],
    )
    case = city.knows("case", taken["id"])
    tell.say("In charge of the case, the broker sees the whole need; the audit says so.")
    whole = broker.say(
        "GET", f"/needs/{need}", show=["view", "title", "text", "organization", "budget_cny"]
    )
    assert (whole["view"], whole["budget_cny"]) == ("full", BUDGET)
    query = f"/audit?item={need}&operation=need.read"
    entries = city.voice("office").say("GET", query)["items"]
    entry = next(e for e in entries if e["actor"] == broker.say("GET", "/me")["id"])
    told = cut(entry, ["at", "role", "operation", "kind", "item"])
    tell.exchange("office", f"GET /v1{query}", None, 200, told)

    broker.say(
        "PATCH",
        f"/cases/{case}",
        {"next_action": NEXT, "due": DUE},
        headers=broker.etag(f"/cases/{case}"),
        show=["next_action", "due", "overdue"],
    )
    broker.say("POST", f"/cases/{case}/notes", {"text": NOTE}, show=[])
    filed = broker.say(
        "POST",
        f"/cases/{case}/files",
        expect=201,
        files={"file": FILE},
        show=["name", "media_type", "size"],
    )
    city.knows("file", filed["id"])
    broker.say("POST", f"/cases/{case}/stage", {"stage": "signed"}, expect=409, show=["code", "zh"])
    for stage in ("clarifying", "validating", "negotiating"):
        broker.say("POST", f"/cases/{case}/stage", {"stage": stage}, show=["stage"])
    broker.say("POST", f"/cases/{case}/stage", {"stage": "signed"}, expect=422, show=["code", "zh"])
    signed = broker.say(
        "POST",
        f"/cases/{case}/stage",
        {"stage": "signed", "value_cny": VALUE},
        show=["stage", "value_cny", "need_status"],
    )
    assert signed["need_status"] == "signed"
    tell.say("What else was listed is judged, too, here and for other needs of the chain.")
    tell.name(listed["matches"][1]["document_id"], "another achievement")
    _judge(broker, need, listed["matches"][1:6], show=True)
    for other in ("n-nev-03", "n-nev-04"):
        _judge(broker, other, _list(broker, other)["matches"][:5])
    return case


def the_office_sees_it(city: City, need: str, case: str) -> None:
    tell, office = city.transcript, city.voice("office")
    tell.chapter("5. 办公室看到结果 / the office sees it")
    figures = office.say(
        "GET", "/figures", show=["needs.signed", "cases", "signed_cny", "decisions"]
    )
    assert figures["cases"] == {"signed": 1}
    assert figures["signed_cny"] == VALUE
    assert figures["needs"]["signed"] == 1
    city.voice("rival").say("GET", "/figures", expect=403, show=["code", "zh"])
    verified = city.machine.run("audit", "verify")
    assert "审计链完整" in verified
    tell.command("yilian audit verify", re.sub(r"\d+", "<n>", verified.splitlines()[0]))
    for order in ({"kind": "matches", "need": need}, {"kind": "cases"}):
        made = office.say("POST", "/exports", order, expect=201, show=["name", "state"])
        export = city.knows("export", made["id"])
        eventually(lambda e=export: office.say("GET", f"/exports/{e}")["state"] == "ready")
        file = office.say("GET", f"/exports/{export}/file")
        book = load_workbook(BytesIO(file.content), read_only=True)
        cells = [str(c) for sheet in book for row in sheet.values for c in row if c is not None]
        assert any(str(ACHIEVEMENT["成果名称"]) in cell for cell in cells)
    assert any(str(VALUE) in cell for cell in cells)
    city.watching["university"] = (str(VALUE),)  # a party to the contract
    city.look(guessing=True)
    del city.watching["university"]


def decisions_are_learnt_from(city: City) -> None:
    tell, office = city.transcript, city.voice("office")
    tell.chapter("6. 学习、备份与恢复 / learning, backup and restore")
    job = office.say("POST", "/jobs", {"kind": "train"}, expect=201, show=["kind", "state"])
    city.knows("job", job["id"])
    ended = eventually(
        lambda: (seen := office.say("GET", f"/jobs/{job['id']}"))["finished_at"] and seen
    )
    office.say("GET", f"/jobs/{job['id']}", show=["state", "result.version"])
    assert ended["state"] == "done", ended["error"]


def a_backup_is_restored_elsewhere(city: City, elsewhere: Machine, folder: Path, case: str) -> None:
    tell = city.transcript
    printed = city.machine.run("backup", "一链备份.zip", folder=folder)
    tell.command("yilian backup 一链备份.zip", printed)
    printed = elsewhere.run("restore", "一链备份.zip", "--yes", folder=folder)
    tell.command("YILIAN_HOME=/another/home yilian restore 一链备份.zip --yes", printed)
    elsewhere.serve()
    with City(elsewhere) as restored:
        _sign_in(restored, "broker", "broker@example.com", None, show=False)
        broker = restored.voice("broker")
        found = broker.say("GET", f"/cases/{case}")
        notes = broker.say("GET", f"/cases/{case}/events")["items"]
    assert (found["stage"], found["value_cny"]) == ("signed", VALUE)
    assert NOTE in {event["text"] for event in notes}
    tell.say("On the other machine the broker signs in with the same password and finds the case.")
    assert elsewhere.stop() == 0


def _sign_in(city: City, name: str, email: str, token: str | None, *, show: bool) -> None:
    voice = city.voice(name)
    if token is not None:
        voice.say(
            "POST", f"/links/{token}", {"password": PASSWORD}, show=["email"] if show else None
        )
    session = voice.say(
        "POST",
        "/session",
        {"email": email, "password": PASSWORD},
        show=["user.role"] if show else None,
    )
    voice.headers["Authorization"] = f"Bearer {session['access_token']}"


def _list(voice: Voice, need: str) -> Any:
    """The match list of a need, once it is made."""

    def ready() -> Any:
        found = voice.say("GET", f"/needs/{need}/matches")
        return found if found["state"] == "ready" else None

    return eventually(ready)


def _judge(broker: Voice, need: str, matches: list[Any], *, show: bool = False) -> None:
    for level, match in zip((3, 2, 2, 1, 1), matches, strict=True):
        judged = {"need": need, "achievement": match["document_id"], "level": level}
        shown = ["level", "view"] if show and level == 3 else None
        broker.say("POST", "/decisions", judged, expect=201, show=shown, watched=False)


def _step(voice: Voice, posting: str, step: str, reason: str = "", kind: str = "needs") -> None:
    body = {"step": step} | ({"reason": reason} if reason else {})
    voice.say("POST", f"/{kind}/{posting}/steps", body, show=["status"])


def _filled_in(path: Path) -> bytes:
    book = load_workbook(path)
    sheet = book["成果"]
    # a heading is the Chinese label, * where it is required, and the English name below
    columns = {str(c.value).partition("\n")[0].strip("*"): c.column for c in sheet[1]}
    for row, values in enumerate((ACHIEVEMENT, BAD_ROW), start=2):
        for name, value in values.items():
            sheet.cell(row, columns[name], value)
    file = BytesIO()
    book.save(file)
    return file.getvalue()
