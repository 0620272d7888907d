// The grid: 24 labels at once, all of them true but those that are clicked.

import { around, markLabel } from "./marks.js";
import { drawn } from "./stage.js";
import { element } from "./side.js";

const SIZE = 24;
const WIDTH = 256;
const ROOM = 2.2;
const LEAST = 104;
const GAP = 12;

export class Grid {
  #labeller;
  #element = document.getElementById("grid");
  #units = [];
  #wrong = new Set();
  #focus = 0;

  constructor(labeller) {
    this.#labeller = labeller;
    this.shown = false;
    this.buttons = ["page", "undo", "grid"];
    labeller.quality.addEventListener("judged", ({ detail }) => this.#judged(detail));
    new ResizeObserver(() => this.shown && this.#arrange()).observe(this.#element);
    this.#element.addEventListener("click", ({ target }) => {
      const cell = target.closest("button");
      if (cell) this.#flip(Number(cell.dataset.number));
    });
  }

  /** The unit of the tile that the keys work on; null if the grid is not shown. */
  get unit() {
    return this.shown ? (this.#units[this.#focus] ?? null) : null;
  }

  toggle() {
    if (this.#labeller.task.mode !== "review") {
      this.#labeller.flash("the grid is for reviewing");
      return;
    }
    this.shown = !this.shown;
    this.#element.hidden = !this.shown;
    this.#labeller.stage.element.hidden = this.shown;
    this.#labeller.side.buttons();
    if (this.shown) this.#turn();
    else this.#labeller.render();
  }

  act(action) {
    if (action === "page") this.#accept();
    else if (action === "next") this.#skip();
    else if (action === "false" || action === "true") this.#set(this.#focus, action === "false");
    else if (action === "grid" || action === "quit") this.toggle();
    else if (action === "undo") this.#undo();
    else return ["previous", "skip", "undecided", "last", "zoom_in", "zoom_out"].includes(action);
    return true;
  }

  key(key, event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (key === "space") {
      this.#flip(this.#focus);
      return true;
    }
    const across = getComputedStyle(this.#element).gridTemplateColumns.split(" ").length;
    const step = { left: -1, right: 1, up: -across, down: across }[key];
    if (!step) return false;
    const to = this.#focus + step;
    if (to >= 0 && to < this.#units.length) this.#move(to);
    return true;
  }

  /** Load the pages that come. */
  preload() {
    const { desk, pictures } = this.#labeller;
    const units = desk.page(2 * SIZE, this.#units[0] ?? desk.unit);
    const views = units.map((unit) => desk.view(unit));
    pictures.wantParts(views.map((view) => this.#part(view)));
    this.#labeller.quality.want(views);
  }

  draw() {
    if (this.#element.children.length !== this.#units.length) this.#build();
    this.#units.forEach((unit, number) => this.#drawCell(this.#element.children[number], unit, number));
  }

  #judged(revision) {
    const { desk } = this.#labeller;
    const number = this.#units.findIndex((unit) => desk.view(unit).label?.revision === revision);
    if (this.shown && number >= 0) this.#drawCell(this.#element.children[number], this.#units[number], number);
  }

  // Undecided units from the shown one on make a page.
  async #turn() {
    const { desk } = this.#labeller;
    const { unit } = desk;
    if (desk.page(SIZE).length < SIZE) await desk.fill();
    const first = unit && desk.view(unit).verdict !== null ? desk.undecided() : unit;
    this.#fill(desk.page(SIZE, first ?? unit));
  }

  #fill(units) {
    this.#units = units;
    this.#wrong.clear();
    this.#focus = 0;
    this.#build();
    this.preload();
    this.draw();
    this.#element.children[0]?.focus();
    document.dispatchEvent(new CustomEvent("closeup:page", { detail: units }));
  }

  #look(number) {
    const { desk, side, quality } = this.#labeller;
    this.#focus = number;
    if (this.unit) side.about(desk.view(this.unit));
    quality.show();
  }

  #build() {
    const cells = this.#units.map((unit, number) => {
      const cell = element("button", "", { type: "button", role: "gridcell", "data-number": number, tabindex: number === this.#focus ? 0 : -1 });
      cell.addEventListener("focus", () => this.#look(number));
      const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${WIDTH}`, "aria-hidden": "true" });
      cell.append(element("canvas", "", { width: WIDTH, height: WIDTH }), svg, element("span", "", { class: "chip" }));
      return cell;
    });
    this.#element.replaceChildren(...cells);
    this.#arrange();
  }

  // As many columns as make all cells as large as they can be without scrolling.
  #arrange() {
    const { clientWidth: wide, clientHeight: high } = this.#element;
    const side = (columns) => Math.min(wide / columns, high / Math.ceil(SIZE / columns));
    const possible = Array.from({ length: SIZE }, (_, number) => number + 1);
    const columns = possible.reduce((best, one) => (side(one) > side(best) ? one : best));
    const least = Math.max(1, Math.floor(wide / LEAST));
    this.#element.style.setProperty("--columns", Math.min(columns, least));
    this.#element.style.setProperty("--cell", `${Math.max(LEAST, Math.floor(side(columns))) - GAP}px`);
  }

  #drawCell(cell, unit, number) {
    const { desk, pictures, colours, task, stage } = this.#labeller;
    const view = desk.view(unit);
    const part = this.#part(view);
    const ready = pictures.part(part.item, part.crop, WIDTH);
    const verdict = this.#verdict(view, number) ?? "true";
    cell.dataset.verdict = verdict;
    const judged = this.#labeller.quality.of(view.label);
    if (judged?.words) cell.style.setProperty("--bad", judged.bad);
    else cell.style.removeProperty("--bad");
    const said = verdict === "unsure" ? "cannot be seen" : verdict;
    const about = judged?.words ? `, ${judged.chance}` : "";
    cell.setAttribute("aria-label", `${view.item.path}: ${said}${about}`);
    const chip = cell.querySelector(".chip");
    chip.textContent = said;
    chip.className = `chip ${verdict}`;
    const context = cell.querySelector("canvas").getContext("2d");
    context.clearRect(0, 0, WIDTH, WIDTH);
    if (!ready?.bitmap) return;
    const { bitmap } = ready;
    const fit = WIDTH / Math.max(bitmap.width, bitmap.height);
    const [left, top] = [(WIDTH - bitmap.width * fit) / 2, (WIDTH - bitmap.height * fit) / 2];
    context.drawImage(bitmap, left, top, bitmap.width * fit, bitmap.height * fit);
    const mask = view.label?.annotation.mask && pictures.part(part.item, part.crop, WIDTH, view.label);
    if (mask?.bitmap) {
      context.globalAlpha = stage.opacity;
      context.drawImage(mask.bitmap, left, top, bitmap.width * fit, bitmap.height * fit);
      context.globalAlpha = 1;
    }
    const svg = cell.querySelector("svg");
    const [x1, y1, x2] = part.crop ?? [-0.5, -0.5, null];
    if (x2 === null) return;
    const scale = WIDTH / (x2 - x1);
    const place = { toScreen: (x, y) => [(x - x1) * scale, (y - y1) * scale] };
    svg.replaceChildren(markLabel(place, view.label, colours, { names: false, skeleton: task.schema.skeleton }));
  }

  #part({ item, label }) {
    const [width, height] = item.size ?? [400, 400];
    const crop = around(label, { width, height }, ROOM);
    return { item, label, width: WIDTH, crop: crop?.map((edge) => Math.round(edge * 4) / 4) ?? null };
  }

  #move(to) {
    this.#element.children[this.#focus].tabIndex = -1;
    this.#focus = to;
    this.#element.children[to].tabIndex = 0;
    this.#element.children[to].focus();
  }

  #flip(number) {
    this.#set(number, !this.#wrong.has(number));
  }

  #set(number, wrong) {
    if (wrong) this.#wrong.add(number);
    else this.#wrong.delete(number);
    this.#move(number);
    this.draw();
  }

  // What a tile is called; null while it is on its way.
  #verdict(view, number) {
    const { item, crop, label } = this.#part(view);
    const parts = [this.#labeller.pictures.part(item, crop, WIDTH)];
    if (label?.annotation.mask) parts.push(this.#labeller.pictures.part(item, crop, WIDTH, label));
    if (parts.some((part) => !part || part.retry)) return null;
    if (parts.some((part) => !part.bitmap || part.empty)) return "unsure";
    return this.#wrong.has(number) ? "false" : "true";
  }

  // Only what could be seen is called true or false.
  #accept() {
    const { desk } = this.#labeller;
    const verdicts = this.#units.map((unit, number) => this.#verdict(desk.view(unit), number));
    if (verdicts.includes(null)) {
      this.#labeller.flash("some pictures are still on their way");
      return;
    }
    desk.write(this.#units.flatMap((unit, number) => desk.verdicts([unit], verdicts[number])));
    const unseen = verdicts.filter((verdict) => verdict === "unsure").length;
    this.#labeller.flash(`${verdicts.length - unseen} judged${unseen ? `, ${unseen} skipped that cannot be seen` : ""}`);
    this.#skip();
  }

  async #skip() {
    const { desk } = this.#labeller;
    const last = this.#units.at(-1);
    if (!last) return;
    await desk.show(last);
    let rest = desk.page(SIZE, null);
    if (rest.length < SIZE) {
      await desk.fill();
      rest = desk.page(SIZE, null);
    }
    if (!rest.length) {
      this.#labeller.flash("everything is decided");
      return;
    }
    await desk.show(rest[0]);
    this.#fill(desk.page(SIZE));
  }

  #undo() {
    const { desk } = this.#labeller;
    this.#labeller.undo();
    this.#fill(desk.page(SIZE));
  }
}
