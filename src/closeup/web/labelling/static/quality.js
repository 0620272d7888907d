// What a network says of the label on the screen: how likely it is wrong, and where it looks.
// Labels are judged one after the other, beside all other work, and kept by their revision.

import { afterPaint } from "./after_paint.js";

const SHOWN = "closeup:map";
const MOST = 600;
const RETRY = 1000;

export class Quality extends EventTarget {
  #labeller;
  #judged = new Map();
  #waiting = [];
  #running = false;
  #section = document.getElementById("quality");
  #picture = document.querySelector("#quality img");
  #drawn = null;

  constructor(labeller) {
    super();
    this.#labeller = labeller;
    this.enabled = labeller.task.judged;
    this.#section.hidden = !this.enabled;
    if (!this.enabled) return;
    this.#open(localStorage.getItem(SHOWN) !== "no");
    const { desk } = labeller;
    for (const event of ["shown", "filled", "changed"]) desk.addEventListener(event, () => this.show());
    // A label that was moved gets its revision, by which it is judged, from the server.
    labeller.outbox.addEventListener("changed", () => labeller.outbox.size || this.show());
  }

  /** What is known of a label: {bad, words, chance, url} or {error}; undefined until it is, or hidden. */
  of(label) {
    return this.#isOpen ? this.#judged.get(label?.revision) : undefined;
  }

  toggle() {
    if (!this.enabled) {
      this.#labeller.flash("no network judges the labels; see closeup review --quality");
      return;
    }
    this.#open(!this.#isOpen);
    localStorage.setItem(SHOWN, this.#section.dataset.open);
    this.show();
    const { grid } = this.#labeller;
    if (grid.shown) {
      grid.preload();
      grid.draw();
    }
  }

  /** Show what is said of the label on the screen, and have those judged that come. */
  show() {
    if (!this.enabled || !this.#labeller.desk.unit) return;
    this.#draw();
    if (!this.#labeller.grid.shown) afterPaint(() => this.#wantNext());
  }

  /** Have labels judged, in this order and before all else. */
  want(views) {
    if (!this.#isOpen) return;
    this.#waiting = views.filter(({ label }) => typeof label?.revision === "number" && !this.#judged.has(label.revision));
    this.#work();
  }

  get #isOpen() {
    return this.#section.dataset.open === "yes";
  }

  #open(open) {
    this.#section.dataset.open = open ? "yes" : "no";
    this.#section.querySelector("button").setAttribute("aria-expanded", open);
  }

  #wantNext() {
    const { desk, grid } = this.#labeller;
    if (grid.shown || !this.#isOpen) return;
    const units = [desk.unit, ...desk.ahead(), ...desk.before(1)];
    this.want(units.map((unit) => desk.view(unit)).map((view) => ({ item: view.item, label: this.#label(view) })));
  }

  // In a picture that is judged as a whole, the label that the person works on, or the only one.
  #label({ unit, item, label }) {
    if (label) return label;
    const chosen = unit === this.#labeller.desk.unit ? this.#labeller.mode.chosen() : null;
    const own = item.labels.find((one) => one.object === chosen);
    return own ?? (item.labels.length === 1 ? item.labels[0] : null);
  }

  #draw() {
    const { desk, grid } = this.#labeller;
    const label = this.#label(desk.view(grid.unit ?? desk.unit));
    const known = this.of(label);
    const state = known ?? label?.revision;
    if (state === this.#drawn) return;
    this.#drawn = state;
    const said = this.#section.querySelector(".said");
    const words = known?.words ?? known?.error ?? (label ? "is being judged" : "no label is chosen");
    said.textContent = words;
    said.className = `said ${{ "looks right": "true", "looks wrong": "false" }[words] ?? "unsure"}`;
    this.#section.querySelector(".probability").textContent = known?.chance ?? "";
    this.#section.querySelector("figure").hidden = !known?.url;
    if (!known?.url) return;
    this.#picture.src = known.url;
    this.#picture.alt = `What the network read, warm where it sees an error: ${words}, ${known.chance}`;
  }

  async #work() {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length) {
      const { item, label } = this.#waiting.shift();
      const judged = await this.#ask(item, label);
      if (judged) this.#keep(label.revision, judged);
      else await new Promise((resolve) => setTimeout(resolve, RETRY));
      this.dispatchEvent(new CustomEvent("judged", { detail: label.revision }));
      this.#draw();
    }
    this.#running = false;
  }

  // Null if the program does not answer; it is asked again when the label is wanted again.
  async #ask(item, label) {
    try {
      const { blob, headers } = await this.#labeller.api.file("map", { item: item.id, object: label.object });
      const [bad, words, chance] = ["Bad", "Words", "Chance"].map((name) => headers.get(`X-${name}`));
      return { bad, words, chance, url: URL.createObjectURL(blob) };
    } catch (error) {
      return error.status ? { error: error.message } : null;
    }
  }

  #keep(revision, judged) {
    this.#judged.set(revision, judged);
    if (this.#judged.size <= MOST) return;
    const [oldest, { url }] = this.#judged.entries().next().value;
    this.#judged.delete(oldest);
    if (url) URL.revokeObjectURL(url);
  }
}
