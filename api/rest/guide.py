"""What a programmer reads first on the pages of documentation."""

ABOUT = """\
企业出题，高校作答，技术经纪人收到排好序、说明理由的匹配清单。
/ Enterprises set questions, universities answer them, and technology brokers receive
ranked lists of matches with reasons.

- **登录 sign in**：`POST /v1/session` 给出短期令牌，放入 `Authorization: Bearer …`；程序可用
  `X-API-Key`。/ it gives a short-lived token for that header; programs may use a key.
- **重试 repeat safely**：`POST` 带 `Idempotency-Key`，重发得到同一个回答。
  / the same key gets the first answer again.
- **修改 change**：先读到 `ETag`，再随 `If-Match` 送回；他人已改则得 412。
  / send back the ETag that you read; 412 tells that somebody was faster.
- **翻页 page on**：把 `next_cursor` 放入 `cursor`，直到它为空。/ until it is null.
- **错误 errors**：RFC 9457，`code` 不变，`zh` 与 `en` 说明原因，`errors` 指出字段。
  / the code is stable, and `errors` names the fields at fault.
"""

TAGS = {
    "session": "登录与退出 / signing in and out",
    "me": "本人账号、密码、二次验证、接口密钥 / one's own account, password, 2FA, API keys",
    "needs": "技术需求 / technology needs",
    "achievements": "科技成果 / achievements",
    "matches": "匹配清单 / ranked matches with reasons",
    "inbox": "收件箱：新的强匹配 / new strong matches",
    "subscriptions": "订阅产业链与县市区 / chains and counties to hear of",
    "cases": "跟进：从接洽到签约 / following a match up, from contact to signature",
    "decisions": "经纪人对匹配的判断 / what brokers thought of matches",
    "organizations": "企业、高校、院所 / enterprises, universities, institutes",
    "experts": "专家 / experts",
    "chains": "产业链、缺口与标注 / chains, gaps, tags",
    "pairings": "一链一校、一县一校 / a university for each chain, for each county",
    "runs": "匹配记录 / what was shown, and when",
    "figures": "全市统计 / the city in figures",
    "imports": "导入：先试运行 / files in, after a dry run",
    "exports": "导出 / files out",
    "jobs": "后台任务 / work behind the answers",
    "webhooks": "推送到外部系统 / news for other systems",
    "users": "账号与权限 / accounts and rights",
    "audit": "审计链 / who did what",
    "operations": "运行状况 / health and figures of the service",
}
"""Groups of operations, in the order in which people come to need them."""
