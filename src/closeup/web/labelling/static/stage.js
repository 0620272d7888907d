// Shows a picture with zoom, brightness and contrast, a mask over it, and marks over both.
// The centre of the first pixel is (0, 0), so a picture begins at -0.5.

const MOST_ZOOM = 64;
// Below this scale pixels are blended: in squares, a small eye is hard to see.
const SHARP = 24;
const SVG = "http://www.w3.org/2000/svg";

export class Stage {
  #picture;
  #mask;
  #shown = null;
  #masks = [];
  #fit = null;

  /** `redraw` is called when marks have to be placed anew. */
  constructor(element, redraw) {
    this.element = element;
    this.#picture = element.querySelector("canvas.picture");
    this.#mask = element.querySelector("canvas.mask");
    this.svg = element.querySelector("svg");
    this.redraw = redraw;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.opacity = 0.5;
    this.brightness = 1;
    this.contrast = 1;
    new ResizeObserver(() => this.#resize()).observe(element);
    this.#resize();
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  get size() {
    return this.#shown && { width: this.#shown.width, height: this.#shown.height };
  }

  get bitmap() {
    return this.#shown?.bitmap ?? null;
  }

  /** Show a picture at once, framing a part of it, or clear the stage if it is null. */
  show(shown, masks = [], part = null) {
    this.#shown = shown;
    this.#masks = masks;
    if (shown) this.frame(part);
    else this.draw();
  }

  /** Replace what is shown of the same picture, and keep the view. */
  update(shown, masks) {
    this.#shown = shown;
    this.#masks = masks;
    this.draw();
  }

  /** Whether the picture is shown larger than its pixels here are. */
  get coarse() {
    if (!this.#shown) return false;
    return this.scale * window.devicePixelRatio > this.#shown.bitmap.width / this.#shown.width;
  }

  /** Fit a part of the picture into the stage; the whole picture if null. */
  frame(part = null) {
    this.#fit = part;
    const { width, height } = this.size;
    const [x1, y1, x2, y2] = part ?? [-0.5, -0.5, width - 0.5, height - 0.5];
    const room = part ? 1 : 0.97;
    const scale = room * Math.min(this.width / (x2 - x1), this.height / (y2 - y1));
    this.#look(Math.min(scale, MOST_ZOOM), (x1 + x2) / 2, (y1 + y2) / 2);
  }

  /** Zoom, keeping a point of the picture where it is on the screen; the middle if null. */
  zoom(factor, about = null) {
    if (!this.size) return;
    this.#fit = undefined;
    const least = 0.5 * Math.min(this.width / this.size.width, this.height / this.size.height);
    const scale = Math.min(MOST_ZOOM, Math.max(least, this.scale * factor));
    const [x, y] = about ?? this.toPicture(this.width / 2, this.height / 2);
    const [left, top] = this.toScreen(x, y);
    this.x = left - (x + 0.5) * scale;
    this.y = top - (y + 0.5) * scale;
    this.scale = scale;
    this.draw();
  }

  pan(right, down) {
    this.#fit = undefined;
    this.x += right;
    this.y += down;
    this.draw();
  }

  /** Move the picture so that a point is on the stage. */
  reveal(x, y, margin = 40) {
    const [left, top] = this.toScreen(x, y);
    const right = Math.max(0, margin - left) - Math.max(0, left - this.width + margin);
    const down = Math.max(0, margin - top) - Math.max(0, top - this.height + margin);
    if (right || down) this.pan(right, down);
  }

  toScreen(x, y) {
    return [(x + 0.5) * this.scale + this.x, (y + 0.5) * this.scale + this.y];
  }

  toPicture(left, top) {
    return [(left - this.x) / this.scale - 0.5, (top - this.y) / this.scale - 0.5];
  }

  /** The place of a pointer in the picture. */
  at(event) {
    const box = this.element.getBoundingClientRect();
    return this.toPicture(event.clientX - box.left, event.clientY - box.top);
  }

  inside([x, y]) {
    const { width, height } = this.size;
    return [clamp(x, -0.5, width - 0.5), clamp(y, -0.5, height - 0.5)];
  }

  setLight(brightness, contrast) {
    this.brightness = clamp(brightness, 0.2, 5);
    this.contrast = clamp(contrast, 0.2, 5);
    this.light = `brightness(${this.brightness}) contrast(${this.contrast})`;
    this.#picture.style.filter = this.light;
  }

  setOpacity(opacity) {
    this.opacity = Math.round(clamp(opacity, 0, 1) * 20) / 20;
    this.element.style.setProperty("--opacity", this.opacity);
    this.draw();
  }

  draw() {
    this.#paint(this.#picture, this.#shown ? [this.#shown.bitmap] : [], 1);
    this.#paint(this.#mask, this.#masks, this.opacity);
    this.redraw();
  }

  #paint(canvas, bitmaps, opacity) {
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!bitmaps.length || !this.#shown) return;
    const dots = window.devicePixelRatio;
    const { width, height } = this.#shown;
    context.setTransform(dots * this.scale, 0, 0, dots * this.scale, dots * this.x, dots * this.y);
    context.globalAlpha = opacity;
    context.imageSmoothingEnabled = this.scale < SHARP && canvas === this.#picture;
    context.imageSmoothingQuality = this.scale < 0.5 ? "medium" : this.scale > 1 ? "high" : "low";
    for (const bitmap of bitmaps) context.drawImage(bitmap, 0, 0, width, height);
  }

  #look(scale, x, y) {
    this.scale = scale;
    this.x = this.width / 2 - (x + 0.5) * scale;
    this.y = this.height / 2 - (y + 0.5) * scale;
    this.draw();
  }

  #resize() {
    const { clientWidth, clientHeight } = this.element;
    this.width = clientWidth || 1;
    this.height = clientHeight || 1;
    for (const canvas of [this.#picture, this.#mask]) {
      canvas.width = Math.round(this.width * window.devicePixelRatio);
      canvas.height = Math.round(this.height * window.devicePixelRatio);
    }
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    if (this.#shown && this.#fit !== undefined) this.frame(this.#fit);
    else this.draw();
  }

  #wheel(event) {
    if (!this.size) return;
    event.preventDefault();
    this.zoom(Math.exp(-0.002 * event.deltaY), this.at(event));
  }
}

/** A magnified part of the picture around a point, with a cross on it. */
export function magnify(canvas, stage, [x, y], zoom = 10) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const { bitmap, size } = stage;
  if (!bitmap) return;
  context.imageSmoothingEnabled = false;
  context.filter = stage.light ?? "none";
  const scale = zoom * window.devicePixelRatio;
  context.setTransform(scale, 0, 0, scale, width / 2 - (x + 0.5) * scale, height / 2 - (y + 0.5) * scale);
  context.drawImage(bitmap, 0, 0, size.width, size.height);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.filter = "none";
  for (const [colour, wide] of [["#000", 3], ["#fff", 1]]) {
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.beginPath();
    context.moveTo(width / 2, 0);
    context.lineTo(width / 2, height / 2 - 8);
    context.moveTo(width / 2, height / 2 + 8);
    context.lineTo(width / 2, height);
    context.moveTo(0, height / 2);
    context.lineTo(width / 2 - 8, height / 2);
    context.moveTo(width / 2 + 8, height / 2);
    context.lineTo(width, height / 2);
    context.stroke();
  }
}

/** An SVG element with attributes. */
export function drawn(name, attributes, text = null) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  return element;
}

export function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}
