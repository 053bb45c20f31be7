"""The engine over a real library and real decoders, with a small encoder."""

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from photosearch import settings
from photosearch.core import messages, model_messages, search_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.progress import IndexReport
from photosearch.decode.pool import DecoderPool
from photosearch.engine import endpoint, folders, service, upkeep
from photosearch.engine.lock import LibraryInUse
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.index import scanner, watcher
from photosearch.models.catalog import ModelInfo
from photosearch.models.loading import LoadedEncoder
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.engine import ask, engine_of, refusal, search
from tests.helpers.heard import Heard
from tests.helpers.photos import make_photo
from tests.helpers.processes import wait_for


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def index(engine: Engine, *folders: Path) -> IndexReport:
    report: IndexReport = ask(engine, messages.Index([os.fsencode(folder) for folder in folders])).report
    return report


def status(engine: Engine) -> messages.Status:
    found: messages.Status = ask(engine, messages.GetStatus())
    return found


def test_photos_are_indexed_found_and_forgotten(engine: Engine, photos: Path) -> None:
    for color in ("red", "green", "blue"):
        make_photo(photos / f"{color}.png", color=color)
    report = index(engine, photos)
    assert (report.indexed, report.unchanged, report.failed) == (3, 0, 0)
    assert Path(search(engine, "blue").hits[0].path).name == "blue.png"

    (photos / "blue.png").unlink()
    (photos / "red.png").rename(photos / "crimson.png")
    report = index(engine, photos)
    assert (report.indexed, report.unchanged, report.moved, report.removed) == (0, 1, 1, 1)
    assert {Path(hit.path).name for hit in search(engine, "blue").hits} == {"crimson.png", "green.png"}


def test_a_photo_finds_others_like_it(engine: Engine, photos: Path) -> None:
    make_photo(photos / "red.png", color=(220, 30, 30))
    make_photo(photos / "also red.png", color=(215, 35, 30))
    make_photo(photos / "blue.png", color="blue")
    index(engine, photos)
    red = next(hit for hit in search(engine, "red").hits if hit.path.endswith("/red.png"))
    reply = engine.handle(search_messages.Similar(red.photo_id, 2))
    assert isinstance(reply, search_messages.SearchResult)
    assert Path(reply.hits[0].path).name == "also red.png"


def test_status_counts(engine: Engine, photos: Path) -> None:
    make_photo(photos / "red.png", color="red")
    (photos / "broken.jpg").write_bytes(b"no picture")
    index(engine, photos)
    found = status(engine)
    assert (found.photos, found.searchable, found.failures) == (1, 1, 1)
    assert [(folder.path_bytes, folder.photos, folder.state) for folder in found.folders] == [
        (os.fsencode(photos.resolve()), 1, "here")
    ]
    assert found.model_ready
    assert not found.watching


def test_a_removed_folder_is_no_longer_found(engine: Engine, photos: Path) -> None:
    make_photo(photos / "red.png", color="red")
    index(engine, photos)
    assert engine.handle(messages.RemoveFolder(os.fsencode(photos))) == messages.Done()
    assert search(engine, "red").hits == []
    assert status(engine).folders == []
    assert "not one of" in refusal(engine, messages.RemoveFolder(os.fsencode(photos)))


def test_a_folder_inside_a_known_one_brings_that_one_up_to_date(engine: Engine, photos: Path) -> None:
    (photos / "inner").mkdir()
    make_photo(photos / "red.png", color="red")
    index(engine, photos)
    make_photo(photos / "blue.png", color="blue")
    assert index(engine, photos / "inner").indexed == 1
    assert len(status(engine).folders) == 1


@pytest.mark.parametrize("what", ["missing", "file", "library"])
def test_what_is_no_folder_of_photos_is_refused(
    engine: Engine, photos: Path, library: Library, what: str
) -> None:
    path = {"missing": photos / "missing", "file": photos / "a.txt", "library": library.models}[what]
    (photos / "a.txt").touch()
    sentence = refusal(engine, messages.Index([os.fsencode(photos), os.fsencode(path)]))
    assert str(path) in sentence
    assert status(engine).folders == []  # none was added for the sake of one that cannot be


