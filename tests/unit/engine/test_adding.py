"""Taking a model in, with something else in the trainer's place, and deleting it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import pytest

from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.core.model_messages import Adding, AddingChanged, ChangeModel, GetModels
from photosearch.engine.adding import AddingJob, add_model
from photosearch.engine.service import Engine
from photosearch.engine.trainer_child import TRAINER, TrainerLine
from photosearch.extras import GPU
from photosearch.models import catalog, downloads
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.engine import ask, refusal
from tests.helpers.exported_models import EXPORTED
from tests.helpers.int8_model import make_int8
from tests.helpers.processes import wait_for


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def trainer(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


STAGE = 'print(\'{"event": "stage", "stage": "building"}\', flush=True)\n'


def test_a_fault_of_the_trainer_is_kept_in_a_log(library: Library) -> None:
    with pytest.raises(KnownError, match=r"could not be added; .*adding\.txt says more"):
        add_model(library, "x", trainer=trainer("print('what?', flush=True); raise ZeroDivisionError"))
    assert "ZeroDivisionError" in (library.logs / "adding.txt").read_text()
    assert list(library.models.iterdir()) == []


def test_it_is_not_kept_from_it_by_a_folder_of_the_engines_that_is_gone(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()
    with pytest.raises(KnownError, match=r"could not be added; .*adding.txt says more"):
        add_model(library, "owner/model", trainer=trainer("raise SystemExit(3)"))


def test_a_stop_in_its_midst_leaves_nothing(library: Library) -> None:
    def stop(line: TrainerLine) -> None:
        raise KeyboardInterrupt

    slow = trainer(STAGE + "import time; time.sleep(1000)")
    with pytest.raises(KeyboardInterrupt):
        add_model(library, "x", on_line=stop, trainer=slow)
    assert list(library.models.iterdir()) == []


def test_only_an_id_of_the_hub_may_use_the_network(library: Library, tmp_path: Path) -> None:
    code = "import os, sys; sys.exit(str(os.environ.get('HF_HUB_OFFLINE')) + ' ' + sys.argv[-1])"
    for source, said in ((str(tmp_path), f"1 {tmp_path}"), ("google/siglip", "None google/siglip")):
        with pytest.raises(KnownError):
            add_model(library, source, trainer=trainer(code))
        assert (library.logs / "adding.txt").read_text().strip() == said


def test_one_at_a_time_and_what_a_killed_one_left_goes(library: Library) -> None:
    left = library.models / ".adding" / "model"
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"half a mo")
    with (
        filelock.FileLock(library.root / "adding.lock"),
        pytest.raises(KnownError, match="Another model is being added"),
    ):
        add_model(library, str(EXPORTED / "tiny"))
    assert left.is_dir()
    info, notes = add_model(library, str(EXPORTED / "tiny"))
    assert (list(library.models.iterdir()), notes) == ([info.path], ())


def test_a_model_is_deleted_with_the_same_in_8_bits_and_neither_while_one_is_in_use(
    library: Library,
) -> None:
    make_int8(library.models / "tiny")
    one, int8 = catalog.available(library)[-2:]
    assert (int8.int8, int8.path) == (True, one.path)
    with Writer.open(library) as writer:
        writer.set_setting("model", int8.model_id)
    with Engine(library) as engine:
        for model in (one, int8):
            assert "in use" in refusal(engine, messages.ForgetModel(model.model_id))
        assert "came with the program" in refusal(engine, messages.ForgetModel(catalog.default().model_id))
    with Writer.open(library) as writer:
        writer.set_setting("model", "")
    with Engine(library) as engine:
        ask(engine, messages.ForgetModel(int8.model_id))
        assert "No model of that id" in refusal(engine, messages.ForgetModel(one.model_id))
    assert list(library.models.iterdir()) == []


LINES = [{"event": "stage", "stage": "fetching", "done": 3, "total": 9}, {"event": "done", "total": 9}]


@pytest.fixture
def told(library: Library) -> Iterator[Callable[[tuple[str, ...]], tuple[AddingJob, list[Adding]]]]:
    """Makes a job with something else in the trainer's place, and what it publishes of itself."""
    jobs = []

    def make(code: tuple[str, ...]) -> tuple[AddingJob, list[Adding]]:
        said: list[Adding] = []

        def publish(event: messages.AnyEvent) -> None:
            if isinstance(event, AddingChanged):
                said.append(event.adding)

        jobs.append(AddingJob(library, publish, code))
        return jobs[-1], said

    yield make
    for job in jobs:
        job.close()


