"""What the service desk does with a ticket between its creation and its callback.

Tickets are acknowledged, handled remotely, on site or by a third party, escalated, handed back,
and called back; a few turn out to be no requests at all. All of it is drawn from a generator of
its own after the rest of the fate is known, so that it changes nothing of what was drawn before.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.simulate.company import CALLBACK_SERVICES, CHANNELS, DAY, SERVICE_INDEX, SERVICES
from pipelines.simulate.demand import Floats, Ints, draw
from pipelines.simulate.fates import ABSENT, LONG_ENOUGH_SECONDS, Bools, Slot, Work
from pipelines.simulate.working_hours import Clocks

DISPOSITIONS = ("merged", "duplicate", "spam", "test")
DISPOSITION_WORDS = ("合并", "重复", "垃圾", "测试")
DISPOSITION_SHARES = (0.004, 0.005, 0.003, 0.001)
# The word before the first underscore names the party at fault.
CAUSES = (
    "customer_operation", "customer_equipment", "own_staff", "own_equipment", "own_software",
    "own_process", "external_supplier", "external_environment", "unknown_cause",
)  # fmt: skip
CAUSE_WORDS = (
    "客户操作", "客户设备", "员工失误", "设备故障", "软件缺陷", "流程缺陷", "供应商", "外部环境",
    "原因不明",
)  # fmt: skip
NONE = -1
INCIDENT, COMPLAINT = 0, 2
# Weights of the causes of incidents, of justified complaints and of unjustified ones.
CAUSE_MIX = np.array(
    [
        [30, 22, 4, 18, 12, 3, 5, 3, 3],
        [0, 0, 38, 10, 6, 30, 12, 2, 2],
        [62, 14, 0, 0, 0, 0, 0, 14, 10],
    ],
    dtype=np.float64,
)
CAUSE_TOLD, JUSTIFIED = 0.95, 0.68
REPEATED_COMPLAINT, REPEATED_AFTER_DAYS = 0.15, 6.0

ACKNOWLEDGED_BY_CHANNEL = {"phone": 0.55, "walk_in": 0.50}
ACKNOWLEDGED_ELSEWHERE = 0.92
ESCALATED_IN_TIME, ESCALATED_LATE, LATE_SLOWNESS = 0.012, 0.35, 0.8
THIRD_PARTY_OF_HELD, RETURNED_OF_REASSIGNED = 0.6, 0.3
CALLED_BACK, CALLED_BACK_UNPROMISED, CALLBACK_DAYS = 0.93, 0.08, 2.2
SOONEST_CALLBACK_SECONDS = 600
# The callback desk works in the opening hours of the shopping mall, also for services at night.
CALLBACK_DESK = SERVICE_INDEX["mall_customer_service"]
ENDED_AFTER_SECONDS = 1800

# (share handled remotely first, share that needs somebody on site)
_HANDLING = {
    "mall_cleaning": (0.05, 0.90),
    "mall_customer_service": (0.95, 0.05),
    "mall_repair": (0.30, 0.85),
    "hosp_outpatient": (0.85, 0.10),
    "hosp_ward": (0.50, 0.50),
    "hosp_equipment": (0.60, 0.70),
    "lib_reader": (0.90, 0.05),
    "lib_digital": (0.98, 0.00),
    "it_incident": (0.95, 0.20),
    "it_request": (0.90, 0.10),
    "it_network": (0.97, 0.30),
    "hot_consult": (0.95, 0.00),
    "hot_complaint": (0.98, 0.03),
}
REMOTE, ON_SITE = np.array([_HANDLING[service.id] for service in SERVICES]).T
PROMISES_CALLBACK = np.array([service.id in CALLBACK_SERVICES for service in SERVICES])
ACKNOWLEDGED = np.array(
    [ACKNOWLEDGED_BY_CHANNEL.get(channel, ACKNOWLEDGED_ELSEWHERE) for channel in CHANNELS]
)


@dataclass(frozen=True)
class Effort:
    """Open seconds to the first reply and to the solution; the latter over the promised ones."""

    reply: Ints
    solution: Ints
    slowness: Floats


@dataclass(frozen=True)
class Findings:
    """What is found out about each ticket, -1 where nothing is; codes index the tuples above."""

    disposition: Ints
    cause: Ints
    is_justified: Ints


def repeat_complaints(
    generator: np.random.Generator, created: Ints, service: Ints, customer: Ints
) -> Ints:
    """The customers, some complainants replaced by one who complained some days before."""
    rows = np.flatnonzero(service == SERVICE_INDEX["hot_complaint"])
    ago = generator.exponential(REPEATED_AFTER_DAYS * DAY, len(rows)).astype(np.int64)
    earlier = np.searchsorted(created[rows], created[rows] - ago - 1, side="right") - 1
    repeats = (generator.random(len(rows)) < REPEATED_COMPLAINT) & (earlier >= 0)
    result = customer.copy()
    result[rows[repeats]] = customer[rows[earlier[repeats]]]
    return result


def draw_journeys(
    generator: np.random.Generator, clocks: Clocks, work: Work, effort: Effort, fate: Ints
) -> None:
    """Fill the slots of the service desk's process."""
    offsets, happens = _draw_steps(generator, work, effort, fate)
    slots = list(offsets)
    instants = clocks.add(
        work.service, work.created[:, None], np.stack([offsets[slot] for slot in slots], axis=1)
    )
    ended = fate[:, [Slot.CANCELLED, Slot.DELETED]].min(axis=1)
    for column, slot in enumerate(slots):
        at = instants[:, column]
        fate[:, slot] = np.where(happens[slot] & (at < ended), at, ABSENT)
    is_handed_over = generator.random(len(fate)) < THIRD_PARTY_OF_HELD
    fate[:, Slot.THIRD_PARTY] = np.where(is_handed_over, fate[:, Slot.HOLD], ABSENT)
    _draw_callbacks(generator, clocks, work, fate)


