// Pictures and masks, decoded before they are wanted.

const AT_ONCE = 3;
const LARGE = 2560;
const RETRY = 1000;
const MOST_BYTES = 600e6;

export class Pictures extends EventTarget {
  #api;
  #entries = new Map();
  #waiting = [];
  #running = 0;

  constructor(api) {
    super();
    this.#api = api;
  }

  /** What is known of a picture: {bitmap, width, height} or {error}; undefined until it is. */
  picture(item) {
    return this.#ready(`picture ${item.id}`);
  }

  /** The mask of a label: {bitmap, empty} or {error}; undefined until it is known. */
  mask(item, label) {
    return this.#ready(maskKey(item, label));
  }

  /** A small picture of a part, for the grid. */
  part(item, crop, width, label = null) {
    return this.#ready(partKey(item, crop, width, label));
  }

  /** Load what units show, in this order and before all else; forget what is long unused. */
  want(views) {
    this.#putOff();
    for (const { item, label } of views) {
      this.#load(`picture ${item.id}`, () => this.#picture(item), item.id);
      for (const one of item.labels) {
        if (one.annotation.mask && (label === null || one === label)) {
          this.#load(maskKey(item, one), () => this.#mask(item, one), item.id);
        }
      }
    }
    this.#forget();
  }

  wantParts(parts) {
    this.#putOff();
    for (const { item, crop, width, label } of parts) {
      const values = { crop: crop?.join(",") ?? null, width };
      const key = partKey(item, crop, width, null);
      this.#load(key, () => this.#small(`pictures/${item.id}`, values), item.id);
      if (label?.annotation.mask) {
        const own = { ...values, item: item.id, object: label.object };
        this.#load(partKey(item, crop, width, label), () => this.#small("mask", own), item.id);
      }
    }
    this.#forget();
  }

  /** Load a picture in full size, if the shown one is smaller. */
  async sharpen(item) {
    const entry = this.#entries.get(`picture ${item.id}`);
    if (!entry?.value?.reduced || entry.sharpening) return;
    entry.sharpening = true;
    try {
      const { blob } = await this.#api.file(`pictures/${item.id}`, {});
      const { bitmap: small, width, height } = entry.value;
      entry.value = { bitmap: await createImageBitmap(blob), width, height };
      this.#tell(entry);
      small.close();
    } catch {
      entry.sharpening = false; // the smaller one stays
    }
  }

  #ready(key) {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key); // the newest stand last
    this.#entries.set(key, entry);
    return entry.value;
  }

  #load(key, make, item) {
    if (this.#entries.has(key)) return;
    const entry = { item, value: undefined };
    this.#entries.set(key, entry);
    this.#waiting.push({ key, entry, make });
    this.#work();
  }

  async #work() {
    while (this.#running < AT_ONCE && this.#waiting.length) {
      const { key, entry, make } = this.#waiting.shift();
      if (this.#entries.get(key) !== entry) continue; // forgotten meanwhile
      this.#running++;
      make()
        .catch((error) => ({ error: error.message, gone: error.status === 404, retry: !error.status }))
        .then((value) => {
          entry.value = value;
          this.#running--;
          if (this.#entries.get(key) !== entry) value.bitmap?.close();
          if (value.retry) setTimeout(() => this.#retry(key, entry), RETRY);
          this.#tell(entry);
          this.#work();
        });
    }
  }

  #retry(key, entry) {
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    this.#tell(entry); // who wants it asks again
  }

  #tell({ item }) {
    this.dispatchEvent(new CustomEvent("ready", { detail: { item } }));
  }

  async #picture(item) {
    const { blob } = await this.#api.file(`pictures/${item.id}`, {});
    const bitmap = await decoded(blob);
    const { width, height } = bitmap;
    const scale = LARGE / Math.max(width, height);
    if (scale >= 0.5) return { bitmap, width, height };
    const small = await createImageBitmap(bitmap, {
      resizeWidth: Math.round(width * scale),
      resizeHeight: Math.round(height * scale),
      resizeQuality: "high",
    });
    bitmap.close();
    return { bitmap: small, width, height, reduced: true };
  }

  async #mask(item, label) {
    return this.#small("mask", { item: item.id, object: label.object });
  }

  async #small(path, values) {
    const { blob, headers } = await this.#api.file(path, values);
    return { bitmap: await decoded(blob), empty: headers.get("X-Mask") === "empty" };
  }

  // What still waits was wanted for another place.
  #putOff() {
    for (const { key, entry } of this.#waiting) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    }
    this.#waiting = [];
  }

  #forget() {
    let bytes = 0;
    for (const [key, entry] of [...this.#entries].reverse()) {
      const bitmap = entry.value?.bitmap;
      if (!bitmap) continue;
      bytes += 4 * bitmap.width * bitmap.height;
      if (bytes < MOST_BYTES) continue;
      bitmap.close();
      this.#entries.delete(key);
    }
  }
}

async function decoded(blob) {
  try {
    return await createImageBitmap(blob);
  } catch {
    throw Object.assign(new Error("the file is damaged; replace it, or skip it"), { status: 422 });
  }
}

function maskKey(item, label) {
  return `mask ${item.id} ${label.object} ${label.annotation.mask}`;
}

function partKey(item, crop, width, label) {
  return `part ${item.id} ${crop} ${width} ${label?.object ?? ""}`;
}
