import threading

from emotionart.data.pictures.memory import DecodingMemory


def test_threads_together_take_no_more_than_there_is() -> None:
    memory = DecodingMemory(10)
    lock, now, most = threading.Lock(), 0, 0

    def work(size: int) -> None:
        nonlocal now, most
        for _ in range(200):
            with memory.held():
                memory.take(size)
                with lock:
                    now += size
                    most = max(most, now)
                with lock:
                    now -= size

    threads = [threading.Thread(target=work, args=(size,)) for size in (3, 4, 6, 9, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert 9 < most <= 10


def test_who_holds_some_waits_for_nobody_and_gives_all_back_at_the_end() -> None:
    memory = DecodingMemory(10)
    with memory.held():
        memory.take(8)
        with memory.held():
            memory.take(8)
        other = threading.Thread(target=_take, args=(memory, 5))
        other.start()
        other.join(0.05)
        assert other.is_alive(), "what an inner block took is held until the outer one ends"
    other.join(60)
    assert not other.is_alive()


def _take(memory: DecodingMemory, size: int) -> None:
    with memory.held():
        memory.take(size)