def _draw_steps(
    generator: np.random.Generator, work: Work, effort: Effort, fate: Ints
) -> tuple[dict[Slot, Ints], dict[Slot, Bools]]:
    """Open seconds from creation to each step before the solution, and whether it is taken."""
    chance, place = generator.random((2, 5, len(fate)))
    reply, length = effort.reply, effort.solution - effort.reply
    is_long = length > LONG_ENOUGH_SECONDS

    def between(earliest: float, latest: float, row: int) -> Ints:
        share = earliest + (latest - earliest) * place[row]
        offset: Ints = reply + (length * share).astype(np.int64)
        return offset

    on_site = is_long & (chance[2] < ON_SITE[work.service])
    escalated = np.where(effort.slowness > LATE_SLOWNESS, ESCALATED_LATE, ESCALATED_IN_TIME)
    is_reassigned = fate[:, Slot.REASSIGNED] != ABSENT
    offsets = {
        # after the assignment and before the first reply, wherever those fell
        Slot.ACKNOWLEDGED: 1 + (reply * (0.6 + 0.3 * place[0])).astype(np.int64),
        Slot.REMOTE: between(0.005, 0.02, 1),
        Slot.ON_SITE: between(0.03, 0.12, 2),
        Slot.ARRIVED: between(0.15, 0.38, 3),
        Slot.RETURNED: between(0.52, 0.75, 4),
        Slot.ESCALATED: between(0.55, 0.90, 1),
    }
    happens = {
        Slot.ACKNOWLEDGED: chance[0] < ACKNOWLEDGED[work.channel],
        Slot.REMOTE: chance[1] < REMOTE[work.service],
        Slot.ON_SITE: on_site,
        Slot.ARRIVED: on_site,
        Slot.RETURNED: is_reassigned & (chance[3] < RETURNED_OF_REASSIGNED),
        Slot.ESCALATED: is_long & (chance[4] < escalated),
    }
    return offsets, happens


def _draw_callbacks(generator: np.random.Generator, clocks: Clocks, work: Work, fate: Ints) -> None:
    """Some customers are called after the last solution, most of them within a week."""
    size = len(fate)
    share = np.where(PROMISES_CALLBACK[work.service], CALLED_BACK, CALLED_BACK_UNPROMISED)
    is_called = generator.random(size) < share
    delay = SOONEST_CALLBACK_SECONDS + generator.exponential(CALLBACK_DAYS * DAY, size)
    again = fate[:, Slot.SOLVED_AGAIN]
    solved = np.where(again == ABSENT, fate[:, Slot.SOLVED], again)
    rows = np.flatnonzero(is_called & (solved != ABSENT))
    desk = np.full(len(rows), CALLBACK_DESK)
    meant = solved[rows] + delay[rows].astype(np.int64)
    fate[rows, Slot.CALLED_BACK] = clocks.add(desk, meant, np.full(len(rows), 60))


def draw_findings(
    generator: np.random.Generator,
    clocks: Clocks,
    work: Work,
    effort: Effort,
    fate: Ints,
    ticket_type: Ints,
) -> Findings:
    """What each ticket turns out to be; ends the ones that are no requests of their own."""
    size = len(fate)
    shares = np.array([[1 - sum(DISPOSITION_SHARES), *DISPOSITION_SHARES]])
    drawn = draw(generator, shares, np.zeros(size, dtype=np.int64)) - 1
    is_withdrawn = (fate[:, [Slot.CANCELLED, Slot.DELETED]] != ABSENT).any(axis=1)
    disposition = np.where(is_withdrawn, NONE, drawn)
    rows = np.flatnonzero(disposition >= 0)
    soon = 1 + np.minimum(
        generator.exponential(ENDED_AFTER_SECONDS, len(rows)), effort.solution[rows] * 0.9
    ).astype(np.int64)
    ended = clocks.add(work.service[rows], work.created[rows], soon)
    fate[rows] = np.where(fate[rows] >= ended[:, None], ABSENT, fate[rows])
    fate[rows, Slot.DISPOSED] = ended
    is_complaint = ticket_type == COMPLAINT
    justified = (generator.random(size) < JUSTIFIED).astype(np.int64)
    cause = draw(generator, CAUSE_MIX, np.where(is_complaint, 2 - justified, 0))
    is_told = (is_complaint | (ticket_type == INCIDENT)) & (generator.random(size) < CAUSE_TOLD)
    return Findings(
        disposition,
        np.where(is_told, cause, NONE),
        np.where(is_told & is_complaint, justified, NONE),
    )
