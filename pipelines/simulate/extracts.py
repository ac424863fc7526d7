"""Rows of the extracts in the words, formats and ids of the imaginary source systems.

Rows come in as codes and seconds from `records`, `calls` and `surveys`; bytes and file names
are made in `files`.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from pipelines.simulate import company, surveys
from pipelines.simulate.agent_states import LINES
from pipelines.simulate.company import DAY, PLACES, QUEUES, SERVICES, SITES, TEAMS
from pipelines.simulate.invitations import MOMENTS
from pipelines.simulate.journeys import CAUSE_WORDS, DISPOSITION_WORDS
from pipelines.simulate.records import ACTORS, STAGES

EVENT_TYPE_WORDS = (
    "ticket.created", "ticket.status", "ticket.assigned", "ticket.priority", "comment.public",
    "comment.customer", "comment.internal", "ticket.stage", "ticket.acknowledged",
    "field.arrived", "ticket.escalated", "callback.done",
)  # fmt: skip
OUTCOME_WORDS = ("ANSWERED", "ABANDON", "IVR", "FAIL", "CALLBACK")
STATE_WORDS = ("READY", "TALK", "HOLD", "ACW", "BREAK")
SURVEY_WORDS = ("工单回访", "来电评价", "服务质量问卷", "员工评价")
MEASURE_WORDS = (
    *("满意度", "推荐度", "星级", "期望", "感知"),
    *("费力度", "是否解决", "重要度", "单选", "标签"),
)
SERVICE_NAMES = [service.name_zh for service in SERVICES]
SITE_NAMES = [site.name_zh for site in SITES]
SITE_NAME_OF = {site.id: site.name_zh for site in SITES}
SITE_OF_SERVICE = np.array(
    [[site.id for site in SITES].index(service.site) for service in SERVICES]
)
CATEGORIES = [category for service in SERVICES for category in service.categories]
TITLES = [f"{place}{title}" for service in SERVICES for title in service.titles for place in PLACES]
QUEUE_SERVICE_NAMES = [SERVICE_NAMES[company.SERVICE_INDEX[q.service]] for q in QUEUES]
TEAM_IDS = [team.id for team in TEAMS]


def _words(codes: pl.Series, words: Sequence[str | None]) -> pl.Series:
    """The word of each code; null for -1."""
    index = np.where(codes.to_numpy() < 0, len(words), codes.to_numpy())
    return pl.Series([*words, None], dtype=pl.String).gather(index)


def _instants(seconds: pl.Series) -> pl.Series:
    """Local date-times of seconds since 1970-01-01; null for -1."""
    known = pl.select(pl.when(seconds >= 0).then(seconds)).to_series()
    return (known * 1_000_000).cast(pl.Datetime("us"))


def _number(prefix: str, column: str, digits: int) -> pl.Expr:
    text = pl.lit(prefix) + pl.col(column).cast(pl.String).str.zfill(digits)
    return pl.when(pl.col(column) >= 0).then(text)


def ticket_rows(states: pl.DataFrame) -> pl.DataFrame:
    """Rows of the ticket files; `day` is kept for cutting the files."""
    site = pl.Series(SITE_OF_SERVICE[states["service"].to_numpy()])
    overdue = (pl.col("day").cast(pl.Int64) + 1) * DAY > pl.col("due")
    is_alive = pl.col("status") < company.STATUSES.index("cancelled")
    met = (
        pl.when(pl.col("solved") >= 0)
        .then(pl.when(pl.col("solved") <= pl.col("due")).then(pl.lit("是")).otherwise(pl.lit("否")))
        .when(overdue & is_alive)
        .then(pl.lit("否"))
    )
    ids = states.select(
        ticket=_number("T", "number", 8), customer=_number("CU", "customer", 7), met=met
    )
    return pl.DataFrame(
        {
            "day": states["day"],
            "工单编号": ids["ticket"],
            "标题": _words(states["title"], TITLES),
            "工单类型": _words(states["type"], company.TYPE_WORDS),
            "状态": _words(states["status"], company.STATUS_WORDS),
            "优先级": _words(states["priority"], company.PRIORITY_WORDS),
            "服务项目": _words(states["service"], SERVICE_NAMES),
            "问题类别": _words(states["category"], CATEGORIES),
            "站点": _words(site, SITE_NAMES),
            "受理班组": _words(states["team"], TEAM_IDS),
            "处理人": _words(states["agent"], company.AGENT_IDS),
            "受理渠道": _words(states["channel"], company.CHANNEL_WORDS),
            "客户编号": ids["customer"],
            "客户等级": _words(states["tier"], company.TIERS),
            "创建时间": _instants(states["created"]),
            "首次响应时间": _instants(states["replied"]),
            "解决时间": _instants(states["solved"]),
            "关闭时间": _instants(states["closed"]),
            "承诺完成时间": _instants(states["due"]),
            "是否达标": ids["met"],
            "处置": _words(states["disposition"], DISPOSITION_WORDS),
            "原因": _words(states["cause"], CAUSE_WORDS),
            "是否成立": _words(states["is_justified"], ("否", "是")),
            "更新时间": _instants(states["updated"]),
        }
    )


def event_rows(events: pl.DataFrame) -> pl.DataFrame:
    """Records of the event files, nested as the ticket system nests them."""
    ids = events.select(
        event=_number("E", "number", 8) + pl.lit("-") + pl.col("rank").cast(pl.String).str.zfill(2),
        ticket=_number("T", "number", 8),
    )
    flat = pl.DataFrame(
        {
            "day": events["day"],
            "event_id": ids["event"],
            "id": ids["ticket"],
            "type": _words(events["type"], EVENT_TYPE_WORDS),
            "at": _instants(events["at"]).dt.strftime("%Y-%m-%dT%H:%M:%S+08:00"),
            "status": _words(events["status"], [word.upper() for word in company.STATUSES]),
            "priority": _words(events["priority"], [word.upper() for word in company.PRIORITIES]),
            "stage": _words(events["stage"], [word.upper() for word in STAGES]),
            "actor_type": _words(events["actor"], ACTORS),
            "actor_id": _words(events["agent"], company.AGENT_IDS),
            "team": _words(events["team"], TEAM_IDS),
        }
    )
    return flat.select(
        "day",
        "event_id",
        pl.struct("id", "status", "priority", "stage").alias("ticket"),
        "type",
        "at",
        pl.struct(pl.col("actor_type").alias("type"), pl.col("actor_id").alias("id")).alias(
            "actor"
        ),
        "team",
    )


def call_rows(calls: pl.DataFrame) -> pl.DataFrame:
    """Rows of the call files."""
    ids = calls.select(
        call=_number("C", "number", 9),
        caller=pl.when(~pl.col("is_hidden")).then(_number("019", "customer", 8)),
        hidden=pl.when(pl.col("is_hidden")).then(pl.lit("Y")).otherwise(pl.lit("N")),
        ticket=_number("T", "ticket", 8),
        transferred=pl.when(pl.col("is_transferred")).then(pl.lit("Y")).otherwise(pl.lit("N")),
        wait=pl.when(pl.col("wait") >= 0).then("wait"),
        ring=pl.when(pl.col("ring") >= 0).then("ring"),
    )
    queue = calls["queue"]
    return pl.DataFrame(
        {
            "day": calls["day"],
            "call_id": ids["call"],
            "主叫号码": ids["caller"],
            "号码隐藏": ids["hidden"],
            "line": _words(queue, [q.line for q in QUEUES]),
            "queue": _words(queue, [q.id for q in QUEUES]),
            "业务": _words(queue, QUEUE_SERVICE_NAMES),
            "站点": _words(queue, [SITE_NAME_OF[q.site] for q in QUEUES]),
            "team": _words(calls["team"], TEAM_IDS),
            "agent": _words(calls["agent"], company.AGENT_IDS),
            "call_start": _instants(calls["started"]),
            "result": _words(calls["outcome"], OUTCOME_WORDS),
            "ivr_sec": calls["ivr"],
            "wait_sec": ids["wait"],
            "ring_sec": ids["ring"],
            "talk_sec": calls["talk"],
            "hold_sec": calls["hold"],
            "acw_sec": calls["wrap"],
            "转接": ids["transferred"],
            "工单号": ids["ticket"],
            "回拨时间": _instants(calls["called_back"]),
        }
    )


def agent_state_rows(states: pl.DataFrame) -> pl.DataFrame:
    """Rows of the files of agents' states."""
    site_of_line = {queue.line: SITE_NAME_OF[queue.site] for queue in QUEUES}
    return pl.DataFrame(
        {
            "day": states["day"],
            "record": states.select(_number("S", "number", 9)).to_series(),
            "agent": _words(states["agent"], company.AGENT_IDS),
            "team": _words(states["team"], TEAM_IDS),
            "line": _words(states["line"], LINES),
            "站点": _words(states["line"], [site_of_line[line] for line in LINES]),
            "state": _words(states["state"], STATE_WORDS),
            "state_start": _instants(states["started"]),
            "state_end": _instants(states["ended"]),
        }
    )


