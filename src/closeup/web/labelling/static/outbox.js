// Keeps what the person did until the server has it: in this browser, so that neither a lost
// connection nor a reload loses it. The server writes every action once, however often it comes.

import { afterPaint } from "./after_paint.js";
import { Api, newId, Refused, Unreachable } from "./api.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
const ORPHAN = 20000;
const MOST = 500;

export class Outbox extends EventTarget {
  #api;
  #prefix;
  #entries = [];
  #sending = null;
  #wait = FIRST_WAIT;
  #count = 0;
  #apis = new Map();

  constructor(api, store) {
    super();
    this.#api = api;
    this.#prefix = `closeup:unsent:${store}:`;
    this.#adopt(0);
    // Entries that another tab left behind when it was closed.
    setInterval(() => this.#adopt(ORPHAN), ORPHAN);
    window.addEventListener("online", () => this.send());
  }

  /** Number of changes that the server has not confirmed. */
  get size() {
    return this.#entries.reduce((sum, entry) => sum + (entry.changes?.length ?? 1), 0);
  }

  /** Whether a picture has changes that the server has not confirmed. */
  concerns(item) {
    return this.#entries.some(
      (entry) => entry.items?.includes(item) || entry.changes?.some((one) => one.item === item),
    );
  }

  add(entry) {
    const order = `${Date.now().toString().padStart(15, "0")}-${String(this.#count++).padStart(6, "0")}`;
    const kept = { ...entry, author: this.#api.author, at: Date.now(), key: this.#prefix + order + newId() };
    try {
      localStorage.setItem(kept.key, JSON.stringify(kept));
    } catch {
      this.#tell("trouble", "this browser has no room to keep labels; do not close the page");
    }
    this.#entries.push(kept);
    this.#tell("changed");
    afterPaint(() => this.send());
  }

  /** Resolves when everything was confirmed or refused; rejects if the server is not reached. */
  async settled() {
    while (this.#entries.length) {
      await this.send();
      if (this.#entries.length && this.#wait > FIRST_WAIT) throw new Unreachable("not saved yet");
    }
  }

  send() {
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = null));
    return this.#sending;
  }

  async #sendAll() {
    while (this.#entries.length) {
      const group = this.#next();
      try {
        const answer = await this.#deliver(group);
        this.#wait = FIRST_WAIT;
        this.#drop(group);
        this.#tell("written", { group, answer });
      } catch (error) {
        if (error instanceof Unreachable) {
          this.#tell("trouble", error.message);
          setTimeout(() => this.send(), this.#wait);
          this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
          return;
        }
        if (!(error instanceof Refused)) throw error;
        if (group.length > 1) {
          for (const entry of group) entry.alone = true; // the others are still written
          continue;
        }
        this.#drop(group);
        this.#tell("refused", { entry: group[0], reason: error.message });
      }
      this.#tell("changed");
    }
  }

  #next() {
    const first = this.#entries[0];
    if (first.kind !== "changes" || first.alone) return [first];
    const group = [];
    for (const entry of this.#entries) {
      if (entry.kind !== "changes" || entry.alone || entry.author !== first.author) break;
      group.push(entry);
      if (group.length === MOST) break;
    }
    return group;
  }

  async #deliver(group) {
    const api = await this.#apiOf(group[0].author);
    if (group[0].kind === "undo") return api.post("undo", { action: group[0].action });
    const batches = group.map(({ action, changes }) => ({ batch: action, changes }));
    return api.post("changes", { batches });
  }

  // Entries that another person left in this browser are written in that person's name.
  async #apiOf(author) {
    if (author === this.#api.author) return this.#api;
    if (!this.#apis.has(author)) {
      const api = new Api(`left-${newId()}`, author);
      await api.open();
      this.#apis.set(author, api);
    }
    return this.#apis.get(author);
  }

  #drop(group) {
    this.#entries = this.#entries.filter((entry) => !group.includes(entry));
    for (const entry of group) localStorage.removeItem(entry.key);
  }

  #adopt(age) {
    const own = new Set(this.#entries.map((entry) => entry.key));
    const found = Object.keys(localStorage)
      .filter((key) => key.startsWith(this.#prefix) && !own.has(key))
      .sort()
      .map((key) => JSON.parse(localStorage.getItem(key)))
      .filter((entry) => entry && Date.now() - entry.at >= age);
    if (!found.length) return;
    this.#entries = [...found, ...this.#entries];
    this.#tell("changed");
    this.send();
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
