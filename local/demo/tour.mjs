// The main job on real input: a task travels from one person's app to another person's phone.

import { doc, getDoc, getDocs } from "firebase/firestore";
import { showBoard } from "./board.mjs";
import { byId, opening, refusedTokens } from "./people.mjs";
import { mine, Person } from "./person.mjs";
import { heading, Miss, note, play, span, step } from "./screen.mjs";
import { API_URL, PROJECT_ID } from "./stack.mjs";
import { writeTask } from "./tasks.mjs";
import { addDays, instantOf, shown, weekAcrossClockChange, weekdayOf } from "./times.mjs";
import { expired, ofAnotherProject } from "./tokens.mjs";
import { until } from "./waiting.mjs";

const LISTENER_MS = 1_000; // What the person at the other end notices.
const CONSEQUENCE_MS = 20_000; // Doorbell, job, reaction, push; the first doorbell wakes a worker.
const LATE_MS = 20_000; // After the minute struck: notices are gathered for up to ten seconds.
const LEAST_AHEAD_MS = 4_000;
const QUIET_MS = 3_000;
const ZONE = "Europe/Berlin";

await play(async () => {
  heading(`TaskFlow's main job · project ${PROJECT_ID} · API ${API_URL}`);
  const stage = await opening();
  const first = await assign(stage);
  await step("Ada's phone gets one push", () => onePush(stage, first));
  await step("Her inbox shows it, the badge says 1", () => inboxAndBadge(stage, first));
  const late = await writeDueSoon(stage);
  const weekly = await startWeekly(stage);
  await step("Olga completes it: the next one appears", () => completeWeekly(stage, weekly));
  await showBoard(stage);
  const stranger = await refuseStranger(stage, first);
  await step("No token, an old one, a foreign one", () => refuseTokens(stage));
  const aheadMs = late.dueAt - Date.now();
  if (aheadMs > 0) note(`waiting for "${late.title}" to fall due, in ${span(aheadMs)}`);
  await step("The other task falls due: one overdue push", () => overdue(stage, late));
  await step("Nothing comes twice", () => quiet(stage));
  await Promise.all([stage.owner, stage.assignee, stranger].map((person) => person.close()));
  return "All of it worked.";
});

async function assign({ owner, assignee, workspaceId, tasks }) {
  const title = "Water the tomatoes";
  let task;
  await step("Olga's app writes a task; Ada sees it", async () => {
    const begun = performance.now();
    task = writeTask(owner, workspaceId, { title, assigneeIds: [assignee.uid] });
    const seen = tasks.when("The task in Ada's listener", byId(task.id), LISTENER_MS);
    const [found] = await Promise.all([seen.then(() => performance.now() - begun), task.written]);
    return { seen: `"${title}" in her listener, straight from Firestore`, ms: found };
  });
  return { id: task.id, title };
}