def _response_id() -> pl.Expr:
    kind = pl.col("survey").replace_strict(
        {0: "RT", 1: "RC", 2: "RS", 3: "RA"}, return_dtype=pl.String
    )
    return kind + pl.col("number").cast(pl.String).str.zfill(9)


def response_rows(responses: pl.DataFrame) -> pl.DataFrame:
    """Rows of the sheet of responses."""
    ids = responses.select(
        response=_response_id(),
        ticket=_number("T", "ticket", 8),
        call=_number("C", "call", 9),
        customer=_number("CU", "customer", 7),
    )
    site = pl.Series(SITE_OF_SERVICE[responses["service"].to_numpy()])
    comment = responses["at"] % len(surveys.COMMENTS)
    return pl.DataFrame(
        {
            "day": responses["day"],
            "答卷编号": ids["response"],
            "问卷": _words(responses["survey"], SURVEY_WORDS),
            "版本": _words(responses["survey"], surveys.INSTRUMENTS),
            "工单号": ids["ticket"],
            "通话号": ids["call"],
            "客户编号": ids["customer"],
            "服务": _words(responses["service"], SERVICE_NAMES),
            "站点": _words(site, SITE_NAMES),
            "班组": _words(responses["team"], TEAM_IDS),
            "坐席": _words(responses["agent"], company.AGENT_IDS),
            "答卷方式": _words(responses["survey"], surveys.ANSWER_CHANNELS),
            "触点": _words(responses["touchpoint"], surveys.TOUCHPOINTS),
            "提交时间": _instants(responses["at"]).dt.strftime("%Y/%-m/%-d %-H:%M:%S"),
            "意见": _words(comment, surveys.COMMENTS),
            "评价方": _words(responses["rater"], ("客户", "员工")),
            "差评属实": _words(responses["verified"], ("否", "是")),
            "权重": pl.select(
                pl.when(responses["weight"] >= 0).then(responses["weight"] / 100)
            ).to_series(),
        }
    )


