import threading

import pytest

from photosearch.index.channel import Channel, Closed


def in_thread(work) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_items_come_in_order_until_every_sender_is_done():
    channel = Channel(10, senders=2)
    for item in range(3):
        channel.put(item)
    channel.done()
    channel.done()
    assert list(channel) == [0, 1, 2]
    with pytest.raises(Closed):
        channel.get()


def test_get_gives_up_after_its_timeout():
    with pytest.raises(TimeoutError):
        Channel(1).get(0.001)


def test_a_sender_waits_for_room():
    channel = Channel(2)
    sent = []

    def send():
        for item in range(50):
            sent.append(item)
            channel.put(item)
        channel.done()

    sender = in_thread(send)
    received = []
    for item in channel:
        assert sent[-1] <= item + 3  # two that wait, and one more that its sender holds
        received.append(item)
    sender.join()
    assert received == list(range(50))


def test_leaving_it_ends_every_wait():
    full, empty, ended = Channel(1), Channel(1), []
    full.put(0)

    def wait(work):
        try:
            work()
        except Closed:
            ended.append(True)

    with full, empty:
        threads = [in_thread(lambda: wait(lambda: full.put(1))), in_thread(lambda: wait(empty.get))]
    for thread in threads:
        thread.join(10)
    assert ended == [True, True]
    with pytest.raises(Closed):
        full.put(2)