def until(said: list[Adding], phase: str) -> Adding:
    """Wait until the job is there."""
    wait_for(lambda: bool(said) and said[-1].phase == phase)
    return said[-1]


def test_how_much_a_hubs_model_downloads_is_found_out_first(told) -> None:
    line = json.dumps({**LINES[-1], "takes_torch": True}).replace("true", "True")
    code = f"import json, sys; assert '--dry-run' in sys.argv; print(json.dumps({line}))"
    job, said = told(trainer(code))
    job.ask("some/model")
    assert until(said, "asked") == Adding("asked", "some/model", total=9, takes_torch=True)
    job.stop()
    assert said[-1] == Adding()


def test_a_question_that_is_answered_no_deletes_nothing_that_came_before(told, library: Library) -> None:
    files = downloads.begin(library.downloads, "some/model", 9)
    (files / "model.safetensors.part").write_bytes(b"abc")
    job, said = told(trainer(f"print('{json.dumps(LINES[-1])}')"))
    job.ask("some/model")
    until(said, "asked")
    job.stop()
    assert said[-1] == Adding("paused", "some/model", done=3, total=9)


def test_what_is_here_is_not_asked_for(told, library: Library) -> None:
    make_int8(library.models / "tiny")
    config = library.models / "tiny" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "source": "some/tiny"}))
    job, said = told(TRAINER)
    with pytest.raises(KnownError, match="is here already, as tiny"):
        job.ask("some/tiny")
    assert not said


def test_one_that_was_asked_for_and_waits_in_vain_for_torch_is_kept_with_its_size(
    told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GPU, "installed", lambda: None)
    monkeypatch.setattr(GPU, "fetched", lambda: None)
    job, said = told(trainer(f"print('{json.dumps(LINES[-1])}')"))
    job.ask("some/model")
    until(said, "asked")
    job.go_on("some/model")
    assert said[-1] == Adding("paused", "some/model", total=9)


def test_a_model_is_taken_in_beside_everything_else(told, library: Library) -> None:
    job, said = told(TRAINER)
    job.add(str(EXPORTED / "tiny"))
    with pytest.raises(KnownError, match="Another model is being added"):
        job.add(str(EXPORTED / "other"))
    assert until(said, "idle").added == "tiny"
    assert "checking" in {state.stage for state in said}
    assert catalog.find("tiny", library).path.parent == library.models
    job.add(str(EXPORTED / "tiny"))
    assert "is here already, as tiny" in str(until(said, "idle").sentence)


