// The programs to be killed. A helper in Python knows the stack's processes and waits, armed, so
// that the signal leaves the moment it is asked for.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Miss } from "./screen.mjs";

export class Victims {
  #helper;
  #lines;

  /** Get ready to kill the programs of these names. */
  static async arm(names) {
    const [program, ...options] = JSON.parse(process.env.DEMO_KILLER);
    const helper = spawn(program, [...options, ...names], { stdio: ["pipe", "pipe", "inherit"] });
    const victims = new Victims(names.join(" and "), helper);
    if ((await victims.#line()) !== "armed") throw new Miss(`No ${victims.names} can be killed.`);
    return victims;
  }

  constructor(names, helper) {
    this.names = names;
    this.#helper = helper;
    this.#lines = createInterface({ input: helper.stdout })[Symbol.asyncIterator]();
  }

  /** Kill them and return what was killed, in words. */
  async kill() {
    const ended = once(this.#helper, "close");
    this.#helper.stdin.end("now\n");
    const killed = await this.#line();
    const [code] = await ended;
    if (code !== 0) throw new Miss(`Not everyone was there to be killed: ${killed}.`);
    return killed;
  }

  async #line() {
    return (await this.#lines.next()).value ?? "";
  }
}
