// Ties the parts together: keys and buttons become actions, actions become changes and moves.

import { ConflictPanel } from "./conflicts.js";
import { newId } from "./api.js";
import { Desk } from "./desk.js";
import { Panel } from "./dialogs.js";
import { Grid } from "./grid.js";
import { keyName, Keys } from "./keys.js";
import { Colours } from "./marks.js";
import { Pictures } from "./pictures.js";
import { Quality } from "./quality.js";
import { afterPaint } from "./after_paint.js";
import { modeOf } from "./modes.js";
import { Side } from "./side.js";
import { Stage } from "./stage.js";
import { onPinch } from "./touch.js";
import { Unseen } from "./unseen.js";

const STEP = 0.05;
const ZOOM = 1.25;
const LIGHT = 1.15;
const FLASH = 700;
const COUNTS_EVERY = 4000;
const WORDS = { true: "true", false: "false", unsure: "cannot tell" };
const VERDICTS = { true: "true", false: "false", skip: "unsure" };

export class Labeller {
  #moving = null;
  #flashing = null;
  #held = new Set();
  #counting = null;
  #drawn = null;
  #leaving = false;

  constructor(task, api, outbox) {
    this.task = task;
    this.api = api;
    this.outbox = outbox;
    this.desk = new Desk(api, outbox);
    this.pictures = new Pictures(api);
    this.keys = new Keys(task.keys);
    this.colours = new Colours(task.schema);
    this.stage = new Stage(document.getElementById("stage"), () => this.#redraw());
    onPinch(this.stage);
    this.mode = modeOf(task.mode, this);
    this.quality = new Quality(this);
    this.unseen = new Unseen(this);
    this.grid = new Grid(this);
    this.panel = new Panel(this);
    this.side = new Side(this);
    new ConflictPanel(this);
    this.counts = { all: 0, decided: 0, classes: {} };
    this.#listen();
  }

  async begin(opened) {
    this.stage.setOpacity(Number(localStorage.getItem("closeup:opacity") ?? 0.5));
    this.stage.setLight(1, 1);
    this.side.lights();
    if (!opened.current.length) await this.#sayWhyNothing();
    await this.desk.begin(opened);
    this.stage.element.focus();
    this.#count();
    this.#beat();
  }

  /** Do what a key or button stands for; returns whether anything was done. */
  act(action, event = null) {
    if (this.grid.shown && this.grid.act(action)) return true;
    if (!this.grid.shown && this.mode.act(action, event)) return true;
    const own = this.#actions()[action];
    if (!own) return false;
    if (event?.repeat && action in VERDICTS) return true; // a key that stays down judges once
    own();
    return true;
  }

  #actions() {
    const { desk, stage } = this;
    return {
      next: () => this.go(() => desk.next()),
      previous: () => this.go(() => desk.previous()),
      undecided: () => this.go(() => desk.undecided()),
      last: () => this.#server(() => desk.last(), "nothing is labelled yet"),
      true: () => this.decide("true"),
      false: () => this.decide("false"),
      skip: () => this.decide("unsure"),
      page: () => this.unseen.skipGone() || this.decide("true"),
      undo: () => this.undo(),
      save: () => this.save(),
      show: () => this.panel.labels(),
      help: () => this.panel.keys(),
      quit: () => this.quit(),
      grid: () => this.grid.toggle(),
      map: () => this.quality.toggle(),
      fainter: () => this.#opacity(-STEP),
      stronger: () => this.#opacity(STEP),
      zoom_in: () => stage.zoom(ZOOM, this.mode.focus()),
      zoom_out: () => stage.zoom(1 / ZOOM, this.mode.focus()),
      darker: () => this.light(stage.brightness / LIGHT, stage.contrast),
      brighter: () => this.light(stage.brightness * LIGHT, stage.contrast),
      less_contrast: () => this.light(stage.brightness, stage.contrast / LIGHT),
      more_contrast: () => this.light(stage.brightness, stage.contrast * LIGHT),
    };
  }