def test_a_trainer_that_the_system_killed_is_told_as_that(told) -> None:
    job, said = told(trainer("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    job.add("some/model")
    assert "as it does when memory runs out" in str(until(said, "idle").sentence)


def test_one_that_is_stopped_is_no_failure_and_leaves_nothing(told, library: Library) -> None:
    job, said = told(trainer(f"print('{json.dumps(LINES[0])}', flush=True); import time; time.sleep(1000)"))
    job.add("some/model")
    wait_for(lambda: said[-1].done == 3)
    assert said[-1] == Adding("adding", "some/model", "fetching", 3, 9)
    job.stop()
    assert said[-1] == Adding()
    assert list(library.models.iterdir()) == []


def test_the_models_are_listed_with_what_each_is_to_the_library(library: Library) -> None:
    make_int8(library.models / "tiny")
    with Engine(library) as engine:
        bundled, tiny = ask(engine, GetModels()).models
        assert (bundled.state, bundled.added, tiny.state, tiny.added) == ("answers", False, "here", True)
        ask(engine, ChangeModel("tiny"))
        assert [model.state for model in ask(engine, GetModels()).models] == [
            "here",
            "answers",
        ]  # it has no photo to read


def test_a_file_of_a_model_stands_for_its_folder(library: Library) -> None:
    info, _ = add_model(library, str(EXPORTED / "tiny" / "model.safetensors"))
    assert info.name == "tiny"


BEGIN = """
import json, sys, time
from pathlib import Path
from photosearch.models import downloads
root = Path(sys.argv[sys.argv.index("--downloads") + 1])
files = downloads.begin(root, sys.argv[-1], 9)
(files / "model.safetensors.part").write_bytes(b"abc")
print(json.dumps({"event": "stage", "stage": "fetching", "done": 3, "total": 9}), flush=True)
"""
PAUSED = Adding("paused", "some/model", done=3, total=9)


def test_a_download_is_paused_gone_on_with_and_given_up(told, library: Library) -> None:
    job, said = told(trainer(BEGIN + "time.sleep(1000)"))
    job.pause()
    assert said == []
    job.add("some/model")
    wait_for(lambda: said[-1].done == 3)
    job.pause()
    assert said[-1] == PAUSED
    again, told_again = told(trainer(BEGIN + "time.sleep(1000)"))
    assert again.state == PAUSED  # as after a kill
    again.add("some/model")
    wait_for(lambda: told_again[-1].done == 3)
    again.close()
    assert told_again[-1] == PAUSED
    job.stop("another/model")
    assert said[-1] == PAUSED
    job.stop("some/model")
    assert said[-1] == Adding()
    assert list(library.downloads.iterdir()) == []


def test_what_was_downloaded_stays_where_getting_it_fails(told, library: Library) -> None:
    code = BEGIN + 'print(json.dumps({"event": "failed", "sentence": {"template": "No.", "values": {}}}))\n'
    job, said = told(trainer(code + "sys.exit(1)"))
    job.add("some/model")
    failed = until(said, "paused")
    assert (failed.source, failed.done, str(failed.sentence)) == ("some/model", 3, "No.")


def test_an_endpoint_that_is_no_address_is_refused_with_what_is_one(library: Library) -> None:
    with pytest.raises(KnownError, match=r"begins with https:// or http://, not ftp://nonsense"):
        add_model(library, "some/model", environment={"HF_ENDPOINT": "ftp://nonsense"})


def test_an_empty_endpoint_is_none(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "")
    code = "import os, sys; sys.exit(str(os.environ.get('HF_ENDPOINT')))"
    with pytest.raises(KnownError, match="could not be added"):
        add_model(library, "some/model", trainer=trainer(code))
    assert (library.logs / "adding.txt").read_text().strip() == "None"


def test_the_mirror_of_the_settings_is_asked(library: Library) -> None:
    with Writer.open(library) as writer:
        writer.set_setting("hub_mirror", "https://hub.example.org/")
    code = "import os, sys; sys.exit(os.environ['HF_ENDPOINT'] + os.environ['HF_HUB_DISABLE_TELEMETRY'])"
    with pytest.raises(KnownError):
        add_model(library, "some/model", trainer=trainer(code))
    assert (library.logs / "adding.txt").read_text().strip() == "https://hub.example.org1"


def test_a_model_of_the_catalogue_is_called_what_the_catalogue_calls_it(library: Library) -> None:
    with pytest.raises(KnownError):
        add_model(
            library,
            "google/siglip2-base-patch16-224",
            trainer=trainer("import sys; sys.exit(' '.join(sys.argv))"),
        )
    assert "--name=SigLIP 2 B/16 " in (library.logs / "adding.txt").read_text()
