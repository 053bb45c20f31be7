"""What faces and the engine say to each other of teaching; `messages` has the other requests."""

from typing import Literal

from photosearch.core.message import Done, Event, Reply, Request
from photosearch.core.teaching import LessonInfo, TeachingState, TeachReport, Word


class StartTeaching(Request[Done], frozen=True, tag="teach"):
    """Learn from the library's captions, in the background; Done also where that runs already.

    An engine that was ending may have begun it, and asked again the next one goes on with it.
    Failed where there is nothing to learn from.
    """


class StopTeaching(Request[Done], frozen=True, tag="stop_teaching"):
    """End it soon: with what is best so far, or without a trace. Done also where none runs."""

    keep: bool = False


class GetTeaching(Request["TeachingStatus"], frozen=True, tag="get_teaching"):
    """Answered with TeachingStatus."""


class GetReadiness(Request["Readiness"], frozen=True, tag="get_readiness"):
    """Whether there are captions enough."""


class GetLessons(Request["LessonList"], frozen=True, tag="get_lessons"):
    """Answered with LessonList."""


class GetReport(Request["LessonReport"], frozen=True, tag="get_report"):
    """Answered with LessonReport; Failed where the lesson came without one."""

    lesson: str


class UseLesson(Request[Done], frozen=True, tag="use_lesson"):
    """Search with this lesson from now on; "": with none."""

    lesson: str


class RollBack(Request[Done], frozen=True, tag="roll_back"):
    """Search with what was in use before; twice is back again."""


class DeleteLesson(Request[Done], frozen=True, tag="delete_lesson"):
    """Delete a lesson; if it is in use, with none from now on."""

    lesson: str


class RenameLesson(Request[Done], frozen=True, tag="rename_lesson"):
    """Give a lesson another name."""

    lesson: str
    name: str


class ExportLesson(Request[Done], frozen=True, tag="export_lesson"):
    """Copy a lesson to a file, over one that is there."""

    lesson: str
    path_bytes: bytes


class ImportLesson(Request["Imported"], frozen=True, tag="import_lesson"):
    """Take a lesson's file into the library, unused."""

    path_bytes: bytes


class GetWords(Request["Words"], frozen=True, tag="get_words"):
    """Names of the lesson in use."""


class SetWord(Request[Done], frozen=True, tag="set_word"):
    """Let a name mean this from now on, also for later teaching."""

    name: str
    phrase: str


class RemoveWord(Request[Done], frozen=True, tag="remove_word"):
    """Let a name stand for itself from now on, also for later teaching."""

    name: str


class TeachingStatus(Reply, frozen=True, tag="teaching"):
    """Where teaching stands."""

    state: TeachingState


class Readiness(Reply, frozen=True, tag="readiness"):
    """Whether there are captions enough to teach, and which photos are worth one."""

    captions: int
    photos: int  # that have them
    enough: Literal["no", "few", "yes"]
    wanted: int  # more photos with captions until teaching can begin, or until there are enough; 0: enough
    names: tuple[str, ...]  # that the captions seem to have; a guess
    next: tuple[int, ...]  # ids of photos without a caption that are worth one: the model knows least of them


class LessonList(Reply, frozen=True, tag="lesson_list"):
    """The lessons of the library."""

    lessons: tuple[LessonInfo, ...]  # the latest first
    can_roll_back: bool = False


class Imported(Reply, frozen=True, tag="imported"):
    """The lesson that was taken in."""

    lesson: LessonInfo


class LessonReport(Reply, frozen=True, tag="report"):
    """What learning a lesson brought."""

    report: TeachReport


class Words(Reply, frozen=True, tag="words"):
    """The names of the lesson in use and what they mean."""

    words: tuple[Word, ...]  # by name


class TeachingChanged(Event, frozen=True, tag="teaching_changed"):
    """At most a few a second; the last is never lost."""

    state: TeachingState


class LessonsChanged(Event, frozen=True, tag="lessons_changed"):
    """A lesson came, went or changed, or another one is in use: searches may find other photos."""


AnyRequest = (
    StartTeaching
    | StopTeaching
    | GetTeaching
    | GetReadiness
    | GetLessons
    | GetReport
    | UseLesson
    | RollBack
    | DeleteLesson
    | RenameLesson
    | ExportLesson
    | ImportLesson
    | GetWords
    | SetWord
    | RemoveWord
)
AnyReply = TeachingStatus | Readiness | LessonList | Imported | LessonReport | Words
AnyEvent = TeachingChanged | LessonsChanged
