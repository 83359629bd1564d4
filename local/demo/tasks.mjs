// A task as an app writes it straight into Firestore: every field, with the server's time.

import { randomUUID } from "node:crypto";
import { doc, serverTimestamp, setDoc, Timestamp } from "firebase/firestore";

/**
 * Write a new task and return `{ id, written }`; `written` settles when the server has it.
 *
 * `due` is `{ kind, date, time, tz }` and `dueAt` the instant it stands for, a Date.
 */
export function writeTask(person, workspaceId, { title, assigneeIds, due = null, dueAt = null }) {
  const id = randomUUID();
  const written = setDoc(doc(person.db, "workspaces", workspaceId, "tasks", id), {
    title,
    description: "",
    status: "open",
    priority: 2,
    assigneeIds,
    watcherIds: [],
    labelIds: [],
    projectId: null,
    boardId: null,
    listId: null,
    rank: null,
    parentId: null,
    startAt: null,
    due,
    dueAt: dueAt && Timestamp.fromDate(dueAt),
    dueDay: due && due.date,
    reminders: [],
    checklist: [],
    estimateMin: null,
    blockedBy: [],
    completedAt: null,
    completedBy: null,
    archivedAt: null,
    deletedAt: null,
    ancestorIds: [],
    depth: 0,
    isBlocked: false,
    counters: {},
    seriesId: null,
    occurrenceKey: null,
    isOverdue: false,
    expireAt: null,
    createdAt: serverTimestamp(),
    createdBy: person.uid,
    rev: 1,
    updatedAt: serverTimestamp(),
    updatedBy: person.uid,
  });
  return { id, written };
}