  /** Judge the shown unit, once it could be seen, and go on. */
  decide(verdict) {
    const view = this.desk.view();
    if (!view || this.#moving || this.#drawn !== view.unit) return;
    if (this.unseen.refuses(verdict)) return;
    const changes = this.mode.pending(verdict);
    this.#leaving = true; // its verdict need not be drawn any more
    this.desk.write([...changes, ...this.desk.verdicts([view.unit], verdict)]);
    this.#leaving = false;
    this.flash(WORDS[verdict]);
    this.go(() => this.desk.onward(view.verdict !== null));
  }

  /** Show the unit that `choose` gives, after waiting for the server if it is not known yet. */
  async go(choose) {
    this.mode.leave();
    while (this.#moving) await this.#moving;
    let unit = choose();
    let answered = true;
    if (!unit && this.desk.unit) {
      this.#moving = this.desk.fill();
      answered = await this.#moving;
      this.#moving = null;
      unit = choose();
    }
    if (unit) await this.desk.show(unit);
    else if (answered) this.#ended();
    else this.flash("the program does not answer");
  }

  undo() {
    this.mode.leave();
    this.flash("undone");
    this.desk.undo();
  }

  async save() {
    try {
      this.mode.leave();
      await this.outbox.settled();
      this.flash("saved");
    } catch {
      this.flash(`not saved yet: ${this.outbox.size}`);
    }
  }

  async quit() {
    this.mode.leave();
    await this.outbox.settled().catch(() => {});
    if (this.outbox.size && !confirm(`${this.outbox.size} labels are not saved yet. They stay in this browser and are sent when this page is opened again. Quit?`)) return;
    const done = this.outbox.size === 0;
    const { last } = await this.api.post("quit", {}).catch(() => ({ last: false }));
    document.getElementById("app").hidden = true;
    const bye = document.getElementById("bye");
    bye.hidden = false;
    bye.textContent = `${done ? "Everything is saved." : "Not everything is saved."} ${last ? "The program has ended; you" : "You"} can close this tab.`;
    window.dispatchEvent(new Event("quit"));
  }

  light(brightness, contrast) {
    this.stage.setLight(brightness, contrast);
    this.side.lights();
    this.mode.draw();
  }

  /** Show a word over the picture for a moment. */
  flash(text) {
    const element = document.getElementById("flash");
    element.textContent = text;
    element.classList.add("on");
    clearTimeout(this.#flashing);
    this.#flashing = setTimeout(() => element.classList.remove("on"), FLASH);
    this.announce(text);
  }

  /** Tell people who do not see the page. */
  announce(text) {
    document.getElementById("announce").textContent = text;
  }

  /** Ask the server for a change that it makes; null if it did not, which is said. */
  async asked(call) {
    try {
      await this.outbox.settled();
      return await call(newId());
    } catch (error) {
      this.flash(error.message);
      return null;
    }
  }

  /** Show a message in place of a picture, or take it away if the text is null. */
  say(text) {
    const element = document.getElementById("message");
    element.hidden = text === null;
    element.textContent = text ?? "";
  }

  /** Draw the shown unit, if its picture is here, and get the next ones. */
  render() {
    const view = this.desk.view();
    if (!view) return;
    this.side.about(view);
    const ready = this.pictures.picture(view.item);
    const masks = this.mode.masks(view).map((label) => this.pictures.mask(view.item, label));
    if (ready && masks.every(Boolean)) this.#paint(view, ready, masks);
    else if (this.#drawn !== view.unit) this.stage.show(null);
    afterPaint(() => this.preload());
  }

  preload() {
    const { desk } = this;
    if (!desk.unit) return;
    const units = [desk.unit, ...desk.ahead(), ...desk.before()];
    if (this.grid.shown) this.grid.preload();
    else this.pictures.want(units.map((unit) => this.mode.shownOf(desk.view(unit))));
  }

  #paint(view, ready, masks) {
    const fresh = this.#drawn !== view.unit;
    const bitmaps = masks.filter((mask) => mask.bitmap).map((mask) => mask.bitmap);
    this.#drawn = view.unit;
    if (!ready.bitmap) this.stage.show(null);
    else if (fresh) {
      this.mode.enter(view, ready);
      this.stage.show(ready, bitmaps, this.mode.part(view, ready));
    } else this.stage.update(ready, bitmaps);
    this.say(this.unseen.note(ready, masks));
    this.stage.element.dataset.drawn = document.getElementById("unit-name").textContent;
    if (fresh) document.dispatchEvent(new CustomEvent("closeup:drawn", { detail: view.unit }));
  }

  #filled() {
    if (this.#drawn !== this.desk.unit) this.render();
    else this.preload();
    this.side.about(this.desk.view());
  }

  #redraw() {
    if (!this.mode) return; // the page is still being built
    this.mode.draw();
    if (this.stage.coarse && this.desk.unit) this.pictures.sharpen(this.desk.view().item);
  }

  async #sayWhyNothing() {
    const { all } = await this.api.get("counts").catch(() => ({ all: 0 }));
    if (all) this.say("other people have all pictures on their screens; load this page again later");
    else this.say("there are no pictures in the store; import some");
  }

  async #ended() {
    if (!this.desk.unit) return;
    this.mode.changed();
    this.render();
    const counts = await this.asked(() => this.api.get("counts"));
    if (counts) this.flash(counts.decided >= counts.all ? "everything is decided" : "there are no more");
  }

