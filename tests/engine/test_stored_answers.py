"""The answers that all namespaces store are bounded together; what goes is counted, and made again."""

from __future__ import annotations

import pytest
from tests.api_facts import OWN
from tests.support import KEYS, Mock, json_of, scenario

from jobmock.engine.stored_answers import AnswerRoom, KeptReplies


class Answers(dict[str, int]):
    """Stored answers by name, with their sizes."""

    def __init__(self, room: AnswerRoom) -> None:
        super().__init__()
        self._room = room
        self.owners = dict[str, Owner]()

    def store(self, name: str, size: int) -> None:
        self[name] = size
        self._room.add(self.owners.setdefault(name, Owner(self, name)), size - 1_000)


class Owner:
    """Stores one answer."""

    def __init__(self, answers: Answers, name: str) -> None:
        self._answers, self._name = answers, name

    def drop_answer(self) -> None:
        del self._answers[self._name]


def test_room_of_all_answers() -> None:
    """Above the limit those go that were stored first. A new answer of the same job takes the place of the old one."""
    room = AnswerRoom(10_000)
    answers = Answers(room)
    for name in "abcd":
        answers.store(name, 2_500)
    answers.store("a", 2_500)
    assert (list(answers), room.dropped) == (["a", "b", "c", "d"], 0)
    answers.store("e", 3_000)
    assert (set(answers), room.dropped) == ({"a", "d", "e"}, 2)
    room.remove(answers.owners["d"])
    answers.store("f", 4_000)
    assert ({*answers} - {"d"}, room.dropped) == ({"a", "e", "f"}, 2)
    answers.store("g", 20_000)
    assert ({*answers} - {"d"}, room.dropped) == (set(), 6)


def test_replies_of_a_namespace() -> None:
    """A namespace keeps the replies to its newest idempotency keys, and fewer if all replies are too large."""
    room = AnswerRoom(50_000)
    replies, others = KeptReplies(room, most=3), KeptReplies(room)
    for number in range(5):
        replies.add("profile", str(number), number, 100)
    assert [replies.get("profile", str(number)) for number in range(5)] == [None, None, 2, 3, 4]
    assert (len(replies), room.dropped, replies.get("start", "4")) == (3, 0, None)
    others.add("profile", "4", "large", 47_000)
    assert (len(replies), room.dropped, others.get("profile", "4")) == (1, 2, "large")
    others.clear()
    replies.add("profile", "x", "large", 47_000)
    assert (len(replies), len(others), room.dropped) == (2, 0, 2)


@pytest.mark.parametrize("api", OWN)
def test_answers_to_polls_are_bounded(mock: Mock, api: str) -> None:
    """Large answers to polls are dropped above the limit, of whichever key; later polls see no difference."""
    text = "x" * 100_000
    steps = {"status": "completed", "body": {"other": text}}
    room = mock.service.namespaces.answers
    room._most = 1_000_000
    keys = [f"{KEYS[api]}{number}" for number in range(20)]
    jobs = {key: mock.play(api, scenario(api, steps), key) for key in keys}
    first = {key: mock.poll(api, job, key).body for key, job in jobs.items()}
    stored = [key for key, job in jobs.items() if mock.namespace(api, key).jobs[job].last_answer]
    assert stored == keys[-4:] and room.dropped == 16 and room._bytes < 1_000_000
    assert {key: mock.poll(api, job, key).body for key, job in jobs.items()} == first
    assert all(text in json_of(mock.poll(api, job, key))["other"] for key, job in jobs.items())
    for key in keys:
        mock.namespace(api, key).reset()
    assert (room._bytes, len(room._sizes)) == (0, 0)


def test_jobs_give_back_the_room_of_their_answers(mock: Mock) -> None:
    """A namespace that is closed gives back the room of its answers and kept replies."""
    namespaces = mock.service.namespaces
    job = mock.play("orbit", "orbit/at-once")
    profile = json_of(mock.poll("orbit", job))["result"]["id"]
    mock.send("GET", f"/v2/developer/profiles/{profile}", key=KEYS["orbit"], headers=((b"idempotency-key", b"x"),))
    assert len(namespaces.answers._sizes) == 2
    mock.namespace("clado", "lk_other")
    namespaces._close_oldest("more than 1 namespaces")
    assert (namespaces.answers._bytes, len(namespaces.answers._sizes)) == (0, 0)


def test_a_dropped_job_gives_back_the_room_of_its_answer(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that goes because its namespace has too many takes its answer with it."""
    monkeypatch.setattr("jobmock.engine.job_room.MAX_JOBS", 2)
    for _ in range(5):
        mock.poll("clado", mock.start("clado"))
    answers = mock.service.namespaces.answers
    assert (len(answers._sizes), answers.dropped) == (2, 0)
