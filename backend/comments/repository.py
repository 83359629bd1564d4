"""Where comments are kept."""

from backend.adapters.firestore import Store
from backend.comments.documents import comment_of, comment_path, comments_path
from backend.comments.model import Comment, CommentRef
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import TaskRef
from backend.workspaces.model import Member


class Comments:
    """Reads of comments. None without saying which member reads."""

    def __init__(self, store: Store, tokens: PageTokens) -> None:
        self._store = store
        self._tokens = tokens

    def get(self, task_id: str, comment_id: str, *, seen_by: Member) -> Comment:
        """
        Return a comment.

        Raises:
            NotFound: there is none, or it was deleted.
            DataLoss: it cannot be read.
        """
        stored = self._store.get(comment_path(_ref(seen_by, task_id, comment_id)))
        return _live(stored)[1]

    def to_change(
        self, task_id: str, comment_id: str, *, seen_by: Member
    ) -> tuple[Stored, Comment]:
        """
        Return a comment on a task that is not in the trash, with what was stored.

        Raises:
            NotFound: there is none, it was deleted, or its task is gone.
            DataLoss: one of them cannot be read.
        """
        ref = _ref(seen_by, task_id, comment_id)
        task, stored = self._store.get_all([task_path(ref.task), comment_path(ref)])
        _check_task(task)
        return _live(stored)

    def place_for(self, ref: CommentRef, *, is_retry: bool) -> Stored | None:
        """
        Look whether there may be a comment: whether its task is there and not in the trash.

        Returns what lies at its place already, where an attempt to put it there came before.

        Raises:
            NotFound: there is no such task, or it lies in the trash.
        """
        paths = [task_path(ref.task), *([comment_path(ref)] if is_retry else [])]
        task, *before = self._store.get_all(paths)
        _check_task(task)
        return before[0] if before else None

    def page(self, task_id: str, *, asked: Asked, seen_by: Member) -> Page[Comment]:
        """
        Return a page of a task's comments that were not deleted, the newest first.

        Raises:
            NotFound: there are none, and no such task either.
            InvalidArgument: the page token belongs to another list.
        """
        task = TaskRef(seen_by.workspace_id, checked(task_id))
        query = Query(
            comments_path(task),
            limit=asked.size,
            where=(Where("deletedAt", "==", None),),
            order_by=("-createdAt",),
        )
        caller = seen_by.uid
        page = self._tokens.page(self._store, query, comment_of, asked=asked, caller=caller)
        # Whoever finds some has found the task with them, and it need not be read.
        if not page.items and asked.token is None and self._store.get(task_path(task)) is None:
            raise hidden()
        return page


def _ref(member: Member, task_id: str, comment_id: str) -> CommentRef:
    return CommentRef(member.workspace_id, checked(task_id), checked(comment_id))


def _check_task(stored: Stored | None) -> None:
    if stored is None or task_of(stored).deleted_at is not None:
        raise hidden()


def _live(stored: Stored | None) -> tuple[Stored, Comment]:
    if stored is None:
        raise hidden()
    comment = comment_of(stored)
    if not comment.is_live:
        raise hidden()
    return stored, comment