async function onePush({ phone }, { id, title }) {
  const found = await until(
    "The push about the assignment",
    async () => (await phone.pushes()).filter((push) => push.taskId === id)[0],
    CONSEQUENCE_MS,
  );
  const text = `${found.title} | ${found.body}`;
  if (found.category !== "assigned") throw new Miss(`The push is about "${found.category}".`);
  if (!text.includes(title) || !text.includes("Olga") || /\{[{%]/.test(text)) {
    throw new Miss(`The push "${text}" does not name Olga and the task.`);
  }
  const { length } = await phone.pushes();
  if (length !== 1) throw new Miss(`The phone got ${length} pushes, not one.`);
  return text;
}

async function inboxAndBadge({ notifications, badge, phone, owner, workspaceId }, { id }) {
  const found = await notifications.when(
    "The notification in the inbox",
    (list) => list.find((each) => each.taskId === id),
    CONSEQUENCE_MS,
  );
  const [push] = await phone.pushes();
  const wanted = {
    category: "assigned",
    template: "assigned@0",
    workspaceId,
    actorUid: owner.uid,
    readAt: null,
    title: push.title,
    body: push.body,
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (found[name] === value) continue;
    throw new Miss(`The notification's ${name} is ${found[name]}, not ${value}.`);
  }
  await badge.when("The badge 1", (counter) => counter?.unread === 1, CONSEQUENCE_MS);
  return `${found.template}, same words as the push, unread 1`;
}

async function writeDueSoon({ owner, assignee, workspaceId }) {
  const title = "Close the greenhouse";
  const dueAt = new Date(Math.ceil((Date.now() + LEAST_AHEAD_MS) / 60_000) * 60_000);
  const [date, time] = [dueAt.toISOString().slice(0, 10), dueAt.toISOString().slice(11, 16)];
  let task;
  await step("Olga's app writes a task that is due soon", async () => {
    const due = { kind: "zoned", date, time, tz: "UTC" };
    task = writeTask(owner, workspaceId, { title, assigneeIds: [assignee.uid], due, dueAt });
    await task.written;
    return `"${title}", due at ${time} UTC, in ${span(dueAt - Date.now())}`;
  });
  return { id: task.id, title, dueAt };
}

async function startWeekly({ owner, assignee, workspaceId, tasks, ownersTasks }) {
  const date = weekAcrossClockChange(new Date(), ZONE);
  const start = { date, time: "09:00", tz: ZONE };
  let firstTaskId;
  await step("Olga makes a weekly task through the API", async () => {
    const rule = `FREQ=WEEKLY;BYDAY=${weekdayOf(date)}`;
    const assigneeIds = [owner.uid, assignee.uid];
    const request = { body: { title: "Turn the compost", rule, start, assigneeIds }, expect: 201 };
    const series = await owner.api("POST", `/workspaces/${workspaceId}/series`, request);
    firstTaskId = series.firstTaskId;
    const dueAt = await seenByBoth([tasks, ownersTasks], byId(firstTaskId));
    checkInstant(dueAt, instantOf(start));
    return `${rule}, first on ${shown(dueAt, ZONE)}`;
  });
  return { firstTaskId, next: { ...start, date: addDays(date, 7) } };
}

async function completeWeekly({ owner, workspaceId, tasks, ownersTasks }, { firstTaskId, next }) {
  const { seriesId } = byId(firstTaskId)(ownersTasks.state);
  await owner.api("POST", `/workspaces/${workspaceId}/tasks/${firstTaskId}/completion`);
  // The next may show before the one that was done has gone; in the end it is alone.
  const theNextAlone = (list) => {
    const open = list.filter((each) => each.seriesId === seriesId);
    return open.length === 1 && open[0].id !== firstTaskId && open[0];
  };
  const dueAt = await seenByBoth([tasks, ownersTasks], theNextAlone);
  checkInstant(dueAt, instantOf(next));
  return `in both listeners: ${shown(dueAt, ZONE)}, though the clocks changed`;
}

async function seenByBoth(watches, find) {
  const found = await Promise.all(
    watches.map((watch) => watch.when("The occurrence in both listeners", find, CONSEQUENCE_MS)),
  );
  checkInstant(found[0].dueAt.toDate(), found[1].dueAt.toDate());
  return found[0].dueAt.toDate();
}

function checkInstant(actual, expected) {
  if (actual.getTime() !== expected.getTime()) {
    throw new Miss(`It is due at ${actual.toISOString()}, not at ${expected.toISOString()}.`);
  }
}

async function refuseStranger({ workspaceId }, { id }) {
  let stranger;
  await step("A stranger reads, lists, writes: refused", async () => {
    stranger = await Person.signUp("Sam");
    const task = doc(stranger.db, "workspaces", workspaceId, "tasks", id);
    await refused("read", getDoc(task));
    await refused("query", getDocs(mine(stranger, workspaceId)));
    const write = { title: "Not mine", assigneeIds: [stranger.uid] };
    await refused("write", writeTask(stranger, workspaceId, write).written);
    const path = `/workspaces/${workspaceId}/tasks/${id}`;
    const hidden = await stranger.api("GET", path, { expect: 404 });
    return `permission-denied three times by the rules, 404 ${hidden.code} by the API`;
  });
  return stranger;
}

async function refused(what, attempt) {
  const code = await attempt.then(
    () => "allowed",
    (error) => error.code,
  );
  if (code !== "permission-denied") throw new Miss(`A stranger's ${what} was ${code}.`);
}

async function refuseTokens({ assignee }) {
  const token = await assignee.user.getIdToken();
  return refusedTokens([
    ["none", undefined, "unauthenticated"],
    ["expired", expired(token), "token-expired"],
    ["another project's", ofAnotherProject(token), "unauthenticated"],
  ]);
}

async function overdue({ phone, tasks }, { id, dueAt }) {
  const isOverdue = (push) => push.taskId === id && push.category === "overdue";
  const find = async () => (await phone.pushes()).find(isOverdue);
  const push = await until("The overdue push", find, dueAt - Date.now() + LATE_MS);
  const lateMs = Date.now() - dueAt;
  if (lateMs < 0) throw new Miss(`The overdue push came ${span(-lateMs)} before the task was due.`);
  const marked = (list) => byId(id)(list)?.isOverdue;
  await tasks.when("The mark on the late task", marked, CONSEQUENCE_MS);
  return { seen: `${push.title} | ${push.body}; her list marks it`, ms: lateMs };
}

async function quiet({ phone, tasks }) {
  let count = -1;
  let since = 0;
  const calm = async () => {
    const { length } = await phone.pushes();
    if (length !== count) [count, since] = [length, performance.now()];
    return performance.now() - since > QUIET_MS;
  };
  await until("A quiet moment", calm, CONSEQUENCE_MS + QUIET_MS);
  const pushes = await phone.pushes();
  // A push about several tasks says how many, and goes out anew as they become more.
  const kinds = pushes.map(({ category, taskId, title, body }) =>
    [category, taskId ?? `${title} | ${body}`].join(" "),
  );
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index);
  if (twice) throw new Miss(`The push "${twice}" came more than once.`);
  const tray = await phone.tray();
  // What came to a group replaces the push of the one before it.
  const shown = new Set(pushes.map(({ notificationId }) => notificationId)).size;
  if (tray.length !== shown) throw new Miss(`The phone shows ${tray.length} of ${shown} pushes.`);
  const series = tasks.state.map(({ seriesId }) => seriesId).filter(Boolean);
  if (series.length !== 1) throw new Miss(`${series.length} tasks of the series are open, not one.`);
  return `${count} pushes in all, each once: ${pushes.map(({ category }) => category).join(", ")}`;
}
