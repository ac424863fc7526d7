"""The names of the requirements that KPIs answer; a KPI's `meta` cites them by id."""

from collections.abc import Mapping

REQUIREMENTS: Mapping[str, tuple[str, str]] = {
    "R01": ("Service catalogue and SLA policies", "服务目录与服务级别协议"),
    "R02": ("Business time", "服务时间"),
    "R04": ("Customer tiers and service levels", "大客户分级"),
    "R10": ("Service desk flow", "服务台流程"),
    "R11": ("Incidents", "事件管理"),
    "R19": ("Complaints and service recovery", "投诉与服务补救"),
    "R20": ("Callbacks", "回访"),
    "R21": ("Causes", "原因分析"),
    "R30": ("Satisfaction", "满意度"),
    "R31": ("Satisfaction as perceived ÷ expected", "感知与期望之比"),
    "R32": ("SERVQUAL", "SERVQUAL 服务质量"),
    "R33": ("Two-way ratings and tags", "双向评价与标签"),
    "R34": ("Questionnaires", "质量征询表"),
    "R35": ("Comments", "意见文本"),
    "R46": ("Demand and capacity", "供求调节"),
}
