"""The engine: the only writer of a library, with its model, its search, its watcher and its indexing."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from typing import Self, get_args

from photosearch import extras, settings
from photosearch.core import (
    extra_messages,
    history_messages,
    messages,
    model_messages,
    note_messages,
    stack_messages,
    stage_messages,
    tag_messages,
    teaching_messages,
)
from photosearch.core.errors import Cancelled, KnownError, QueryError, Sentence
from photosearch.core.message import Reply
from photosearch.engine import extra, writing_back
from photosearch.engine.adding import AddingJob
from photosearch.engine.captions import CaptionFiles
from photosearch.engine.classifying import Classifier
from photosearch.engine.events import Events, Subscriber
from photosearch.engine.extra import ExtraJob
from photosearch.engine.faster_reading import faster_reading
from photosearch.engine.fitted_labels import OwnLabels
from photosearch.engine.handlers import Handlers
from photosearch.engine.indexing import Indexing
from photosearch.engine.kept_stacks import SECONDS_BETWEEN_LOOKS_AT_STACKS, KeptStacks
from photosearch.engine.known_models import KnownModels
from photosearch.engine.lessons import Lessons
from photosearch.engine.live_albums import SECONDS_BETWEEN_LOOKS_AT_ALBUMS, LiveAlbums
from photosearch.engine.loading import Load, load_as_set
from photosearch.engine.lock import locked
from photosearch.engine.looks import SECONDS_BETWEEN_LOOKS_AT_PHOTOS, MissingLooks
from photosearch.engine.measuring import MeasuringJob
from photosearch.engine.model import LoadedModel
from photosearch.engine.model_change import ModelChanges
from photosearch.engine.models import ModelSlots
from photosearch.engine.notes import NoteRequests
from photosearch.engine.offers import offered
from photosearch.engine.previews import PreviewDecoder
from photosearch.engine.queries_first import QueriesFirst
from photosearch.engine.searches import Searches
from photosearch.engine.server import own_fault
from photosearch.engine.stacks import StackFinder
from photosearch.engine.stages import Stage, Stages
from photosearch.engine.status import status
from photosearch.engine.tagging import TagRequests, TagStage
from photosearch.engine.teaching import TeachingJob
from photosearch.engine.text_in_photos import TextStage
from photosearch.engine.towns import SECONDS_BETWEEN_LOOK_UPS, MissingTowns
from photosearch.engine.trainer_child import TRAINER
from photosearch.engine.upkeep import (
    SECONDS_BETWEEN_LOOKS,
    SECONDS_BETWEEN_RETRIES,
    BatteryWatch,
    Chore,
    Upkeep,
    back_up,
    retry,
)
from photosearch.engine.vector_import import VectorImports
from photosearch.engine.vector_store import VectorStoreStage
from photosearch.models.catalog import ModelInfo
from photosearch.paths import Library
from photosearch.search.searcher import Searcher
from photosearch.store.connect import NotWritable
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer

_MOST_UNTOLD = 20  # problems that wait for a face


class Engine:
    """Owns one library while entered as a context manager. handle() is safe from several threads.

    Args:
        model: name or id; see `ModelSlots`. None: the one that the library remembers, else the bundled one.
        background: load the model, rescan and watch the folders without being asked; a command that runs an
            engine for itself does without.
        idle: load the model at once, and leave the rest of the background until a face subscribes, which is
            to stay; a command leaves such an engine behind, so that the next one is quick.
        patience: seconds to wait for another engine to leave the library.
        only_reads: why nothing can be written, as on a full disk or on read-only media: every change is
            refused with it. Such an engine holds no lock.
        load: gives the encoder.
        trainer: see `TeachingJob`.

    Raises:
        LibraryInUse: another engine has it.
        NotWritable: it could only be read.
        KnownError: the library cannot be opened; there is no such model.
    """

    def __init__(
        self,
        library: Library,
        model: str | None = None,
        *,
        background: bool = True,
        idle: bool = False,
        patience: float = 0.0,
        only_reads: NotWritable | None = None,
        load: Load = load_as_set,
        trainer: Sequence[str] = TRAINER,
    ) -> None:
        self._library = library
        self._wanted_model = model
        self._background = background
        self._idle = idle
        self._waking = threading.Lock()
        self._patience = patience
        self._only_reads = only_reads
        self._load = load
        self._trainer = trainer
        self._queries = QueriesFirst()
        self._events = Events(self._report)
        self._telling = threading.Lock()
        self._untold: list[Sentence] = []  # what the first face is to be told
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as undo:
            if self._only_reads:
                writer = undo.enter_context(Writer.refusing(self._library, self._only_reads))
            else:
                undo.enter_context(locked(self._library, self._patience))
                writer = undo.enter_context(Writer.open(self._library))
            self._looks = MissingLooks(self._library, writer)
            self._towns = MissingTowns(self._library, writer, lambda: self._searches.forget())
            self._lessons = Lessons(self._library, writer, self._events.publish, self._answering_info)
            labels = OwnLabels(
                self._library, self._queries.wait, self._report, lambda: self._indexing.publish_state()
            )
            self._models = ModelSlots(
                self._library,
                writer,
                self._wanted_model,
                self._load,
                self._lessons.attach,
                labels.fit,
                self._on_model_loaded,
                self._report,
            )
            self._known_models = KnownModels(self._library, writer, self._models)
            self._searches = Searches(
                self._library, self._models, self._queries, lambda: self._stages.states()
            )
            self._untold = [told for told in (self._known_models.replaced(), self._lessons.problem) if told]
            self._teaching = TeachingJob(
                self._library, self._lessons, self._answering_model, self._events.publish, self._trainer
            )
            self._indexing = Indexing(
                self._library,
                writer,
                self._models,
                self._searches,
                labels,
                self._events,
                self._let_others_first,
                self._on_notes_kept,
                self._on_models_known,
                self._report,
            )
            undo.enter_context(self._events)
            # Left in reverse: no new hints, no new jobs, no decoding for the present job, and so its end.
            undo.callback(self._indexing.jobs.join)
            undo.callback(self._models.close)
            undo.callback(self._indexing.jobs.cancel)
            undo.callback(self._teaching.close)
            self._notes_beside = writing_back.NotesBesidePhotos(self._library, writer, self._report)
            self._adding = AddingJob(self._library, self._events.publish, self._trainer)
            undo.callback(self._adding.close)
            self._extras = [
                ExtraJob(one, self._library, self._events.publish, self._adding.go_on)
                for one in extras.BY_NAME.values()
            ]
            for job in self._extras:
                undo.callback(job.close)
            self._measuring = MeasuringJob(
                self._library, self._events.publish, self._queries.wait, self._trainer
            )
            undo.callback(self._measuring.close)
            previews = PreviewDecoder(self._library, self._queries, self._searches.looked_at)
            undo.callback(previews.close)
            self._handlers = Handlers()
            self._serve(self._handlers)
            self._indexing.serve(self._handlers)
            VectorImports(self._library, writer, self._indexing).serve(self._handlers)
            self._searches.serve(self._handlers)
            ModelChanges(self._models, self._known_models, self._indexing, self._events.publish).serve(
                self._handlers
            )
            self._lessons.serve(self._handlers)
            self._teaching.serve(self._handlers)
            extra.serve(self._extras, self._handlers)
            self._adding.serve(self._handlers)
            self._measuring.serve(self._handlers)
            self._live_albums = LiveAlbums(
                self._library, writer, self._searches, self._queries.wait, self._publish_notes, self._report
            )
            self._live_albums.serve(self._handlers)
            NoteRequests(
                self._library,
                writer,
                self._publish_notes,
                self._searches.forget_notes,
                self._indexing.look_again,
                self._live_albums.fill_in_passing,
                self._search_memory,
                self._searches.check_album,
            ).serve(self._handlers)
            TagRequests(writer, self._publish_notes).serve(self._handlers)
            Classifier(
                self._library, self._models.load_answering, self._searches.members, self._queries.wait
            ).serve(self._handlers)
            CaptionFiles(self._library, writer, self._publish_notes).serve(self._handlers)
            self._stacks = StackFinder(
                self._library, self._models, self._looks, self._events.publish, self._queries.wait
            )
            undo.callback(self._stacks.close)
            self._stacks.serve(self._handlers)
            self._kept_stacks = KeptStacks(
                self._library,
                writer,
                self._stacks.stacks,
                self._answering_info,
                self._events.publish,
            )
            self._stages = Stages(
                self._library,
                self._all_stages(writer),
                self._events.publish,
                lambda: not (self._indexing.jobs.jobs() or self._indexing.jobs.paused),
                self._let_others_first,
                writer.set_setting,
                self._among,
            )
            undo.callback(self._stages.close)
            self._stages.serve(self._handlers)
            self._handlers.answer(messages.Preview, previews.answer)
            left = set(get_args(messages.AnyRequest)) - self._handlers.kinds
            assert left == {messages.Subscribe}, "the server's own"
            if self._idle:
                self._load_models()
            elif self._background:
                self._begin_background(undo)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._waking:
            self._idle = False
        self._undo.close()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell `subscriber`, which must not block, of all events, the state first; -> how to end that."""
        with self._waking:
            if self._idle:
                self._idle = False
                self._begin_background(self._undo)
        with self._telling:
            unsubscribe = self._events.subscribe(subscriber)
            untold, self._untold = self._untold, []
        self._indexing.publish_state()
        self._events.publish_latest(history_messages.HistoryChanged, self._history)
        self._events.publish(teaching_messages.TeachingChanged(self._teaching.state))
        for job in self._extras:
            self._events.publish(extra_messages.ExtraChanged(job.state))
        self._events.publish(model_messages.AddingChanged(self._adding.state))
        self._events.publish(model_messages.MeasuringChanged(self._measuring.state))
        self._events.publish_latest(
            stage_messages.StagesChanged, lambda: stage_messages.StagesChanged(self._stages.states())
        )
        if self._models.answering.loaded:
            ready = self._models.answering.info()
            self._events.publish(messages.ModelReady(ready.model_id, ready.languages))
        elif failure := self._models.answering.failure:  # it may have met it before any face came
            self._report(failure)
        for sentence in untold:
            self._events.publish(messages.Problem(sentence))
        return unsubscribe

    def handle(self, request: messages.AnyRequest) -> Reply:
        """Answer; what goes wrong becomes Failed, so that one fault ends no conversation."""
        try:
            return self._handlers(request)
        except QueryError as error:
            return messages.Failed(error.sentence, error.span, error.instead)
        except KnownError as error:
            return messages.Failed(error.sentence)
        except (Cancelled, CancelledError):
            if self._indexing.jobs.closing:
                return messages.Failed(
                    Sentence("PhotoSearch is closing; it goes on where it was the next time it runs.")
                )
            return messages.Failed(
                Sentence(
                    "The job was ended; what it has done is kept. Look through its folders again for "
                    "the rest."
                )
            )
        except Exception as error:  # noqa: BLE001  (the last resort: whoever asked is told)
            return messages.Failed(own_fault(self._library, error).sentence)

    def _begin_background(self, undo: contextlib.ExitStack) -> None:
        """Load the model, watch the folders, and do what comes by the clock."""
        undo.enter_context(self._indexing.watching())
        # On media that can only be read, nothing can be remembered of what was written.
        look = Chore(writing_back.SECONDS_BETWEEN_LOOKS, self._notes_beside.look)
        beside = [] if self._only_reads else [look]
        battery = BatteryWatch(self._library, self._indexing.on_battery_change)
        undo.enter_context(
            Upkeep(
                Chore(SECONDS_BETWEEN_LOOKS, battery.look),
                Chore(SECONDS_BETWEEN_LOOKS, lambda: back_up(self._library)),
                Chore(SECONDS_BETWEEN_LOOKS_AT_PHOTOS, self._looks.make_some),
                Chore(SECONDS_BETWEEN_LOOK_UPS, self._towns.look_some_up),
                Chore(SECONDS_BETWEEN_LOOKS, self._models.rest),
                *beside,
                Chore(SECONDS_BETWEEN_RETRIES, lambda: retry(self._library, self._indexing.jobs.hint)),
            )
        )
        if not self._only_reads:  # by itself, as it may take a minute, during which the others are due
            undo.enter_context(Upkeep(Chore(SECONDS_BETWEEN_LOOKS_AT_ALBUMS, self._live_albums.look)))
            undo.enter_context(Upkeep(Chore(SECONDS_BETWEEN_LOOKS_AT_STACKS, self._kept_stacks.look)))
            undo.callback(self._stacks.close)
            undo.enter_context(self._stages)
            undo.enter_context(Upkeep(Chore(SECONDS_BETWEEN_LOOKS, self._look_at_vector_store)))
        self._teaching.go_on()
        self._load_models()

    def _all_stages(self, writer: Writer) -> tuple[Stage, ...]:
        """In the order in which they run."""
        text = TextStage(
            self._library,
            writer,
            self._answering_searcher,
            self._searches.looked_at,
            self._indexing.look_for,
        )
        self._handlers.do(
            stage_messages.ReadText,
            lambda request: self._stages.finish(text.key, text.first(request.photo_ids)),
        )
        self._vector_store = VectorStoreStage(
            self._library,
            writer,
            self._models.load_answering,
            self._answering_info,
            self._queries.wait,
        )
        return (
            TagStage(
                self._library,
                writer,
                self._models.load_answering,
                self._answering_info,
                self._tell_of_tags,
            ),
            text,
            self._vector_store,
        )

    def _among(self, reader: Reader) -> tuple[object, ...]:
        """What stages go through: other photos, folders that are here, or a model, and they look again."""
        model = self._answering_info()
        keys = (settings.LESSON, settings.VECTOR_STORE, settings.QDRANT_ADDRESS)
        here = [folder.folder_id for folder in reader.folders() if not folder.away]
        return (model and model.model_id, *map(reader.setting, keys), *reader.photos_held(), *here)

    def _tell_of_tags(self) -> None:
        self._searches.forget()
        self._events.publish(tag_messages.TagsChanged())

    def _look_at_vector_store(self) -> None:
        if self._vector_store.is_over():
            self._stages.look_again(settings.VECTOR_STORE)

    def _search_memory(self) -> None:
        """From the next query on; one that is not loaded yet will do so by the settings."""
        if self._models.answering.loaded:
            self._models.load_answering().searcher.photos.use(None)

    def _load_models(self) -> None:
        """Those that answer, so that the first search need not wait for them."""
        for slot in (self._models.answering, *self._models.beside):
            slot.load()

    def _serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.answer(messages.GetStatus, lambda _: status(self._library, self._models, self._indexing))
        handlers.answer(
            messages.GetFasterReading, lambda _: faster_reading(self._library, self._answering_model())
        )
        handlers.answer(model_messages.GetModels, lambda _: self._known_models.listed(self._adding.state))
        handlers.answer(
            model_messages.GetOffers,
            lambda request: offered(
                self._library, request.language, self._adding.state, self._measuring.state
            ),
        )
        handlers.do(messages.Shutdown, lambda _: None)  # the server's part

    def _answering_model(self) -> ModelInfo:
        return self._models.answering.info()

    def _answering_searcher(self) -> Searcher | None:
        """None while it is not loaded."""
        loaded = self._models.answering.loaded
        return loaded.searcher if loaded else None

    def _answering_info(self) -> ModelInfo | None:
        """None where there is no model that could answer; a search will say why."""
        return self._models.info_of(self._models.answering)

    def _on_models_known(self) -> None:
        self._stages.all_look_again()
        if not self._background:  # there is nobody who looks at the albums now and then
            self._live_albums.fill_in_passing()
        elif model := self._answering_info():
            self._teaching.fit_lesson(model)

    def _let_others_first(self) -> None:
        self._queries.wait()
        self._teaching.wait()

    def _publish_notes(
        self,
        event: note_messages.AnyEvent | stack_messages.StacksChanged | tag_messages.TagsChanged | None = None,
    ) -> None:
        """The person changed something that searches know of, or, for None, files alone."""
        if event:
            self._searches.forget_notes()
            self._events.publish(event)
        if isinstance(event, tag_messages.TagsChanged):
            self._searches.forget()
            self._stages.look_again(settings.TAGS)
        self._events.publish_latest(history_messages.HistoryChanged, self._history)

    def _on_notes_kept(self) -> None:
        self._publish_notes(note_messages.NotesChanged(()))
        self._publish_notes(note_messages.AlbumsChanged())

    def _history(self) -> history_messages.HistoryChanged:
        with Reader.open(self._library) as reader:
            return reader.history()

    def _on_model_loaded(self, model: "Future[LoadedModel]") -> None:
        if model.cancelled():
            return
        if error := model.exception():
            self._report(error)
        else:
            ready = model.result().encoder
            self._events.publish(messages.ModelReady(ready.model_id, ready.languages))

    def _report(self, error: BaseException) -> None:
        """Tell of an error in work that nobody waits for."""
        if isinstance(error, Cancelled | CancelledError):
            return
        if not isinstance(error, KnownError):
            error = own_fault(self._library, error)
        with self._telling:
            if not self._events.heard:
                self._untold = [*self._untold, error.sentence][-_MOST_UNTOLD:]
                return
        self._events.publish(messages.Problem(error.sentence))
