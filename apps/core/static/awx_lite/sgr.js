// Terminal colours as elements: text is only ever put in as text, so nothing in an output can become markup.

const ESCAPES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_](?:(?!\x1b\\)[^\x07])*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
const SGR = /\x1b\[([0-9;]{0,64})m/g;

export class Painter {
  constructor() {
    this.reset();
  }

  reset() {
    this.flags = new Set();
    this.front = -1;
    this.back = -1;
  }

  read(codes) {
    const list = codes.split(";").map((code) => Number(code || 0));
    for (let at = 0; at < list.length; at += 1) {
      const code = list[at];
      if (code === 0) this.reset();
      else if (code === 1) this.flags.add("b");
      else if (code === 3) this.flags.add("i");
      else if (code === 4) this.flags.add("u");
      else if (code === 22) this.flags.delete("b");
      else if (code === 23) this.flags.delete("i");
      else if (code === 24) this.flags.delete("u");
      else if (code >= 30 && code <= 37) this.front = code - 30;
      else if (code === 39) this.front = -1;
      else if (code >= 40 && code <= 47) this.back = code - 40;
      else if (code === 49) this.back = -1;
      else if (code >= 90 && code <= 97) this.front = code - 82;
      else if (code >= 100 && code <= 107) this.back = code - 100;
      else if (code === 38 || code === 48) {
        const colour = list[at + 1] === 5 ? list[at + 2] : -1;
        if (code === 38) this.front = colour < 16 ? colour : -1;
        else this.back = colour < 8 ? colour : -1;
        at += list[at + 1] === 5 ? 2 : 4;
      }
    }
  }

  classes() {
    const names = [...this.flags];
    if (this.front >= 0) names.push(`f${this.front}`);
    if (this.back >= 0) names.push(`g${this.back}`);
    return names.join(" ");
  }

  // A fragment with the next piece of the output.
  paint(text) {
    const out = document.createDocumentFragment();
    const put = (part) => {
      const clean = part.replace(ESCAPES, "");
      if (!clean) return;
      const classes = this.classes();
      if (!classes) return void out.append(clean);
      const span = document.createElement("span");
      span.className = classes;
      span.textContent = clean;
      out.append(span);
    };
    let last = 0;
    for (const match of text.matchAll(SGR)) {
      put(text.slice(last, match.index));
      this.read(match[1]);
      last = match.index + match[0].length;
    }
    put(text.slice(last));
    return out;
  }
}
