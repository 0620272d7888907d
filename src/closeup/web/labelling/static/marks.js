// Draws points and boxes over a picture. Shapes and names tell them apart, not colours alone.

import { drawn } from "./stage.js";

const HUE = 169;
const GOLDEN = 222.492;

/** The colour of a class or point by its number; the same steps of hue as those of masks. */
function colourOf(number) {
  return `hsl(${Math.round((HUE + number * GOLDEN) % 360)} 78% 62%)`;
}

/** Colours of classes and points by name. */
export class Colours {
  constructor(schema) {
    this.classes = new Map(schema.classes.map((name, number) => [name, number]));
    this.points = new Map(schema.points.map((name, number) => [name, number]));
  }

  ofClass(name) {
    return this.#of(this.classes, name);
  }

  ofPoint(name) {
    return this.#of(this.points, name);
  }

  #of(numbers, name) {
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return colourOf(numbers.get(name));
  }
}

/** The marks of a label: its box with its name, its points and the lines between them. */
export function markLabel(stage, label, colours, options = {}) {
  const { skeleton = [], faint = false, active = null, tentative = false, names = true } = options;
  const group = drawn("g", { class: `label${faint ? " faint" : ""}${tentative ? " tentative" : ""}` });
  const { name = "", box, points = {} } = label.annotation;
  if (box) group.append(...markBox(stage, box, name, colours.ofClass(name), options));
  for (const [from, to] of skeleton) {
    if (points[from] && points[to]) group.append(line(stage, points[from], points[to]));
  }
  for (const [point, place] of Object.entries(points)) {
    const shown = { active: active === point, name: names && Object.keys(points).length > 1 ? point : "" };
    group.append(markPoint(stage, place, colours.ofPoint(point), shown));
  }
  return group;
}

function markBox(stage, [x1, y1, x2, y2], name, colour, { active = null, names = true }) {
  const [left, top] = stage.toScreen(x1, y1);
  const [right, bottom] = stage.toScreen(x2, y2);
  const place = { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
  const marks = [
    drawn("rect", { ...place, class: "edge" }),
    drawn("rect", { ...place, class: `box${active === true ? " active" : ""}`, style: `stroke:${colour}` }),
  ];
  if (name && names) {
    const text = drawn("text", { x: left + 5, y: top > 20 ? top - 6 : top + 15, class: "name", style: `fill:${colour}` }, name);
    marks.push(text);
  }
  return marks;
}

/** A point: a ring with a cross in it; a dashed ring if something hides it. */
function markPoint(stage, [x, y, visible = 1], colour, { active, name }) {
  const [left, top] = stage.toScreen(x, y);
  const mark = drawn("g", {
    class: `point${active ? " active" : ""}${visible ? "" : " hidden-point"}`,
    transform: `translate(${left} ${top})`,
    style: `--colour:${colour}`,
  });
  const size = active ? 9 : 6;
  for (const part of ["edge", "stroke"]) {
    mark.append(drawn("circle", { r: size, class: part }));
    mark.append(drawn("path", { d: cross(active ? 15 : 9, 2), class: part }));
  }
  if (name) mark.append(drawn("text", { x: size + 6, y: -size, class: "name" }, name));
  return mark;
}

function cross(long, gap) {
  return `M${-long} 0H${-gap}M${gap} 0H${long}M0 ${-long}V${-gap}M0 ${gap}V${long}`;
}

function line(stage, [x1, y1], [x2, y2]) {
  const [left, top] = stage.toScreen(x1, y1);
  const [right, bottom] = stage.toScreen(x2, y2);
  return drawn("line", { x1: left, y1: top, x2: right, y2: bottom, class: "bone" });
}

/** The part of a picture that shows a label with some of what is around it; null if it has none. */
export function extent(label) {
  const { box, points = {} } = label?.annotation ?? {};
  const places = Object.values(points);
  if (box) places.push([box[0], box[1]], [box[2], box[3]]);
  if (!places.length) return null;
  const x = places.map((place) => place[0]);
  const y = places.map((place) => place[1]);
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}

/** A square around a label, `room` times as large as it is. */
export function around(label, size, room) {
  const part = extent(label);
  if (!part) return null;
  const [x1, y1, x2, y2] = part;
  // Points alone do not say how large their object is.
  const least = (label.annotation.box ? 0.05 : 0.25) * Math.min(size.width, size.height);
  const half = (Math.max(x2 - x1, y2 - y1, least) * room) / 2;
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return [x - half, y - half, x + half, y + half];
}
