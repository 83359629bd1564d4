// Many apps drag cards about on one board at once, each by what its own listener shows. Most drags
// are written straight into Firestore under the rules; the others go through the API.

import { collection, doc, limit, onSnapshot, orderBy, query, where } from "firebase/firestore";
import { serverTimestamp, updateDoc } from "firebase/firestore";
import { appOf, report, scene, until } from "./app.mjs";
import { between } from "./ranks.mjs";

const { api, board, lists, people, moves, workspace } = scene;
const tasks = `workspaces/${workspace}/tasks`;

/** The app of one person, with the board on its screen. */
class Screen {
  constructor({ uid, token }) {
    this.uid = uid;
    this.token = token;
    this.db = appOf(uid);
    this.cards = [];
    this.isCaughtUp = false;
    this.counts = { written: 0, refused: 0, byApi: 0, refusedByApi: 0 };
    const shown = query(
      collection(this.db, tasks),
      where("deletedAt", "==", null),
      where("archivedAt", "==", null),
      where("boardId", "==", board),
      orderBy("listId"),
      orderBy("rank"),
      limit(300),
    );
    onSnapshot(shown, { includeMetadataChanges: true }, (snapshot) => {
      this.cards = snapshot.docs.map((each) => ({ id: each.id, ...each.data() }));
      this.changedAt = Date.now();
      this.isCaughtUp = !snapshot.metadata.hasPendingWrites;
    });
  }

  /** The order of the cards, list by list. */
  get order() {
    return lists.map((list) =>
      this.cards.filter((card) => card.listId === list).map((card) => card.id),
    );
  }

  /** Drag any card to any place, as it looks on this screen, once it shows what was dragged last. */
  async drag() {
    await until("the last drag on this screen", () => this.isCaughtUp);
    const card = any(this.cards);
    const listId = any(lists);
    const column = this.cards.filter((each) => each.listId === listId && each.id !== card.id);
    const place = Math.floor(Math.random() * (column.length + 1));
    const above = column[place - 1] ?? null;
    const below = column[place] ?? null;
    const rank = between(above?.rank ?? null, below?.rank ?? null);
    if (rank === undefined || Math.random() < 0.25) await this.askToMove(card, listId, above, below);
    else await this.write(card, listId, rank);
  }

  async write(card, listId, rank) {
    const changes = {
      boardId: board,
      listId,
      rank,
      rev: card.rev + 1,
      updatedAt: serverTimestamp(),
      updatedBy: this.uid,
    };
    try {
      await updateDoc(doc(this.db, `${tasks}/${card.id}`), changes);
      this.counts.written++;
    } catch (error) {
      if (error.code !== "permission-denied") throw error;
      this.counts.refused++; // Somebody else was faster: the card jumps to where they put it.
    }
  }

  async askToMove(card, listId, above, below) {
    const answer = await fetch(`${api}/api/v1/workspaces/${workspace}/tasks/${card.id}:move`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        listId,
        ...(above && { after: above.id }),
        ...(below && { before: below.id }),
      }),
    });
    if (answer.ok) this.counts.byApi++;
    else if ([409, 422, 503].includes(answer.status)) this.counts.refusedByApi++; // A neighbour left.
    else throw new Error(`${answer.status}: ${await answer.text()}`);
  }
}

function any(values) {
  return values[Math.floor(Math.random() * values.length)];
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const screens = people.map((person) => new Screen(person));
await until("the board on every screen", () =>
  screens.every((screen) => screen.cards.length === scene.cards),
);

await Promise.all(
  screens.map(async (screen) => {
    for (let count = 0; count < moves; count++) await screen.drag();
  }),
);

// Apart from the order on the screens nothing is waited for, and that only as long as they change.
const watcher = new Screen(people[0]);
const agree = () => screens.every((screen) => same(screen.order, watcher.order));
const lastChange = () => Math.max(...screens.map((screen) => screen.changedAt));
await until("every card", () => watcher.cards.length === scene.cards);
await until("one order, or quiet", () => agree() || Date.now() - lastChange() > 20_000);

report({
  orders: screens.map((screen) => screen.order),
  longest: Math.max(...watcher.cards.map((card) => card.rank.length)),
  counts: screens.map((screen) => screen.counts),
});