  #opacity(change) {
    this.stage.setOpacity(this.stage.opacity + change);
    localStorage.setItem("closeup:opacity", this.stage.opacity);
    this.side.lights();
  }

  async #server(call, otherwise) {
    this.mode.leave();
    try {
      await this.outbox.settled();
      if (!(await call())) this.flash(otherwise);
    } catch (error) {
      this.flash(error.message);
    }
  }

  #listen() {
    const { desk, outbox, pictures } = this;
    desk.addEventListener("shown", () => this.render());
    desk.addEventListener("filled", () => this.#filled());
    desk.addEventListener("trouble", ({ detail }) => this.#drawn || this.say(detail));
    desk.addEventListener("changed", ({ detail }) => this.#changed(detail));
    desk.addEventListener("undone", ({ detail }) => this.#undone(detail));
    pictures.addEventListener("ready", ({ detail }) => this.#ready(detail));
    outbox.addEventListener("changed", () => this.status());
    outbox.addEventListener("trouble", ({ detail }) => this.status(detail));
    outbox.addEventListener("refused", ({ detail }) => this.#refused(detail));
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("click", (event) => {
      const action = event.target.closest?.("[data-action]")?.dataset.action;
      if (action) this.act(action);
    });
    window.addEventListener("pagehide", () => {
      this.mode.leave();
      this.api.leave();
    });
    window.addEventListener("pageshow", (event) => event.persisted && this.desk.fill());
    window.addEventListener("beforeunload", () => this.mode.leave());
    this.status();
  }

  #key(event) {
    const open = document.querySelector("dialog[open]");
    const typing = event.target.closest?.("input:not([type=range]), textarea, select");
    if (open || typing || event.isComposing || document.getElementById("app").hidden) return;
    const key = keyName(event);
    if (!key) return;
    const pressed = event.target.closest?.("button, summary, input");
    if (pressed && ["enter", "space"].includes(key) && !this.grid.shown) return;
    if (pressed?.type === "range" && ["left", "right", "up", "down"].includes(key)) return;
    const inMode = this.grid.shown ? this.grid : this.mode;
    if (inMode.key(key, event)) {
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = this.keys.action(key);
    if (action && this.act(action, event)) event.preventDefault();
  }

  #ready({ item }) {
    if (this.grid.shown) this.grid.draw();
    else if (this.desk.unit?.item === item) this.render();
  }

  #changed({ items, decided }) {
    this.counts.decided += decided;
    this.side.counts();
    if (this.grid.shown) this.grid.draw();
    else if (!this.#leaving && this.desk.unit && items.includes(this.desk.unit.item)) {
      this.mode.changed();
      this.render();
    }
  }

  // What was taken back may have been done before this page was loaded.
  #undone({ items }) {
    if (!items.length) this.flash("there is nothing to undo");
    else if (!items.includes(this.desk.unit?.item) && !this.grid.shown) {
      this.desk.jump({ item: items[0], object: this.desk.units === "labels" ? this.#object(items[0]) : "" });
    } else this.#changed({ items, decided: 0 });
    this.#count();
  }

  #object(item) {
    return this.desk.item(item)?.labels[0]?.object ?? "";
  }

  /** Say whether everything is saved: whether the server confirmed it. */
  status(trouble = null) {
    const element = document.getElementById("status");
    const size = this.outbox.size + (this.mode.unsaved ? 1 : 0);
    element.classList.toggle("trouble", Boolean(trouble) && size > 0);
    element.classList.toggle("waiting", size > 0);
    if (size === 0) element.textContent = "saved";
    else if (trouble) element.textContent = `not saved yet: ${size}`;
    else if (!element.textContent.startsWith("not saved")) element.textContent = "saving";
    else element.textContent = `not saved yet: ${size}`;
    element.title = trouble ?? "";
    if (size === 0) this.#count();
  }

  #refused({ entry, reason }) {
    const items = [...new Set(entry.changes?.map((change) => change.item) ?? [])];
    this.side.refused(`This could not be saved: ${reason}`);
    if (items.length) this.desk.refresh(items).catch(() => {});
  }

  // How far the labelling is, asked for at most every few seconds.
  #count() {
    this.#counting ??= setTimeout(async () => {
      try {
        this.counts = await this.api.get("counts");
        this.side.counts();
      } catch {
        // the status says that the program does not answer
      }
      this.#counting = null;
    }, this.counts.all ? COUNTS_EVERY : 0);
  }

  // Keep the pictures of this page from others, and give back those that it left.
  #beat() {
    const every = Math.min(60, this.task.term / 4) * 1000;
    setInterval(async () => {
      const { desk } = this;
      if (!desk.unit || document.getElementById("app").hidden) return;
      const items = [...new Set([desk.unit, ...desk.ahead()].map((unit) => unit.item))];
      const left = [...this.#held].filter((item) => !items.includes(item));
      this.#held = new Set(items);
      const answer = await this.api.post("hold", { items, left }).catch(() => null);
      if (answer) this.side.held(answer.held[desk.unit.item] ?? []);
    }, every);
  }
}
