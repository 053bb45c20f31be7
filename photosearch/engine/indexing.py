"""Keeping a library up to date with its folders, and telling of it as it goes."""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import CancelledError
from typing import get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core import messages, model_messages, teaching_messages
from photosearch.core.errors import Cancelled, KnownError, Sentence
from photosearch.core.progress import Control, IndexReport, Progress
from photosearch.engine.events import Events
from photosearch.engine.fitted_labels import OwnLabels
from photosearch.engine.folders import Folders
from photosearch.engine.handlers import Handlers
from photosearch.engine.jobs import IndexJobs, PausedBy
from photosearch.engine.model import LoadedModel, ModelSlot
from photosearch.engine.models import ModelSlots, Promoted
from photosearch.engine.searches import Searches
from photosearch.index.encoding import OnCommit
from photosearch.index.watcher import Watcher
from photosearch.paths import Library
from photosearch.store.folders import contains
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer

# With the model that answers, the job's control, and what is told of progress and of what was committed.
Bring = Callable[[LoadedModel, Control, Callable[[Progress], None], OnCommit], IndexReport]


class Indexing:
    """The folders of a library, the jobs that index them, and the events that tell of both.

    Args:
        wait_for_others: called between two batches of a job; it returns when nothing more urgent runs.
        on_notes_kept: called when notes went over to photos that another program edited.
        on_models_known: called when the model that answers is another, or a job ended, so that it may know
            more photos, or files are back.
        report: told of an error in work that nobody waits for.
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        models: ModelSlots,
        searches: Searches,
        labels: OwnLabels,
        events: Events,
        wait_for_others: Callable[[], None],
        on_notes_kept: Callable[[], None],
        on_models_known: Callable[[], None],
        report: Callable[[BaseException], None],
    ) -> None:
        self.folders = Folders(library, writer)
        self.jobs = IndexJobs(self._index, report, self._publish_jobs)
        self._library = library
        self._writer = writer
        self._models = models
        self._searches = searches
        self._labels = labels
        self._events = events
        self._wait_for_others = wait_for_others
        self._on_notes_kept = on_notes_kept
        self._on_models_known = on_models_known
        self._report = report
        self._progress = Progress("idle")
        self._notes_told = writer.notes_kept
        self._reading_ahead = threading.Lock()  # held while the next model's photos are read
        self._ahead: Control | None = None  # of that

    @property
    def progress(self) -> Progress:
        """How far the present job is, as a person is to see it: paused goes before all."""
        return msgspec.structs.replace(self._progress, state="paused") if self.jobs.paused else self._progress

    def serve(self, handlers: Handlers) -> None:
        """Take the requests about folders and jobs."""
        handlers.answer(messages.Index, self._index_now)
        handlers.do(messages.AddFolder, self._add_folder)
        handlers.do(messages.RemoveFolder, self._remove_folder)
        handlers.do(messages.RelocateFolder, self._relocate_folder)
        handlers.do(messages.Rescan, lambda _: self._rescan())
        handlers.do(messages.RetryFailures, self._retry_failures)
        handlers.do(messages.SetPaused, self._set_paused)
        handlers.answer(messages.GetJobs, lambda _: messages.JobList(self.jobs.jobs()))
        handlers.do(messages.CancelJob, lambda request: self.jobs.end(request.job_id))

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Have the folders watched meanwhile; the watcher asks for the first scan of each."""
        with Watcher(
            self.jobs.hint,
            ignored=self._library.root.resolve(),
            on_renamed=self._on_renamed,
            on_problem=self._on_unwatched,
        ) as watcher:
            self.folders.watch(watcher)
            yield

    def _on_renamed(self, old: bytes, new: bytes) -> None:
        # One that cannot be taken up stays away: its row says so, and the person may say where it is.
        with contextlib.suppress(KnownError):
            self._relocate_folder(messages.RelocateFolder(old, new))

    def _on_unwatched(self, problem: Sentence | None) -> None:
        if problem:
            self._report(KnownError(problem))
        self._publish_folders()

    def publish_state(self) -> None:
        """Tell of progress, folders, photos and jobs as they are now."""
        self._publish_progress()
        self._publish_folders()
        self._publish_photos()
        self._publish_jobs()

    def look_again(self) -> None:
        """What is to be indexed has changed; where nobody watches the folders, the next run will see."""
        if self.folders.watched:
            self._rescan()
        else:
            self.folders.retry_in([folder.path for folder in self.folders.all()])

    def look_for(self, paths: Sequence[bytes]) -> None:
        """These files are not where they were; the watch over their folders need not have seen that."""
        if self.folders.watched:
            folders = [folder.path for folder in self.folders.all()]
            self.jobs.hint({folder for folder in folders if any(contains(folder, path) for path in paths)})

    def on_battery_change(self, on_battery: bool) -> None:
        """Whoever resumes on battery is not paused again before the computer was plugged in."""
        if on_battery:
            self._pause("battery")
        else:
            self._resume("battery")

    def _index_now(self, request: messages.Index) -> messages.Indexed:
        folders = self.add_folders(request.paths_bytes)
        self._resume()  # who asks for it wants it now
        return messages.Indexed(self.jobs.index(folders).result())

    def bring(self, folders: Collection[bytes], bring: Bring) -> None:
        """A job that brings photos into folders that were added, by other ways than reading them.

        Raises:
            Cancelled, CancelledError, KnownError
        """
        self._resume()
        self.jobs.index(folders, lambda paths, control: self._index(paths, control, bring)).result()

    def _add_folder(self, request: messages.AddFolder) -> None:
        self.jobs.hint(self.add_folders([request.path_bytes]))

    def add_folders(self, paths: Sequence[bytes]) -> set[bytes]:
        """Add all of them, or none where one cannot be; -> the folders that hold them.

        What failed in them is tried again: who asks for a folder may have mended something.

        Raises:
            KnownError: see Folders.checked.
        """
        checked = [self.folders.checked(path) for path in paths]
        folders = {self.folders.add(path) for path in checked}
        self.folders.retry_in(folders)
        self._publish_folders()
        return folders

    def _remove_folder(self, request: messages.RemoveFolder) -> None:
        self.jobs.drop(self.folders.remove(request.path_bytes))
        self._on_photos_gone()
        self._publish_folders()

    def _relocate_folder(self, request: messages.RelocateFolder) -> None:
        new = self.folders.relocate(request.path_bytes, request.new_bytes)
        self._on_photos_gone()  # from where they were
        self._publish_folders()
        self.jobs.hint([new])

    def _rescan(self) -> None:
        folders = [folder.path for folder in self.folders.all()]
        self.folders.retry_in(folders)
        self.jobs.hint(folders)

    def _retry_failures(self, request: messages.RetryFailures) -> None:
        self.jobs.hint(self.folders.with_failures_again(request.paths_bytes))

    def _set_paused(self, request: messages.SetPaused) -> None:
        if request.paused:
            self._pause("person")
        else:
            self._resume()

    def _pause(self, by: PausedBy) -> None:
        self.jobs.pause(by)
        self._publish_progress()

    def _resume(self, *by: PausedBy) -> None:
        """Lift these pauses; every one where none is named, as the person means it."""
        self.jobs.resume(*(by or get_args(PausedBy)))
        self._publish_progress()

    def end_reading_ahead(self) -> None:
        """End what is read for the next model, and wait for that; the next job begins anew, if it is to."""
        if self._ahead:
            self._ahead.cancel()
        with self._reading_ahead:
            pass

    def announce(self, promoted: Promoted) -> None:
        """Tell that another model answers now."""
        new, old = promoted
        self._events.publish(messages.ModelReady(new.model_id, new.languages))
        self._events.publish(teaching_messages.LessonsChanged())  # others fit now
        if old:
            beside = self._models.counts_beside().get(old.model_id, 0)
            self._events.publish(
                model_messages.ModelChanged(new.model_id, new.name, old.model_id, old.name, beside)
            )
        self._on_models_known()

    def _index(self, paths: Collection[bytes], control: Control, bring: Bring | None = None) -> IndexReport:
        """One job, on the thread of the jobs: what is new for the model that answers, the rest for the next.

        So photos that come while another model reads all of them are found at once.
        """
        folders = [folder for folder in self.folders.all() if folder.path in paths]
        try:
            if bring:
                loaded = self._models.load_answering()
                return bring(loaded, control, self._show_progress, self._on_commit(loaded, control))
            report = self._read_for_answering(folders, control)
            if slot := self._models.reading:
                report = self._read_ahead(slot, folders, control, report)
            if report is None:  # the change was ended meanwhile
                raise Cancelled
            return report
        finally:
            self._show_progress(Progress("idle"))
            for slot in (self._models.answering, self._models.next):
                if slot:
                    self._labels.fit(slot)  # before it answers with them
            self.folders.look_at_changed(folders)
            if self._models.next:  # which waits for no drive that left, whether it is of this job or not
                self.folders.note_away()
            self._on_photos_gone()
            self._publish_folders()
            self._tell_of_notes()  # of files that were linked, or renamed too
            if promoted := self._models.promote():
                self.announce(promoted)
            else:
                self._on_models_known()
            beside = self._models.beside
            self._models.settle()
            if self._models.beside != beside:  # what only the model before knew, the present one knows now
                self._searches.forget()
                self._events.publish(model_messages.ModelsChanged())

    def _read_for_answering(self, folders: Sequence[Folder], control: Control) -> IndexReport | None:
        """None where the model that answers cannot be loaded, and the next one is to take its place.

        Raises:
            Cancelled, CancelledError, KnownError
        """
        slot = self._models.answering
        try:
            loaded = slot.load().result()
        except KnownError:
            if self._models.reading:
                return None
            raise
        except (Cancelled, CancelledError):
            if slot is self._models.answering:
                raise
            return self._read_for_answering(folders, control)
        return self._run(loaded, folders, control)

    def _read_ahead(
        self, slot: ModelSlot, folders: Sequence[Folder], control: Control, before: IndexReport | None
    ) -> IndexReport:
        """Read for the next model, until it is not to any more, or for a hint."""
        try:
            loaded = slot.load().result()
        except KnownError:
            self._models.end_change()
            raise
        with self._reading_ahead, self.jobs.giving_way(control) as self._ahead:
            try:
                report = self._run(loaded, folders, self._ahead)
            except Cancelled:
                if control.cancelled or slot is self._models.reading or before is None:
                    raise
                return before
            finally:
                self._ahead = None
        slot.read_through |= {folder.path for folder in folders}
        if before is None:
            return report
        return msgspec.structs.replace(
            report,
            moved=before.moved + report.moved,
            copies=before.copies + report.copies,
            back=before.back + report.back,
            removed=before.removed + report.removed,
            vanished=before.vanished + report.vanished,
            notes_kept=before.notes_kept + report.notes_kept,
            seconds=before.seconds + report.seconds,
        )

    def _run(self, loaded: LoadedModel, folders: Sequence[Folder], control: Control) -> IndexReport:
        return loaded.pipeline.run(
            folders,
            control,
            self._show_progress,
            self._on_commit(loaded, control),
            self._wait_for_others,
            self._searches.looked_at,
        )

    def _on_commit(self, loaded: LoadedModel, control: Control) -> OnCommit:
        def committed(
            ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]
        ) -> None:
            if not control.cancelled:  # else their folder may be removed; the job's end tells what is there
                loaded.searcher.photos_added(ids, vectors, bias)
            self._publish_photos()
            self._tell_of_notes()

        return committed

    def _tell_of_notes(self) -> None:
        """Once for those that went over since."""
        if self._writer.notes_kept > self._notes_told:
            self._notes_told = self._writer.notes_kept
            self._on_notes_kept()

    def _on_photos_gone(self) -> None:
        for slot in self._models.all():
            if loaded := slot.loaded:
                loaded.searcher.photos_changed()
        self._publish_photos()

    def _show_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._publish_progress()

    def _publish_progress(self) -> None:
        self._events.publish(messages.ProgressChanged(self.progress))

    def _publish_jobs(self) -> None:
        self._events.publish_latest(messages.JobsChanged, lambda: messages.JobsChanged(self.jobs.jobs()))

    def _publish_folders(self) -> None:
        self._searches.forget()
        self._events.publish(messages.FoldersChanged(self.folders.status()))

    def _publish_photos(self) -> None:
        self._searches.forget()
        self._events.publish_latest(messages.PhotosChanged, self._photos_changed)

    def _photos_changed(self) -> messages.AnyEvent:
        try:
            with Reader.open(self._library) as reader:
                return messages.PhotosChanged(len(reader.living()))
        except KnownError as error:
            return messages.Problem(error.sentence)
