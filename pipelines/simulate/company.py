"""The simulated company: its services, teams, people, words and promises.

Only facts about the imaginary company belong here. How demand arrives, how tickets live and
what goes wrong is in the modules named after it. All opening hours and targets restate what
the demonstration's seeds say, because a source system has its own copy of them too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HOUR = 3600
DAY = 24 * HOUR

STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed", "cancelled", "deleted")
STATUS_WORDS = ("新建", "处理中", "等待客户", "挂起", "已解决", "已关闭", "已取消", "已删除")
PRIORITIES = ("p1", "p2", "p3", "p4")
PRIORITY_WORDS = ("紧急", "高", "中", "低")
TYPE_WORDS = ("故障", "服务请求", "投诉", "派工单")
CHANNELS = ("phone", "wechat", "app", "web", "walk_in", "email", "monitoring")
CHANNEL_WORDS = ("电话", "微信", "移动应用", "网站", "现场", "邮件", "监控")
PHONE = CHANNELS.index("phone")
MONITORING = CHANNELS.index("monitoring")
TIERS = ("A", "B", "C")
TIER_SHARES = (0.08, 0.27, 0.65)

RESPONSE_TARGET_SECONDS = np.array([15 * 60, 30 * 60, 2 * HOUR, 4 * HOUR], dtype=np.int64)
RESOLUTION_TARGET_SECONDS = np.array([4 * HOUR, 8 * HOUR, 16 * HOUR, 40 * HOUR], dtype=np.int64)
ACKNOWLEDGEMENT_TARGET_SECONDS = np.array([600, 1200, 1 * HOUR, 2 * HOUR], dtype=np.int64)
COMPLAINT_ACKNOWLEDGEMENT_TARGET_SECONDS = 45 * 60
ARRIVAL_TARGET_SECONDS = np.array([3600, 2 * HOUR, 4 * HOUR, 8 * HOUR], dtype=np.int64)
REPAIR_P1_ARRIVAL_TARGET_SECONDS = 30 * 60
ARRIVAL_SERVICES = ("mall_cleaning", "mall_repair", "hosp_equipment", "it_network")
CALLBACK_TARGET_SECONDS = 7 * DAY
CALLBACK_SERVICES = (
    "mall_repair", "hosp_ward", "hosp_equipment", "it_incident", "it_network", "hot_complaint",
)  # fmt: skip
REPAIR_P3_TARGET_FROM_JULY_SECONDS = 8 * HOUR
TIER_A_TARGET_FACTOR = 0.5


@dataclass(frozen=True)
class Site:
    """A place of the company."""

    id: str
    name_zh: str


@dataclass(frozen=True)
class Team:
    """A team; `pace` multiplies its handling times, `care` shifts its satisfaction."""

    id: str
    agents: int
    pace: float
    care: float


@dataclass(frozen=True)
class Service:
    """A service of the catalogue with the mix of its tickets.

    Mixes are weights in the order of the tuples above; `calls_per_ticket` counts phone calls
    that do not become a ticket.
    """

    id: str
    name_zh: str
    site: str
    calendar: str
    share: float
    teams: dict[str, float]
    types: tuple[float, ...]
    channels: tuple[float, ...]
    priorities: tuple[float, ...]
    categories: tuple[str, ...]
    titles: tuple[str, ...]
    charm: float = 0.0
    solved_at_once: float = 0.0
    night_team: str | None = None
    queue: str | None = None
    calls_per_ticket: float = 0.0


SITES = (
    Site("mall", "购物中心"),
    Site("hospital", "医院"),
    Site("library", "图书馆"),
    Site("it", "信息中心"),
    Site("hotline", "服务热线"),
)

TEAMS = (
    Team("mall_1", 12, 0.90, 0.05),
    Team("mall_2", 10, 1.25, -0.10),
    Team("hosp_1", 14, 0.95, 0.05),
    Team("hosp_2", 8, 1.10, 0.00),
    Team("lib_1", 6, 0.80, 0.15),
    Team("it_1", 9, 0.90, 0.05),
    Team("it_2", 9, 1.15, -0.05),
    Team("it_night", 4, 1.30, -0.10),
    Team("hot_1", 12, 0.90, 0.05),
    Team("hot_2", 12, 1.05, 0.00),
    Team("hot_3", 8, 1.00, 0.00),
)
TEAM_INDEX = {team.id: index for index, team in enumerate(TEAMS)}
AGENT_IDS = tuple(f"{team.id}_a{n:02d}" for team in TEAMS for n in range(1, team.agents + 1))
AGENT_COUNTS: NDArray[np.int64] = np.array([team.agents for team in TEAMS], dtype=np.int64)
FIRST_AGENT: NDArray[np.int64] = np.cumsum(AGENT_COUNTS) - AGENT_COUNTS

# fmt: off
SERVICES = (
    Service(
        "mall_cleaning", "保洁", "mall", "cn_mall", 0.10, {"mall_1": 1.0},
        (0, 2, 2, 6), (3, 3, 2, 0, 2, 0, 0), (2, 10, 58, 30),
        ("地面", "洗手间", "垃圾清运", "玻璃"),
        ("地面有积水", "洗手间无纸", "垃圾桶已满，请清运", "扶梯旁玻璃有污渍"),
    ),
    Service(
        "mall_customer_service", "客户服务", "mall", "cn_mall", 0.13,
        {"mall_1": 0.65, "mall_2": 0.35},
        (0, 6, 4, 0), (4, 4, 3, 1, 3, 0, 0), (2, 12, 56, 30),
        ("退换货", "会员积分", "失物招领", "停车"),
        ("要求退换货", "会员积分未到账", "遗失物品，请协助查找", "停车缴费后\"无法出场\""),
        solved_at_once=0.30,
    ),
    Service(
        "mall_repair", "设施维修", "mall", "cn_mall", 0.08, {"mall_2": 1.0},
        (7, 1, 0, 4), (4, 2, 2, 0, 1, 0, 1), (5, 20, 55, 20),
        ("电梯", "空调", "照明", "给排水"),
        ("电梯异响", "空调不制冷, 顾客有意见", "走廊照明不亮", "水管渗漏"), charm=-0.10,
    ),
    Service(
        "hosp_outpatient", "门诊服务", "hospital", "cn_hospital", 0.11, {"hosp_1": 1.0},
        (0, 7, 3, 0), (3, 4, 2, 1, 3, 0, 0), (3, 15, 55, 27),
        ("挂号", "候诊", "缴费", "导诊"),
        ("预约挂号不成功", "候诊时间过长", "缴费后未出单", "请求导诊陪同"), charm=0.20,
    ),
    Service(
        "hosp_ward", "住院护理", "hospital", "cn_hospital", 0.06,
        {"hosp_1": 0.7, "hosp_2": 0.3},
        (0, 7, 2, 2), (3, 2, 1, 0, 5, 0, 0), (6, 20, 52, 22),
        ("床位", "护理", "膳食", "出院手续"),
        ("申请调换床位", "呼叫后无人应答", "膳食与医嘱不符", "出院手续办理缓慢"), charm=0.10,
    ),
    Service(
        "hosp_equipment", "医疗设备", "hospital", "cn_hospital", 0.04, {"hosp_2": 1.0},
        (7, 1, 0, 2), (5, 1, 1, 1, 1, 0, 2), (12, 28, 45, 15),
        ("监护仪", "输液泵", "影像设备", "检验设备"),
        ("监护仪报警失灵", "输液泵流速不准", "影像设备无法启动", "检验设备需校准"),
    ),
    Service(
        "lib_reader", "读者服务", "library", "cn_library", 0.05, {"lib_1": 1.0},
        (0, 8, 2, 0), (2, 4, 1, 2, 4, 1, 0), (1, 6, 53, 40),
        ("借阅", "办证", "自习座位", "活动"),
        ("图书归还未销账", "读者证丢失补办", "座位预约被占用", "㐂迎新春活动报名"), charm=0.25,
    ),
    Service(
        "lib_digital", "数字资源", "library", "cn_library", 0.03, {"lib_1": 1.0},
        (3, 6, 1, 0), (1, 3, 1, 5, 0, 2, 0), (1, 8, 51, 40),
        ("数据库", "电子书", "远程访问", "文献传递"),
        ("数据库无法登录", "电子书下载失败", "馆外访问超时", "文献传递：《𠮷祥纹样》"), charm=0.10,
    ),
    Service(
        "it_incident", "故障处理", "it", "always", 0.10, {"it_1": 0.6, "it_2": 0.4},
        (9, 0, 0, 1), (4, 1, 1, 3, 0, 2, 2), (6, 22, 50, 22),
        ("终端", "打印", "业务系统", "账号"),
        ("电脑蓝屏", "打印机卡纸", "业务系统报错：连接超时", "账号被锁定"),
        night_team="it_night", queue="it_desk", calls_per_ticket=0.9,
    ),
    Service(
        "it_request", "服务请求", "it", "cn_office", 0.09, {"it_2": 0.8, "it_1": 0.2},
        (0, 9, 0, 1), (2, 2, 1, 5, 0, 3, 0), (1, 9, 50, 40),
        ("权限", "软件安装", "设备领用", "邮箱"),
        ("申请开通权限", "申请安装软件", "领用笔记本电脑", "邮箱扩容"),
        solved_at_once=0.20, queue="it_desk", calls_per_ticket=0.5,
    ),
    Service(
        "it_network", "网络", "it", "always", 0.04, {"it_1": 1.0},
        (9, 1, 0, 0), (4, 1, 1, 1, 0, 1, 5), (12, 28, 44, 16),
        ("有线", "无线", "专线", "域名解析"),
        ("网络中断", "无线信号弱", "专线丢包, 延迟高", "域名解析失败"),
        charm=-0.10, night_team="it_night", queue="it_desk", calls_per_ticket=1.2,
    ),
    Service(
        "hot_consult", "咨询", "hotline", "always", 0.12,
        {"hot_1": 0.45, "hot_2": 0.35, "hot_3": 0.20},
        (0, 10, 0, 0), (8, 2, 1, 1, 0, 0, 0), (1, 9, 55, 35),
        ("营业时间", "业务办理", "费用", "进度查询"),
        ("咨询营业时间", "咨询业务办理流程", "费用有疑问", "查询办理进度"),
        charm=0.10, solved_at_once=0.60, queue="consult", calls_per_ticket=4.5,
    ),
    Service(
        "hot_complaint", "投诉", "hotline", "always", 0.05,
        {"hot_1": 0.40, "hot_2": 0.40, "hot_3": 0.20},
        (0, 0, 10, 0), (8, 2, 1, 1, 0, 0, 0), (6, 28, 50, 16),
        ("服务态度", "等候时间", "质量", "收费"),
        ("投诉服务态度", "投诉等候时间过长", "投诉质量问题", "投诉重复收费"),
        charm=-0.45, queue="complaint", calls_per_ticket=1.6,
    ),
)
# fmt: on
SERVICE_INDEX = {service.id: index for index, service in enumerate(SERVICES)}

PLACES = ("1 楼", "2 楼", "3 楼", "东区", "西区", "南门", "北门", "地下一层")


@dataclass(frozen=True)
class Queue:
    """A telephone queue; the teams who answer, the mean talk and wrap-up, and how it is staffed."""

    id: str
    line: str
    service: str
    site: str
    teams: dict[str, float]
    night_team: str | None
    talk_seconds: float
    wrap_seconds: float


# fmt: off
QUEUES = (
    Queue(
        "consult", "9000", "hot_consult", "hotline",
        {"hot_1": 0.45, "hot_2": 0.35, "hot_3": 0.20}, None, 190, 40,
    ),
    Queue(
        "complaint", "9000", "hot_complaint", "hotline",
        {"hot_1": 0.40, "hot_2": 0.40, "hot_3": 0.20}, None, 330, 90,
    ),
    Queue(
        "it_desk", "8000", "it_incident", "it", {"it_1": 0.55, "it_2": 0.45}, "it_night", 280, 60,
    ),
)
# fmt: on
QUEUE_INDEX = {queue.id: index for index, queue in enumerate(QUEUES)}
