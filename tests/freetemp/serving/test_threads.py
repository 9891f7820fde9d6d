"""Threads take requests in their order, and those that are not needed stay without one."""

import time
from queue import SimpleQueue
from threading import Event, current_thread

from freetemp.serving.threads import Threads


def wait_until(is_so):
    ends_at = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.001)


def test_the_thread_that_was_busy_last_takes_the_next_request():
    took = SimpleQueue()
    threads = Threads(4, lambda _: took.put(current_thread().name))
    for number in range(20):
        wait_until(lambda: len(threads._idle) == 4)
        threads.submit(number)
    assert len({took.get(timeout=30) for _ in range(20)}) == 1


def test_requests_beyond_the_threads_wait_and_are_answered_in_their_order():
    may_go, answered = Event(), SimpleQueue()

    def work(number):
        may_go.wait(30)
        answered.put((number, current_thread().name))

    threads = Threads(2, work)
    for number in range(5):
        threads.submit(number)
    assert threads.waiting() == 3
    may_go.set()
    numbers, names = zip(*[answered.get(timeout=30) for _ in range(5)], strict=True)
    assert sorted(numbers) == list(range(5))
    assert len(set(names)) <= 2
    assert threads.waiting() == 0


def test_a_single_thread_answers_one_after_the_other():
    may_go, answered = Event(), SimpleQueue()
    threads = Threads(1, lambda number: (may_go.wait(30), answered.put(number)))
    for number in range(5):
        threads.submit(number)
    may_go.set()
    assert [answered.get(timeout=30) for _ in range(5)] == list(range(5))
