import { Mode } from "./mode.js";
export class Boxes extends Mode { buttons = ["previous", "page", "next"]; }
