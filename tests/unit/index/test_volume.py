import os
import sys

import pytest

from photosearch.index import volume


def test_a_folder_and_what_is_in_it_share_a_volume(tmp_path):
    (tmp_path / "sub").mkdir()
    assert volume.volume_of(os.fsencode(tmp_path)) == volume.volume_of(os.fsencode(tmp_path / "sub"))


def test_what_is_not_there_has_no_volume(tmp_path):
    with pytest.raises(FileNotFoundError):
        volume.volume_of(os.fsencode(tmp_path / "nothing"))


@pytest.mark.parametrize(("kind", "remote"), [("ext4", False), ("cifs", True), ("fuse.sshfs", True)])
def test_network_drives_are_known_by_their_file_system(tmp_path, monkeypatch, kind, remote):
    device = tmp_path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 0:999 / / rw shared:1 - tmpfs tmpfs rw\n"
        f"23 1 {number} / /mnt/my\\040drive rw shared:2 - {kind} //host/share rw\n"
    )
    monkeypatch.setattr(volume, "MOUNTS", mounts)
    assert volume.is_remote(os.fsencode(tmp_path)) is (remote and sys.platform == "linux")
