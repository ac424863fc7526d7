"""Conversations: which messages are agents' replies, which turns they answer."""

from dataclasses import dataclass

from tests.reference.lives import Life


@dataclass(frozen=True)
class Message:
    """A public message that counts; `order` is its place among the ticket's events, `holder` who
    holds the ticket then."""

    order: int
    at: int
    is_reply: bool
    agent: str | None
    team: str | None
    holder: str | None


@dataclass(frozen=True)
class Reply:
    """An agent's reply, with the message that opened the turn it answers; or an unanswered turn."""

    replied: Message | None
    turn: Message | None


def messages(life: Life) -> list[Message]:
    """Agents' replies and requesters' messages in order.

    Machines do not reply. The opening message of a ticket an agent created is no reply.
    """
    creation = next((e for e in life.events if e.kind == "created"), None)
    by_agent = creation is not None and creation.actor == "agent"
    found: list[Message] = []
    is_first = True
    for order, event in enumerate(life.events):
        is_reply = event.kind == "public_reply" and event.actor in ("agent", None)
        if not is_reply and event.kind != "requester_reply":
            continue
        opens = (
            is_reply
            and event.is_told
            and is_first
            and by_agent
            and creation
            and event.at <= creation.at
        )
        is_first = False
        if not opens:
            state = life.states[order]
            found.append(Message(order, event.at, is_reply, event.agent, state.team, state.agent))
    return found


def agent_replies(life: Life) -> list[Message]:
    return [message for message in messages(life) if message.is_reply]


def replies(life: Life) -> list[Reply]:
    """Every agent's reply with the turn it answers, and the turn that waits for one."""
    found: list[Reply] = []
    turn: Message | None = None
    was_reply = False
    for message in messages(life):
        if message.is_reply:
            found.append(Reply(message, turn))
            turn = None
        elif was_reply and turn is None:
            turn = message
        was_reply = message.is_reply
    if turn is not None:
        found.append(Reply(None, turn))
    return found
