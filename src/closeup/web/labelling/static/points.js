import { Mode } from "./mode.js";
export class Points extends Mode { buttons = ["previous", "page", "next"]; }
