// What lies on a person's desk: the units around the shown one, and what was changed of them.
// Every change takes effect here at once and goes to the server through the outbox.

import { newId } from "./api.js";

const COUNT = 36;
const FEW = 18;
const AHEAD = 12;
const RETRY = 1000;
const WHOLE = "";

function keyOf(unit) {
  return `${unit.item} ${unit.object}`;
}

export class Desk extends EventTarget {
  #api;
  #outbox;
  #items = new Map();
  #history = [];
  #filling = null;
  #filled = null;
  #changes = 0;
  #changed = new Map();
  #disputed = Promise.resolve();
  #lists = { before: [], next: [], undecided: [] };

  constructor(api, outbox) {
    super();
    this.#api = api;
    this.#outbox = outbox;
    this.unit = null;
    this.units = "pictures";
    this.conflicts = [];
    outbox.addEventListener("written", ({ detail }) => this.#written(detail));
  }

  /** Begin with the answer to the session's opening. */
  async begin(opened) {
    this.units = opened.units;
    this.#take(opened.items);
    await this.show(opened.current[0] ?? null);
  }

  /** A unit with its picture, and its label if one is judged. */
  view(unit = this.unit) {
    if (!unit) return null;
    const item = this.#items.get(unit.item);
    const label = item.labels.find((one) => one.object === unit.object) ?? null;
    return { unit, item, label, verdict: verdictOf(item, unit.object) };
  }

  item(number) {
    return this.#items.get(number);
  }

  /** Units after the shown one that are shown next, the nearest first. */
  ahead(count = AHEAD) {
    const { next, undecided } = this.#lists;
    const open = this.#open(undecided);
    const mixed = [];
    for (let i = 0; i < count; i++) mixed.push(open[i], next[i]);
    return distinct(mixed.filter(Boolean)).slice(0, count + 4);
  }

  before(count = 3) {
    return this.#lists.before.slice(0, count);
  }

  /** The shown unit and undecided ones after it, for a page of the grid. */
  page(count, from = this.unit) {
    const { next, undecided } = this.#lists;
    const open = this.#open(undecided);
    const rest = open.length ? open : next;
    return distinct([from, ...rest].filter(Boolean)).slice(0, count);
  }

  /** Show a unit; the lists around it follow. */
  async show(unit) {
    const from = this.unit;
    this.unit = unit;
    if (unit && from) this.#follow(from, unit);
    this.#tell("shown");
    if (unit && (!from || this.#lists.next.length < FEW || this.#lists.before.length < 3)) {
      await this.fill();
    }
  }

  next() {
    return this.#lists.next[0] ?? null;
  }

  previous() {
    return this.#lists.before[0] ?? null;
  }

  undecided() {
    return this.#open(this.#lists.undecided)[0] ?? null;
  }

  /** Where a person goes after deciding a unit: on in order where it had been decided before. */
  onward(wasDecided) {
    return (wasDecided ? null : this.undecided()) ?? this.next();
  }

  /** Give one verdict on units. */
  judge(units, verdict) {
    return this.write(this.verdicts(units, verdict));
  }

  verdicts(units, verdict) {
    return units.map((unit) => ({ ...unit, subject: "verdict", verdict }));
  }

  /** Set a label, or remove it if the annotation is null. */
  place(item, object, annotation) {
    return this.write([{ item, object, subject: "label", annotation }]);
  }

  /** Write changes that are undone together: {item, object, subject, annotation | verdict}. */
  write(changes) {
    const action = newId();
    const before = new Map();
    let decided = 0;
    const sent = changes.map(({ item, object, subject, annotation, verdict }, number) => {
      const own = this.#items.get(item);
      this.#mark(item);
      if (!before.has(item)) before.set(item, structuredClone(own));
      const name = `${action}-${number}`;
      const change = { action: name, item, object, subject };
      const was = verdictOf(own, object);
      if (subject === "verdict") Object.assign(change, { verdict }, judge(own, object, verdict, name));
      else Object.assign(change, { annotation }, place(own, object, annotation, name));
      decided += (verdictOf(own, object) !== null) - (was !== null);
      return change;
    });
    this.#history.push({ action, unit: this.unit, lists: this.#lists, before, changes: sent });
    this.#outbox.add({ kind: "changes", action, changes: sent });
    this.#tell("changed", { items: [...before.keys()], decided });
    return action;
  }

  /** Take back the last action, and show where it was if that is known here. */
  undo() {
    const action = newId();
    const last = this.#history.pop();
    const items = last ? [...last.before.keys()] : [];
    let decided = 0;
    for (const [number, item] of last?.before ?? []) {
      const restored = structuredClone(item);
      const now = this.#items.get(number);
      for (const change of last.changes.filter((one) => one.item === number)) {
        unbase(restored, change, `${action}~${change.action}`);
        const { object } = change;
        decided += (verdictOf(restored, object) !== null) - (verdictOf(now, object) !== null);
      }
      this.#items.set(number, restored);
      this.#mark(number);
    }
    this.#outbox.add({ kind: "undo", action, items });
    this.#tell("changed", { items, decided });
    if (last) this.#back(last);
  }

  // The lists were true for that unit, and what was decided since then is passed over.
  #back({ unit, lists }) {
    this.unit = unit;
    this.#lists = { ...lists };
    this.show(unit);
  }

  /** Have the server change pictures; it is undone as one. */
  async ask(path, content, numbers) {
    const before = new Map(numbers.map((number) => [number, structuredClone(this.#items.get(number))]));
    const answer = await this.#api.post(path, content);
    this.#history.push({ unit: this.unit, lists: this.#lists, before, changes: [] });
    await this.refresh(numbers);
    this.fill();
    return answer;
  }

  /** Write over what somebody else wrote in between, or leave that as it is. */
  resolve(conflict, mine) {
    this.conflicts = this.conflicts.filter((one) => one !== conflict);
    if (mine) {
      const { item, object, subject, annotation, verdict } = conflict.change;
      this.write([{ item, object, subject, annotation, verdict }]);
    }
    this.#tell("conflicts");
  }

  /** Get pictures anew from the server, but those with changes that it does not have yet. */
  async refresh(numbers) {
    const query = numbers.map((number) => `number=${number}`).join("&");
    const since = this.#changes;
    const { items } = await this.#api.get(`items?${query}`);
    this.#take(items, since);
    this.#tell("changed", { items: numbers, decided: 0 });
  }

  /** Show a unit that may be anywhere. */
  async jump(unit) {
    const { current, items } = await this.#api.get("unit", unit);
    this.#take(items);
    if (current[0]) await this.show(current[0]);
    return Boolean(current[0]);
  }

  async last() {
    const { current, items } = await this.#api.get("last");
    this.#take(items);
    if (current[0]) await this.show(current[0]);
    return Boolean(current[0]);
  }

  /** Get the units around the shown one; false if the server does not answer. */
  async fill() {
    if (this.#filling) {
      const done = await this.#filling;
      if (this.#filled === keyOf(this.unit)) return done;
    }
    this.#filling ??= this.#fill().finally(() => (this.#filling = null));
    return this.#filling;
  }

  async #fill() {
    const unit = this.unit;
    const since = this.#changes;
    let around;
    try {
      around = await this.#api.get("around", { item: unit.item, object: unit.object, count: COUNT });
    } catch (error) {
      this.#tell("trouble", error.message);
      setTimeout(() => this.#lists.next.length < FEW && this.fill(), RETRY);
      return false;
    }
    this.#take(around.items, since);
    const { before, next, undecided, current } = around;
    if (keyOf(this.unit) === keyOf(unit)) {
      this.#lists = { before, next, undecided };
      this.#filled = keyOf(unit);
      Object.assign(this.unit, current[0]);
    } else {
      // The person went on meanwhile. Forward, the rest of the answer is still true.
      const passed = next.findIndex((one) => keyOf(one) === keyOf(this.unit));
      if (passed >= 0) {
        const open = without(undecided, next.slice(0, passed));
        this.#lists = { before: this.#lists.before, next: next.slice(passed + 1), undecided: open };
      }
    }
    this.#tell("filled");
    return true;
  }

  // Keep the lists true while the person moves, so that the server need not be asked each time.
  #follow(from, unit) {
    const { before, next } = this.#lists;
    const forward = next.findIndex((one) => keyOf(one) === keyOf(unit));
    const back = before.findIndex((one) => keyOf(one) === keyOf(unit));
    if (keyOf(from) === keyOf(unit)) return;
    const { undecided } = this.#lists;
    if (forward >= 0) {
      const passed = [from, ...next.slice(0, forward)];
      // What was passed over comes again when nothing else is undecided.
      const rest = without(undecided, passed);
      this.#lists = { before: [...passed.reverse(), ...before], next: next.slice(forward + 1), undecided: rest };
    } else if (back >= 0) {
      const passed = [...before.slice(0, back).reverse(), from];
      this.#lists = { before: before.slice(back + 1), next: [...passed, ...next], undecided: [...passed, ...without(undecided, passed)] };
    } else this.#lists = { before: [], next: [], undecided };
  }

  #open(units) {
    const shown = this.unit && keyOf(this.unit);
    return units.filter((unit) => keyOf(unit) !== shown && this.view(unit).verdict === null);
  }

  // Pictures as the server knew them when `since` changes had been made here.
  #take(items, since = this.#changes) {
    for (const item of items) {
      const isOld = this.#outbox.concerns(item.id) || (this.#changed.get(item.id) ?? 0) > since;
      if (!isOld || !this.#items.has(item.id)) this.#items.set(item.id, item);
    }
  }

  #written({ group, answer }) {
    if (group[0].kind === "undo") {
      this.#take(answer.items);
      const numbers = answer.items.map((item) => item.id);
      numbers.forEach((number) => this.#mark(number));
      this.#tell("undone", { items: numbers });
      return;
    }
    const unseen = new Set();
    group.forEach((entry, i) => {
      entry.changes.forEach((change, j) => {
        if (!this.#confirm(change, answer.written[i][j])) unseen.add(change.item);
      });
    });
    const shown = [...unseen].filter((number) => this.#items.has(number));
    if (shown.length) this.refresh(shown).catch(() => {});
  }

  // An answer that the server began before this change does not know it.
  #mark(number) {
    this.#changed.set(number, ++this.#changes);
  }

  // Returns false if the change is not in what is known here, as one that was made before a reload.
  #confirm(change, written) {
    this.#mark(change.item);
    if (written.stale) {
      const mine = structuredClone(this.#items.get(change.item));
      this.#disputed = this.#disputed.then(() => this.#dispute(change, mine));
      return true;
    }
    const item = this.#items.get(change.item);
    const label = item?.labels.find((one) => one.object === change.object);
    const [stated, newest] =
      change.subject === "label"
        ? [label, "revision"]
        : [change.object === WHOLE ? item : label, "verdict_revision"];
    if (stated?.[newest] === change.action) {
      stated[newest] = written.revision;
      return true;
    }
    return item?.removed?.[change.object] === change.action;
  }

  async #dispute(change, mine) {
    await this.#outbox.settled().catch(() => {});
    await this.refresh([change.item]).catch(() => {}); // what the other person wrote
    this.conflicts = [...this.conflicts, { change, mine }];
    this.#tell("conflicts");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The verdict on a label, or on the whole picture; null without one. */
function verdictOf(item, object) {
  if (object === WHOLE) return item.verdict;
  return item.labels.find((one) => one.object === object)?.verdict ?? null;
}

function judge(item, object, verdict, action) {
  const label = item.labels.find((one) => one.object === object);
  const judged = object === WHOLE ? item : label;
  if (!judged) return { base: null, judges: null }; // somebody else took it away
  const base = judged.verdict_revision;
  judged.verdict = verdict;
  judged.verdict_revision = action;
  const judges = typeof label?.revision === "number" ? label.revision : null;
  return { base, judges };
}

function place(item, object, annotation, action) {
  const old = item.labels.find((one) => one.object === object);
  const base = old?.revision ?? item.removed?.[object] ?? null;
  item.labels = item.labels.filter((one) => one !== old);
  if (annotation === null) {
    item.removed = { ...item.removed, [object]: action };
  } else {
    const made = { object, revision: action, annotation, origin: "person", method: "", version: "" };
    item.labels = [...item.labels, { ...made, author: "", at: 0, verdict: null, verdict_revision: null }];
    item.labels.sort((a, b) => (a.object < b.object ? -1 : 1));
  }
  return { base };
}

// What was taken back has a new newest revision, whose action the server makes of both actions.
function unbase(item, change, action) {
  const label = item.labels.find((one) => one.object === change.object);
  if (change.subject === "verdict") {
    const judged = change.object === WHOLE ? item : label;
    if (judged) judged.verdict_revision = action;
  } else if (label) {
    Object.assign(label, { revision: action, verdict: null, verdict_revision: null });
  } else {
    item.removed = { ...item.removed, [change.object]: action };
  }
}

function without(units, others) {
  const left = new Set(others.map(keyOf));
  return units.filter((unit) => !left.has(keyOf(unit)));
}

function distinct(units) {
  const known = new Map(units.map((unit) => [keyOf(unit), unit]));
  return [...known.values()];
}