def test_a_path_that_is_not_unicode_is_named_in_the_refusal(engine: Engine) -> None:
    assert "there" in refusal(engine, messages.AddFolder(b"/not \xff there"))


@pytest.mark.parametrize("text", ["", " \n ", "x" * 100_000])
def test_a_query_that_is_none_is_refused(engine: Engine, text: str) -> None:
    assert refusal(engine, search_messages.Search(text)).endswith((".", "beach"))


def test_a_second_engine_is_refused(library: Library, engine: Engine) -> None:
    with pytest.raises(LibraryInUse, match="Another PhotoSearch is using"), engine_of(library):
        pass


def test_who_is_at_work_on_a_library_is_said_and_how_to_end_it(library: Library, engine: Engine) -> None:
    with Server(library, engine), pytest.raises(LibraryInUse) as refused, engine_of(library):
        pass
    told = str(refused.value)
    assert f"process {os.getpid()}" in told
    assert f"{os.getpid()} and try again" in told  # after the command that ends it
    endpoint.publish(library, endpoint.Endpoint("nowhere", b"", 2**22 + 1))  # has gone
    with pytest.raises(LibraryInUse, match="Another PhotoSearch is using"), engine_of(library):
        pass


def test_what_killed_writing_left_is_cleared_away(library: Library) -> None:
    library.backups.mkdir(parents=True)
    lesson = library.lessons / "0123456789abcdef"
    for folder in (library.lessons, lesson):  # a lesson on its way, and a change to one that is there
        unfinished = folder / ".photosearch-1.partial" / "half"
        unfinished.mkdir(parents=True)
        (unfinished / "lesson.safetensors").touch()
    for file in (library.root / ".photosearch-2.partial", library.backups / ".photosearch-3.partial"):
        file.touch()
    with engine_of(library):
        assert not list(library.root.rglob("*.partial"))
        assert lesson.is_dir()


def test_a_library_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KnownError, match="is a file"), engine_of(Library(tmp_path / "file"), None):
        pass


def test_an_unknown_model_is_refused(library: Library) -> None:
    with pytest.raises(KnownError, match="no model 'nope'"), engine_of(library, "nope"):
        pass


def test_the_chosen_model_is_remembered(library: Library, photos: Path) -> None:
    make_photo(photos / "red.png", color="red")
    with engine_of(library) as engine:
        index(engine, photos)
        model = status(engine).model
    with engine_of(library, None) as engine:
        assert status(engine).model == model
        assert search(engine, "red").model == model


def test_another_model_gets_vectors_of_its_own(library: Library, photos: Path) -> None:
    make_photo(photos / "red.png", color="red")
    with engine_of(library) as engine:
        index(engine, photos)
        old = status(engine).model
    describe_model(library, "other")
    with engine_of(library, "other") as engine:
        new = status(engine).next_model
        assert status(engine).model == old != new
        assert index(engine, photos).indexed == 1
        assert (status(engine).model, status(engine).next_model) == (new, "")
        assert search(engine, "red").model == new
        assert len(search(engine, "red").hits) == 1


def test_the_old_model_answers_until_the_new_one_knows_every_photo(library: Library, photos: Path) -> None:
    for color in ("red", "green"):
        (photos / color).mkdir()
        make_photo(photos / color / f"{color}.png", color=color)
    with engine_of(library) as engine:
        index(engine, photos / "red", photos / "green")
        old = status(engine).model
    describe_model(library, "other")
    with engine_of(library, "other") as engine:
        new = status(engine).next_model
        assert index(engine, photos / "red").model == new
        assert status(engine).model == old
        answer = search(engine, "green")
        assert (answer.model, len(answer.hits)) == (old, 2)
    with engine_of(library, None) as engine:  # goes on where it was, without being told
        assert (status(engine).model, status(engine).next_model) == (old, new)
        assert index(engine, photos / "red", photos / "green").indexed == 1
        assert status(engine).model == new
    with engine_of(library, None) as engine:
        assert (status(engine).model, status(engine).next_model) == (new, "")


