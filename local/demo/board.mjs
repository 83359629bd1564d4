// A board that two people look at: cards, a drag, a word, a file, a search, and all of it taken back.

import { doc, serverTimestamp, updateDoc } from "firebase/firestore";
import { Miss, step } from "./screen.mjs";
import { until } from "./waiting.mjs";

const LISTENER_MS = 1_000; // What the person at the other end notices.
const CONSEQUENCE_MS = 20_000;
const CARDS = ["Order seedlings", "Mend the fence", "Paint the shed"];
const RANKS = ["F", "V", "k"];
// The smallest PNG there is: one pixel.
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Show what a team does on a board. `phone` is the assignee's. */
export async function showBoard({ owner, assignee, workspaceId, phone }) {
  const at = `/workspaces/${workspaceId}`;
  const { board, lists, cards, watch } = await open(owner, assignee, workspaceId);
  const stage = { owner, assignee, workspaceId, phone, at, board, lists, cards, watch };
  await step("Ada drags a card; Olga sees it move", () => drag(stage));
  await step("Olga mentions Ada in a comment: one push", () => mention(stage));
  await step("A picture goes up, is checked, comes down", () => sendPicture(stage));
  await step("Ada finds the card by how its word begins", () => find(stage));
  await step("Olga trashes all cards, and takes it back", () => takeBack(stage));
}

async function open(owner, assignee, workspaceId) {
  const at = `/workspaces/${workspaceId}`;
  const made = { expect: 201 };
  const lists = [];
  const cards = [];
  let [board, watch] = [];
  await step("Olga makes a board; both look at it", async () => {
    board = await owner.api("POST", `${at}/boards`, { body: { name: "Spring" }, ...made });
    for (const name of ["To do", "Doing"]) {
      const body = { name, boardId: board.id };
      lists.push(await owner.api("POST", `${at}/lists`, { body, ...made }));
    }
    watch = { mine: owner.watchBoard(workspaceId, board.id), theirs: assignee.watchBoard(workspaceId, board.id) };
    const empty = ({ length }) => length === 0;
    const isOpen = (each) => each.when("The empty board", empty, LISTENER_MS);
    await Promise.all(Object.values(watch).map(isOpen));
    for (const [index, title] of CARDS.entries()) {
      const body = { title, boardId: board.id, listId: lists[0].id, rank: RANKS[index] };
      cards.push(await owner.api("POST", `${at}/tasks`, { body, ...made }));
    }
    const all = (found) => found.length === CARDS.length;
    await watch.theirs.when("The cards on Ada's board", all, CONSEQUENCE_MS);
    return `"${board.name}": ${lists.map(({ name }) => name).join(" | ")}, ${cards.length} cards in order`;
  });
  return { board, lists, cards, watch };
}

async function drag({ assignee, workspaceId, lists, cards, watch }) {
  const [{ id, rev }] = cards;
  const begun = performance.now();
  const listId = lists[1].id;
  const moved = watch.mine.when(
    "The card in its new list",
    (found) => found.some((card) => card.id === id && card.listId === listId),
    LISTENER_MS,
  );
  const task = doc(assignee.db, "workspaces", workspaceId, "tasks", id);
  const stamps = { rev: rev + 1, updatedAt: serverTimestamp(), updatedBy: assignee.uid };
  const written = updateDoc(task, { listId, rank: "V", ...stamps });
  const [ms] = await Promise.all([moved.then(() => performance.now() - begun), written]);
  return { seen: `"${CARDS[0]}" to "${lists[1].name}": one document written`, ms };
}

async function mention({ owner, assignee, at, cards, phone }) {
  const body = { body: "Can you bring the **ladder**?", mentionIds: [assignee.uid] };
  const path = `${at}/tasks/${cards[1].id}/comments`;
  const { bodyHtml } = await owner.api("POST", path, { body, expect: 201 });
  if (!bodyHtml?.includes("<strong>ladder</strong>")) throw new Miss(`Its HTML is ${bodyHtml}.`);
  const isMention = (push) => push.taskId === cards[1].id && push.category === "mention";
  const pushed = async () => (await phone.pushes()).find(isMention);
  const push = await until("The push about the mention", pushed, CONSEQUENCE_MS);
  return `${push.title} | ${push.body}`;
}

async function sendPicture({ owner, assignee, at, cards }) {
  const path = `${at}/tasks/${cards[2].id}/attachments`;
  const body = { name: "shed.png", contentType: "image/png", size: PICTURE.length };
  const { id, upload } = await assignee.api("POST", path, { body, expect: 201 });
  const sent = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: PICTURE });
  if (!sent.ok) throw new Miss(`The file storage answered ${sent.status} to the upload.`);
  const { state } = await assignee.api("POST", `${path}/${id}:finalize`);
  const { download } = await owner.api("GET", `${path}/${id}`);
  const fetched = Buffer.from(await (await fetch(download.url)).arrayBuffer());
  if (!fetched.equals(PICTURE)) throw new Miss("What came down is not what went up.");
  return `${body.name}, ${PICTURE.length} bytes: ${state}, and the same for Olga`;
}

async function find({ assignee, at, cards }) {
  const found = async () => {
    const { items } = await assignee.api("GET", `${at}/search?q=seedl`);
    return items.find((hit) => hit.id === cards[0].id);
  };
  const hit = await until("The card among what was found", found, CONSEQUENCE_MS);
  return `"seedl" finds the ${hit.kind} "${hit.title}"`;
}

async function takeBack({ owner, at, cards, watch }) {
  const before = placed(watch.theirs.state);
  const operations = cards.map(({ id }) => ({ op: "delete", taskId: id }));
  const body = { mode: "atomic", operations };
  const { undo } = await owner.command("POST", `${at}/tasks:batch`, { body });
  await watch.theirs.when("The empty board", (found) => found.length === 0, CONSEQUENCE_MS);
  const { undone } = await owner.api("POST", "/undo", { body: { token: undo } });
  const back = (found) => placed(found) === before;
  await watch.theirs.when("The board as it was", back, CONSEQUENCE_MS);
  return `${undone.length} cards gone in one call, and back in their places in one`;
}

const placed = (cards) => JSON.stringify(cards.map(({ id, listId, rank }) => [id, listId, rank]));