def answer_rows(answers: pl.DataFrame) -> pl.DataFrame:
    """Rows of the sheet of answers."""
    unscaled = [(None, None)] * (len(surveys.MEASURES) - len(surveys.SCALES))
    lows, highs = (list(bound) for bound in zip(*surveys.SCALES, *unscaled, strict=True))
    dimension = pl.Series(surveys.DIMENSION_OF_QUESTION[answers["question"].to_numpy()])
    return pl.DataFrame(
        {
            "day": answers["day"],
            "答卷编号": answers.select(_response_id()).to_series(),
            "题号": _words(answers["question"], surveys.QUESTIONS),
            "量表": _words(answers["measure"], MEASURE_WORDS),
            "维度": _words(dimension, surveys.DIMENSIONS),
            "选项": _words(answers["option"], surveys.OPTIONS),
            "得分": pl.select(pl.when(answers["score"] >= 0).then(answers["score"])).to_series(),
            "最低分": pl.Series(lows, dtype=pl.Int64).gather(answers["measure"].cast(pl.UInt32)),
            "最高分": pl.Series(highs, dtype=pl.Int64).gather(answers["measure"].cast(pl.UInt32)),
        }
    )


def invitation_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the sheet of invitations."""
    ids = rows.select(
        invitation=_number("I", "number", 9),
        response=pl.when(pl.col("completed") >= 0).then(
            pl.lit("RT") + pl.col("number").cast(pl.String).str.zfill(9)
        ),
        ticket=_number("T", "number", 8),
        customer=_number("CU", "customer", 7),
    )
    site = pl.Series(SITE_OF_SERVICE[rows["service"].to_numpy()])
    kind = pl.Series(np.zeros(len(rows), dtype=np.int64))
    times = {
        word: _instants(rows[moment]).dt.strftime("%Y/%-m/%-d %-H:%M:%S")
        for word, moment in zip(
            ("发出时间", "退回时间", "开始时间", "完成时间"), MOMENTS, strict=True
        )
    }
    return pl.DataFrame(
        {
            "day": rows["day"],
            "邀请编号": ids["invitation"],
            "问卷": _words(kind, SURVEY_WORDS),
            "答卷编号": ids["response"],
            "工单号": ids["ticket"],
            "客户编号": ids["customer"],
            "服务": _words(rows["service"], SERVICE_NAMES),
            "站点": _words(site, SITE_NAMES),
            "班组": _words(rows["team"], TEAM_IDS),
            "坐席": _words(rows["agent"], company.AGENT_IDS),
            "邀请方式": _words(kind, surveys.ANSWER_CHANNELS),
            "触点": _words(kind, surveys.TOUCHPOINTS),
            **times,
        }
    )
