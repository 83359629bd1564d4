// What a person sees: one line a step, with what was seen and how long it took.

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);

const DURATION_WIDTH = 9;
const TITLE_WIDTH = 45;

/** A promise of the demo that was not kept. Its message is one sentence for a person. */
export class Miss extends Error {}

export function heading(text) {
  console.log(`\n${paint("1", text)}\n`);
}

/**
 * Run one step and print it. `work` returns what was seen, as text, or `{ seen, ms }` if a
 * shorter span than the whole step is the one worth knowing.
 */
export async function step(title, work) {
  const begun = performance.now();
  try {
    const result = await work();
    const { seen, ms } = typeof result === "string" ? { seen: result } : result;
    line(paint("32", "✓"), ms ?? performance.now() - begun, title, seen);
  } catch (error) {
    line(paint("31", "✗"), performance.now() - begun, title, "");
    throw error;
  }
}

/** Say what a longer silence is about. */
export function note(text) {
  console.log(paint("2", `    ${"…".padStart(DURATION_WIDTH)}  ${text}`));
}

/**
 * Run a whole demo and set the exit code: 0, or 1 after one sentence that says what was missed.
 *
 * `show` returns the sentence to close with.
 */
export async function play(show) {
  const begun = performance.now();
  try {
    const end = await show();
    console.log(`\n${paint("32", end)} It took ${span(performance.now() - begun)}.`);
  } catch (error) {
    console.error(`\n${paint("31", "The demo failed:")} ${sentence(error)}`);
    process.exit(1); // Open listeners would keep the process alive.
  }
}

function sentence(error) {
  if (error instanceof Miss || error.code) return error.message;
  const cause = error.cause?.code ?? error.cause?.message;
  return cause ? `${error.message} (${cause}).` : error.stack; // A stack for our own mistakes only.
}

/** Write a span as people read it: `7 ms`, `412 ms`, `12.3 s`. */
export function span(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function line(mark, ms, title, seen) {
  const duration = paint("2", span(ms).padStart(DURATION_WIDTH));
  console.log(`  ${mark} ${duration}  ${title.padEnd(TITLE_WIDTH)} ${seen}`);
}
