import threading

import torch

from photosearch.models.torch.threads import single_core_threads


def cores_in_a_new_thread() -> int:
    found = []
    thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return found[0]


def test_its_threads_use_one_core_and_all_others_as_many_as_before():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with single_core_threads(2) as executor:
            barrier = threading.Barrier(2)
            futures = [
                executor.submit(lambda: (barrier.wait(), torch.get_num_threads(), threading.get_ident()))
                for _ in range(2)
            ]
            results = [future.result() for future in futures]
            assert [cores for _, cores, _ in results] == [1, 1]
            assert len({ident for _, _, ident in results}) == 2
            assert torch.get_num_threads() == 3
            assert cores_in_a_new_thread() == 3
    finally:
        torch.set_num_threads(before)
