// Review: a proposed label is called true or false.

import { around, extent, markLabel } from "./marks.js";
import { Mode } from "./mode.js";
import { onSwipe } from "./touch.js";

const SMALL = 0.18;
const ROOM = 3;
const PAN = 60;
const DIRECTIONS = { left: [1, 0], right: [-1, 0], up: [0, 1], down: [0, -1] };
const SWIPES = { right: "true", left: "false", up: "skip", down: "previous" };

export class Review extends Mode {
  constructor(labeller) {
    super(labeller);
    this.buttons = ["previous", "false", "skip", "true", "next", "undo", "undecided", "last", "grid"];
    const { element } = this.stage;
    onSwipe(element, (direction) => labeller.act(SWIPES[direction]));
    let from = null;
    element.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "touch") from = [event.clientX, event.clientY];
    });
    window.addEventListener("pointerup", () => (from = null));
    element.addEventListener("pointermove", (event) => {
      if (!from) return;
      this.stage.pan(event.clientX - from[0], event.clientY - from[1]);
      from = [event.clientX, event.clientY];
    });
  }

  part({ label }, size) {
    const own = extent(label);
    if (!own) return null;
    const longest = Math.max(own[2] - own[0], own[3] - own[1]);
    const small = longest < SMALL * Math.max(size.width, size.height);
    return small ? around(label, size, ROOM) : null;
  }

  key(key, event) {
    const direction = DIRECTIONS[key];
    if (!direction || event.ctrlKey || event.altKey || event.metaKey) return false;
    this.stage.pan(PAN * direction[0], PAN * direction[1]);
    return true;
  }

  focus() {
    const own = extent(this.desk.view()?.label);
    return own && [(own[0] + own[2]) / 2, (own[1] + own[3]) / 2];
  }

  draw() {
    const view = this.desk.view();
    if (!view || !this.stage.size) {
      this.stage.svg.replaceChildren();
      return;
    }
    const { skeleton } = this.task.schema;
    const others = view.item.labels.filter((one) => one !== view.label);
    const marks = others.map((one) =>
      markLabel(this.stage, one, this.labeller.colours, { skeleton, faint: view.label !== null, names: view.label === null }),
    );
    if (view.label) marks.push(markLabel(this.stage, view.label, this.labeller.colours, { skeleton, active: true }));
    this.stage.svg.replaceChildren(...marks);
  }
}