def test_a_search_that_waits_for_a_model_is_answered_by_the_one_that_takes_its_place(
    library: Library, photos: Path
) -> None:
    make_photo(photos / "red.png", color="red")
    with engine_of(library) as engine:
        index(engine, photos)
        old = status(engine).model
    describe_model(library, "other")
    with engine_of(library, "other") as engine:
        index(engine, photos)
        new = status(engine).model
    loading, may_load = threading.Event(), threading.Event()

    def load(info: ModelInfo, library: Library) -> LoadedEncoder:
        if info.model_id == new:
            loading.set()
            may_load.wait(30)
        return load_colours(info, library)

    replies: list[messages.AnyReply] = []
    with Engine(library, background=False, load=load) as engine:
        asking = threading.Thread(target=lambda: replies.append(engine.handle(search_messages.Search("red"))))
        asking.start()
        assert loading.wait(30)
        assert engine.handle(model_messages.ChangeModel(old)) == messages.Done()  # back, which is at once
        asking.join(30)
        may_load.set()
    (answer,) = replies
    assert isinstance(answer, search_messages.SearchResult), answer
    assert (answer.model, len(answer.hits)) == (old, 1)


def test_a_picture_that_is_being_read_for_a_model_that_goes_is_read_for_the_one_that_takes_its_place(
    library: Library, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_photo(photos / "red.png", color="red")
    with engine_of(library) as engine:
        index(engine, photos)
    describe_model(library, "other")
    picture = make_photo(tmp_path / "like.png", color="red")
    asked, changed = threading.Event(), threading.Event()
    really = DecoderPool.decode

    def decode(pool: DecoderPool, path: bytes, *more: Any) -> Any:
        if path == os.fsencode(picture):
            asked.set()
            assert changed.wait(60)
        return really(pool, path, *more)

    monkeypatch.setattr(DecoderPool, "decode", decode)
    replies: list[messages.AnyReply] = []
    with engine_of(library, "other") as engine:
        new = status(engine).next_model
        search_for = search_messages.Search(f'like:"{picture}"')
        asking = threading.Thread(target=lambda: replies.append(engine.handle(search_for)))
        asking.start()
        assert asked.wait(60)
        index(engine, photos)
        changed.set()
        asking.join(60)
    (answer,) = replies
    assert isinstance(answer, search_messages.SearchResult), answer
    assert (answer.model, len(answer.hits)) == (new, 1)


def test_a_pause_of_the_persons_outlives_one_for_the_battery(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Writer.open(library) as writer:
        writer.set_setting(settings.PAUSE_ON_BATTERY, settings.YES)
    monkeypatch.setattr(upkeep, "runs_on_battery", lambda: True)
    monkeypatch.setattr(service, "SECONDS_BETWEEN_LOOKS", 0.01)
    heard = Heard()
    with engine_of(library, background=True) as engine:
        engine.subscribe(heard)
        heard.until_any(is_paused)
        engine.handle(messages.SetPaused(True))
        looks = threading.Semaphore(0)
        monkeypatch.setattr(upkeep, "runs_on_battery", lambda: bool(looks.release()))
        for _ in range(3):
            assert looks.acquire(timeout=60)
        assert status(engine).progress.state == "paused"
        engine.handle(messages.SetPaused(False))
        assert status(engine).progress.state != "paused"


def is_paused(event: messages.AnyEvent) -> bool:
    return isinstance(event, messages.ProgressChanged) and event.progress.state == "paused"


def test_a_kill_between_taking_over_and_forgetting_the_change_does_no_harm(
    library: Library, photos: Path
) -> None:
    make_photo(photos / "red.png", color="red")
    with engine_of(library) as engine:
        index(engine, photos)
        model = status(engine).model
    with Writer.open(library) as writer:
        writer.set_setting(settings.NEXT_MODEL, model)
    with engine_of(library, None) as engine:
        assert (status(engine).model, status(engine).next_model) == (model, "")


def test_a_wanted_model_that_cannot_be_loaded_leaves_the_old_one_in_place(
    library: Library, photos: Path
) -> None:
    make_photo(photos / "red.png", color="red")
    with engine_of(library) as engine:
        index(engine, photos)
        old = status(engine).model

    def load(info: ModelInfo, library: Library) -> LoadedEncoder:
        if info.model_id != old:
            raise KnownError("The weights are damaged.")
        return load_colours(info, library)

    describe_model(library, "other")
    with Engine(library, "other", background=False, load=load) as engine:
        assert refusal(engine, messages.Index([os.fsencode(photos)])) == "The weights are damaged."
        assert search(engine, "red").model == old
    with engine_of(library, None) as engine:
        assert (status(engine).model, status(engine).next_model) == (old, "")


def test_a_model_that_cannot_be_loaded_fails_searches_and_nothing_else(
    library: Library, photos: Path
) -> None:
    def load(info: ModelInfo, library: Library) -> LoadedEncoder:
        raise KnownError("The weights are damaged.")

    heard = Heard()
    with Engine(library, MODEL, load=load) as engine:
        engine.subscribe(heard)
        assert refusal(engine, search_messages.Search("red")) == "The weights are damaged."
        assert refusal(engine, messages.Index([os.fsencode(photos)])) == "The weights are damaged."
        assert not status(engine).model_ready
        late = Heard()
        engine.subscribe(late)
        late.until(messages.Problem(Sentence("The weights are damaged.")))


def test_an_idle_engine_begins_its_background_for_a_face_that_stays(library: Library, photos: Path) -> None:
    make_photo(photos / "red.png", color="red")
    with engine_of(library) as engine:
        index(engine, photos)
    make_photo(photos / "green.png", color="green")
    with Engine(library, idle=True, load=load_colours) as engine:
        assert [Path(hit.path).name for hit in search(engine, "green").hits] == ["red.png"]
        assert not status(engine).watching
        heard = Heard()
        engine.subscribe(heard)
        heard.until(messages.PhotosChanged(2))
        assert status(engine).watching


def test_in_the_background_folders_are_rescanned_and_watched(library: Library, photos: Path) -> None:
    make_photo(photos / "red.png", color="red")
    with engine_of(library) as engine:
        index(engine, photos)
    make_photo(photos / "green.png", color="green")
    with engine_of(library, None, background=True) as engine:
        heard = Heard()
        engine.subscribe(heard)
        heard.until(messages.PhotosChanged(2))
        assert status(engine).watching
        make_photo(photos / "blue.png", color="blue")
        heard.until(messages.PhotosChanged(3))
        assert Path(search(engine, "blue").hits[0].path).name == "blue.png"


def test_a_folder_that_was_away_between_two_looks_is_here_again(
    library: Library, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "LOOK_EVERY", 600.0)
    make_photo(photos / "red.png", color="red")
    with engine_of(library, None, background=True) as engine:
        index(engine, photos)
        make_photo(photos / "blue.png", color="blue")
        wait_for(lambda: status(engine).photos == 2)  # it is watched by now
        photos.rename(tmp_path / "for a moment")
        engine.handle(messages.Rescan())
        wait_for(lambda: [folder.state for folder in status(engine).folders] == ["gone"])
        (tmp_path / "for a moment").rename(photos)
        (tmp_path / "other").mkdir()
        engine.handle(messages.AddFolder(os.fsencode(tmp_path / "other")))  # which is a reason to look
        wait_for(lambda: [folder.state for folder in status(engine).folders] == ["here", "here"])


def test_a_pause_stops_indexing_and_no_search(engine: Engine, photos: Path) -> None:
    make_photo(photos / "red.png", color="red")
    index(engine, photos)
    engine.handle(messages.SetPaused(True))
    assert status(engine).progress.state == "paused"
    make_photo(photos / "blue.png", color="blue")
    engine.handle(messages.Rescan())
    assert len(search(engine, "red").hits) == 1
    heard = Heard()
    engine.subscribe(heard)
    engine.handle(messages.SetPaused(False))
    heard.until(messages.PhotosChanged(2))


def test_asking_to_index_ends_a_pause(engine: Engine, photos: Path) -> None:
    make_photo(photos / "red.png", color="red")
    engine.handle(messages.SetPaused(True))
    assert index(engine, photos).indexed == 1
    assert status(engine).progress.state == "idle"


def test_closing_in_the_middle_keeps_what_is_done_and_goes_on_later(library: Library, photos: Path) -> None:
    for seed in range(40):
        make_photo(photos / f"{seed}.png", seed)
    replies: list[messages.AnyReply] = []
    heard = Heard()
    with engine_of(library) as engine:
        engine.subscribe(heard)
        request = messages.Index([os.fsencode(photos)])
        asking = threading.Thread(target=lambda: replies.append(engine.handle(request)))
        asking.start()
        heard.until_any(lambda event: isinstance(event, messages.PhotosChanged) and event.photos > 0)
    asking.join(30)
    with engine_of(library) as engine:
        done = status(engine).photos
        report = index(engine, photos)
        assert report.indexed + done == 40
        assert done > 0


def test_a_failed_file_is_read_again_when_that_is_asked_for(engine: Engine, photos: Path) -> None:
    broken = photos / "broken.jpg"
    broken.write_bytes(b"no picture")
    index(engine, photos)
    before = broken.stat()
    make_photo(photos / "good.png", color="red")
    broken.write_bytes((photos / "good.png").read_bytes()[: before.st_size].ljust(before.st_size))
    os.utime(broken, ns=(before.st_atime_ns, before.st_mtime_ns))
    heard = Heard()
    engine.subscribe(heard)
    assert engine.handle(messages.RetryFailures()) == messages.Done()
    heard.until_any(lambda event: isinstance(event, messages.JobsChanged) and event.jobs == ())


@pytest.mark.parametrize("asked", ["index", "rescan", "folder"])
def test_who_asks_for_a_folder_has_what_failed_in_it_read_again(
    engine: Engine, photos: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr(scanner, "keeps_change_times", lambda device: False)
    file = make_photo(photos / "a.png", color="red")
    whole, status = file.read_bytes(), file.stat()
    file.write_bytes(b"x" * len(whole))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert index(engine, photos).failed == 1
    file.write_bytes(whole)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))  # it looks the same
    if asked == "index":
        assert index(engine, photos).indexed == 1
        return
    heard = Heard()
    engine.subscribe(heard)
    engine.handle(messages.Rescan() if asked == "rescan" else messages.AddFolder(os.fsencode(photos)))
    heard.until_any(lambda event: isinstance(event, messages.PhotosChanged) and event.photos == 1)


def test_what_is_left_out_goes_at_once_and_comes_back(library: Library, photos: Path) -> None:
    make_photo(photos / "a.png", color="red")
    make_photo(photos / "small.png", color="blue", size=(10, 10))
    with engine_of(library, None, background=True) as engine:
        index(engine, photos)
        for key, value in (("exclude", "SMALL.*"), ("smallest_edge", "20")):
            for setting, photos_left in ((value, 1), (settings.SETTINGS[key].default, 2)):
                heard = Heard()
                engine.subscribe(heard)
                engine.handle(messages.ChangeSetting(key, setting))
                heard.until(messages.PhotosChanged(photos_left))


def test_a_folder_that_is_not_there_is_said_to_be_gone_or_away(
    engine: Engine, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_photo(photos / "a.png", 1)
    index(engine, photos)
    heard = Heard()
    engine.subscribe(heard)
    photos.rename(photos.with_name("elsewhere"))
    said = refusal(engine, messages.Index([os.fsencode(photos)]))
    assert said.startswith(f"The folder {photos} is not there any more")
    assert said.endswith(f"photosearch folders remove {photos}")
    engine.handle(messages.Rescan())
    heard.until_any(
        lambda event: isinstance(event, messages.FoldersChanged) and event.folders[0].state == "gone"
    )
    photos.touch()  # a file in its place is no folder either
    status = engine.handle(messages.GetStatus())
    assert isinstance(status, messages.Status) and status.folders[0].state == "gone"
    photos.unlink()
    monkeypatch.setattr(folders, "volume_of", lambda path: "the system's own")
    status = engine.handle(messages.GetStatus())
    assert isinstance(status, messages.Status) and status.folders[0].state == "away"
    said = refusal(engine, messages.Index([os.fsencode(photos)]))
    assert said.startswith(f"The folder {photos} is away")
    assert refusal(engine, messages.Index([os.fsencode(photos.parent / "never")])).startswith("There is no")


def test_a_job_ended_by_the_person_says_so(engine: Engine, photos: Path) -> None:
    for seed in range(40):
        make_photo(photos / f"{seed}.png", seed)
    heard = Heard()
    engine.subscribe(heard)
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(refusal, engine, messages.Index([os.fsencode(photos)]))
        heard.until_any(lambda event: isinstance(event, messages.JobsChanged) and bool(event.jobs))
        try:
            engine.handle(messages.SetPaused(True))
            listed = engine.handle(messages.GetJobs())
            assert isinstance(listed, messages.JobList)
            (job,) = listed.jobs
            engine.handle(messages.CancelJob(job.job_id))
            sentence = asked.result(30)
        finally:
            engine.handle(messages.SetPaused(False))  # else the thread is waited for in vain
    assert sentence.startswith("The job was ended; what it has done is kept. Look through its folders again")
    heard.until_any(lambda event: isinstance(event, messages.JobsChanged) and event.jobs == ())


def test_a_folder_that_is_removed_while_it_is_read_is_gone_at_once(engine: Engine, photos: Path) -> None:
    make_photo(photos / "red.png", color="red")
    index(engine, photos)
    for seed in range(40):
        make_photo(photos / f"{seed}.png", seed)
    heard = Heard()
    engine.subscribe(heard)
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(refusal, engine, messages.Index([os.fsencode(photos)]))
        try:
            heard.until_any(
                lambda event: (
                    isinstance(event, messages.JobsChanged) and any(job.running for job in event.jobs)
                )
            )
            engine.handle(messages.SetPaused(True))
            engine.handle(messages.RemoveFolder(os.fsencode(photos)))
            sentence = asked.result(30)  # paused or not
        finally:
            engine.handle(messages.SetPaused(False))
    assert sentence == f"{photos} was removed from the library meanwhile."
    reply = engine.handle(search_messages.Search("red", 5))
    assert isinstance(reply, search_messages.SearchResult) and reply.searched == 0


def test_what_goes_wrong_before_a_face_is_there_is_told_to_the_first(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = threading.Event()

    def full(*_: object) -> None:
        met.set()
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    with Writer.open(library) as writer:
        writer.add_folder(os.fsencode(photos), "")
    monkeypatch.setattr("photosearch.index.watcher.Watcher._probe", full)
    with engine_of(library, background=True) as engine:
        assert met.wait(60)
        heard = Heard()
        engine.subscribe(heard)
        heard.until_any(
            lambda event: isinstance(event, messages.Problem) and "more folders" in str(event.sentence)
        )


def test_a_fault_of_its_own_is_told_to_who_asked_and_written_down(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with engine_of(library) as engine:
        with monkeypatch.context() as broken:
            broken.setattr(Reader, "counts", lambda *_: 1 / 0)
            assert "met an error of its own" in refusal(engine, messages.GetStatus())
        assert "ZeroDivisionError" in caplog.text
        assert ask(engine, messages.GetStatus()).photos == 0
