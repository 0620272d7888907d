// Talks to the server in the name of one tab and one person.

/** The server did not answer, or cannot write at present. What was sent may be sent again. */
export class Unreachable extends Error {}

/** The server refused what was sent; it would refuse it again. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const NOT_OPEN = 410;
const SLOW = 15000;

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Api {
  constructor(name, author) {
    this.name = name;
    this.author = author;
  }

  /** Open the session; returns the unit where the person goes on. */
  open() {
    return answer("/api/sessions", { name: this.name, author: this.author });
  }

  get(path, values = {}) {
    return this.#again(() => answer(this.address(path, values)));
  }

  post(path, content) {
    return this.#again(() => answer(this.address(path), content));
  }

  /** A picture or mask: its bytes and its headers. */
  async file(path, values) {
    return this.#again(async () => {
      const response = await reached(this.address(path, values));
      return { blob: await response.blob(), headers: response.headers };
    });
  }

  address(path, values = {}) {
    const pairs = Object.entries(values).filter(([, value]) => value !== null);
    const query = new URLSearchParams(pairs).toString();
    return `/api/sessions/${this.name}/${path}${query && `?${query}`}`;
  }

  /** Tell the server that this tab is closed; it works while the page is going away, too. */
  leave() {
    navigator.sendBeacon(this.address("leave"));
  }

  // A server that was started anew does not know the session.
  async #again(call) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== NOT_OPEN) throw error;
      await this.open();
      return call();
    }
  }
}

async function answer(address, content) {
  const response = await reached(address, content);
  return response.status === 204 ? null : response.json();
}

async function reached(address, content) {
  const request = { signal: AbortSignal.timeout(SLOW) };
  if (content !== undefined) {
    request.method = "POST";
    request.body = JSON.stringify(content);
    request.headers = { "Content-Type": "application/json" };
  }
  let response;
  try {
    response = await fetch(address, request);
  } catch {
    throw new Unreachable("the program does not answer");
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  const detail = said.detail ?? `the program answered ${response.status}`;
  if (response.status >= 500) throw new Unreachable(detail);
  throw new Refused(response.status, detail);
}
