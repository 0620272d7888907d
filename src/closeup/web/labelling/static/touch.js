// Swipes on a touch screen, and pinching.

const FAR = 60;
const STRAIGHT = 1.5;

/** Call `swiped` with left, right, up or down when one finger was drawn across an element. */
export function onSwipe(element, swiped) {
  const fingers = new Map();
  let begin = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, event);
    begin = fingers.size === 1 ? event : null; // two fingers zoom
  });
  const ended = (event) => {
    fingers.delete(event.pointerId);
    if (!begin || event.pointerId !== begin.pointerId) return;
    const direction = directionOf(event.clientX - begin.clientX, event.clientY - begin.clientY);
    begin = null;
    if (direction && event.type === "pointerup") swiped(direction);
  };
  element.addEventListener("pointerup", ended);
  element.addEventListener("pointercancel", ended);
}

/** Zoom and move a stage with two fingers. */
export function onPinch(stage) {
  const fingers = new Map();
  const { element } = stage;
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, event);
  });
  for (const type of ["pointerup", "pointercancel"]) {
    element.addEventListener(type, (event) => fingers.delete(event.pointerId));
  }
  element.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const old = [...fingers.values()];
    fingers.set(event.pointerId, event);
    if (fingers.size !== 2 || !stage.size) return;
    const now = [...fingers.values()];
    stage.pan(middle(now)[0] - middle(old)[0], middle(now)[1] - middle(old)[1]);
    const [x, y] = middle(now);
    stage.zoom(apart(now) / Math.max(1, apart(old)), stage.at({ clientX: x, clientY: y }));
  });
}

function directionOf(right, down) {
  if (Math.max(Math.abs(right), Math.abs(down)) < FAR) return null;
  if (Math.abs(right) > STRAIGHT * Math.abs(down)) return right > 0 ? "right" : "left";
  if (Math.abs(down) > STRAIGHT * Math.abs(right)) return down > 0 ? "down" : "up";
  return null;
}

function middle([a, b]) {
  return [(a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2];
}

function apart([a, b]) {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}
