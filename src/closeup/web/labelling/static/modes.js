// The modes of labelling by name.

import { Boxes } from "./boxes.js";
import { Points } from "./points.js";
import { Review } from "./review.js";

const MODES = { review: Review, points: Points, boxes: Boxes };

export function modeOf(name, labeller) {
  return new MODES[name](labeller);
}
