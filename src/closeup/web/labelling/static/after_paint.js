// What need not be done before the person sees the next picture.

const LATEST = 50;

/** Call `work` once after the next frame was painted, and soon even where none is, as in a hidden tab. */
export function afterPaint(work) {
  let done = false;
  const once = () => {
    if (!done) work();
    done = true;
  };
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, LATEST);
}
