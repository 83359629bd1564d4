// Twenty assignments while programs of the stack are killed with SIGKILL: none may be lost, none
// shown twice. `python -m local.demo --kill api` starts it.

import { opening } from "./people.mjs";
import { heading, Miss, play, span, step } from "./screen.mjs";
import { PROJECT_ID } from "./stack.mjs";
import { writeTask } from "./tasks.mjs";
import { Victims } from "./victim.mjs";
import { until } from "./waiting.mjs";

const COUNT = 20;
const FIRST_MS = 20_000; // The first doorbell wakes a worker.
// The program comes back; what was not queued meanwhile is found a minute after it was due.
const ALL_MS = 150_000;
const QUIET_MS = 6_000; // Longer than the local stack's intervals: nothing is still on its way.

await play(async () => {
  const victims = await Victims.arm(process.argv.slice(2));
  heading(`Killed in the middle of it: ${victims.names} · project ${PROJECT_ID}`);
  const stage = await opening();
  const { ids, killedAt } = await burst(stage, victims);
  await step(`Each of the ${COUNT} pushes arrives`, () => arrive(stage, ids, killedAt));
  await step("Each notification exists once", () => inboxOnce(stage, ids));
  await step("The phone shows each once, also later", () => shownOnce(stage, ids));
  await Promise.all([stage.owner, stage.assignee].map((person) => person.close()));
  return "Nothing was lost, nothing came twice.";
});

async function burst({ owner, assignee, workspaceId, phone }, victims) {
  const ids = [];
  const writes = [];
  // One push each, so that each can be looked for: else all of them were "20 changes in Garden".
  await assignee.api("PATCH", "/users/me/settings/notifications", { body: { bundleMinutes: 0 } });
  let killedAt;
  const writeHalf = () => {
    for (let count = 0; count < COUNT / 2; count++) {
      const title = `Plant row ${ids.length + 1}`;
      const task = writeTask(owner, workspaceId, { title, assigneeIds: [assignee.uid] });
      ids.push(task.id);
      task.written.catch(() => {}); // A refusal is noticed below, when all are awaited.
      writes.push(task.written);
    }
  };
  await step(`Olga's app assigns ${COUNT} tasks to Ada`, async () => {
    writeHalf();
    await until("The first push", async () => (await phone.pushes()).length > 0, FIRST_MS);
    const before = (await phone.pushes()).length;
    killedAt = performance.now();
    const killed = await victims.kill();
    writeHalf();
    await Promise.all(writes);
    return `SIGKILL after push ${before}, then the other ${COUNT / 2}: ${killed}`;
  });
  return { ids, killedAt };
}

async function arrive({ phone }, ids, killedAt) {
  const pushed = async () => new Set((await phone.pushes()).map((push) => push.taskId));
  let missing = ids;
  const complete = async () => {
    const seen = await pushed();
    missing = ids.filter((id) => !seen.has(id));
    return missing.length === 0;
  };
  await until("Every push", complete, ALL_MS).catch((error) => {
    if (missing.length === 0 || !(error instanceof Miss)) throw error;
    throw new Miss(`${missing.length} of ${COUNT} pushes did not come within ${span(ALL_MS)}.`);
  });
  const sent = (await phone.pushes()).length;
  const repeated = sent === COUNT ? "no send repeated" : `${sent - COUNT} sends repeated`;
  return `the last ${span(performance.now() - killedAt)} after the kill, ${repeated}`;
}

async function inboxOnce({ notifications, badge }, ids) {
  const all = (list) => list.length >= COUNT;
  await notifications.when("Every notification in the inbox", all, ALL_MS);
  const said = await onlyOnce(notifications.state, ids, (each) => each.taskId, "in the inbox");
  await badge.when(`The badge ${COUNT}`, (counter) => counter?.unread === COUNT, ALL_MS);
  return `${said}, the badge says ${COUNT}`;
}

async function shownOnce({ phone, notifications, badge }, ids) {
  let count = -1;
  let since = 0;
  const calm = async () => {
    const { length } = await phone.pushes();
    if (length !== count) [count, since] = [length, performance.now()];
    return performance.now() - since > QUIET_MS;
  };
  await until("A quiet moment", calm, ALL_MS);
  await onlyOnce(notifications.state, ids, (each) => each.taskId, "in the inbox");
  if (badge.state.unread !== COUNT) throw new Miss(`The badge went on to ${badge.state.unread}.`);
  return onlyOnce(await phone.tray(), ids, (each) => each.data.taskId, "on the phone");
}

async function onlyOnce(list, ids, taskIdOf, where) {
  const found = list.map(taskIdOf);
  const wrong = ids.filter((id) => found.filter((each) => each === id).length !== 1);
  if (wrong.length || found.length !== COUNT) {
    throw new Miss(`${found.length} entries ${where}; ${wrong.length} tasks are not there once.`);
  }
  return `${COUNT} entries ${where}, one for each task`;
}
