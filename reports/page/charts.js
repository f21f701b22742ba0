// Curves over frames and a scatter plot, drawn as SVG at the width that there is.
const SVG = "http://www.w3.org/2000/svg";

/** An element of HTML with text, classes and children; text is never read as markup. */
function html(name, { text, classes, ...attributes } = {}, children = []) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (classes) element.className = classes;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** The same of SVG, put into its parent. */
function svg(parent, name, attributes = {}, text = undefined) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

/** Round numbers from `low` to `high`, `count` or fewer steps apart. */
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= 0.999 * rough);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => step * (first + index));
}

/** The tens around percentages, at least twenty apart. */
function tens(values) {
  const low = Math.max(0, Math.min(80, 10 * Math.floor(Math.min(100, ...values) / 10)));
  return [low, Math.min(100, Math.max(low + 20, 10 * Math.ceil(Math.max(0, ...values) / 10)))];
}

/** An empty chart, drawn anew whenever its width changes. A kind of chart says how, in `draw`. */
class Chart {
  constructor(place, { label, height, bottom = 22 }) {
    Object.assign(this, { place, label, height, bottom, left: 52, right: 14, top: 10, width: 0, low: 0, high: 1 });
    new ResizeObserver(() => {
      if (place.clientWidth !== this.width) this.redraw();
    }).observe(place);
  }

  get inside() {
    return this.width - this.left - this.right;
  }

  /** From a value to pixels. */
  y(value) {
    return this.top + ((this.high - value) / (this.high - this.low)) * (this.height - this.top - this.bottom);
  }

  redraw() {
    this.width = this.place.clientWidth;
    const size = { viewBox: `0 0 ${this.width} ${this.height}`, height: this.height };
    this.place.replaceChildren();
    const picture = svg(this.place, "svg", { ...size, role: "img", "aria-label": this.label });
    if (this.inside > 0) this.draw(picture);
  }

  say(picture, text) {
    svg(picture, "text", { x: this.left, y: this.height / 2 }, text);
  }

  drawRules(picture) {
    for (const value of ticks(this.low, this.high, 4)) {
      const y = this.y(value);
      svg(picture, "line", { class: "rule", x1: this.left, x2: this.width - this.right, y1: y, y2: y });
      const text = Number(value.toFixed(2)).toLocaleString("en");
      svg(picture, "text", { x: this.left - 9, y: y + 4, "text-anchor": "end" }, text);
    }
  }

  drawFoot(picture, x, text) {
    svg(picture, "text", { x, y: this.height - this.bottom + 17, "text-anchor": "middle" }, text);
  }
}

/** Lines over the frames of a sequence, with a cursor; a press, or moving while pressed, picks a frame. */
class FrameChart extends Chart {
  constructor(place, { pick, ...rest }) {
    super(place, rest);
    Object.assign(this, { lines: [], frames: 0, frame: -1 });
    const point = ({ clientX }) => {
      const fraction = (clientX - place.getBoundingClientRect().left - this.left) / this.inside;
      const frame = Math.round(fraction * (this.frames - 1));
      if (this.lines.length) pick(Math.min(this.frames - 1, Math.max(0, frame)));
    };
    place.addEventListener("pointerdown", point);
    place.addEventListener("pointermove", (event) => event.buttons && point(event));
  }

  /** Lines are {points: [[frame, value], ...], classes, stepped}; `empty` says why there are none. */
  show({ lines, frames, range: [low, high], empty }) {
    Object.assign(this, { lines, frames, low, high, empty });
    this.redraw();
  }

  x(frame) {
    return this.left + (this.inside * frame) / Math.max(1, this.frames - 1);
  }

  draw(picture) {
    if (!this.lines.length) return this.say(picture, this.empty);
    this.drawRules(picture);
    const numbers = ticks(1, Math.max(2, this.frames), Math.max(1, this.inside / 80)).filter(Number.isInteger);
    for (const number of new Set([1, ...numbers])) {
      if (number === 1 || this.x(number - 1) > this.left + 24) this.drawFoot(picture, this.x(number - 1), number);
    }
    for (const { points, classes, stepped } of this.lines) {
      const path = points.map(([frame, value], index) => {
        const [x, y] = [this.x(frame).toFixed(1), this.y(value).toFixed(1)];
        if (index === 0) return `M${x} ${y}`;
        return stepped ? `H${x}V${y}` : `L${x} ${y}`;
      });
      svg(picture, "path", { class: `line ${classes}`, d: path.join("") });
    }
    this.cursor = svg(picture, "line", { class: "cursor", y1: this.top, y2: this.height - this.bottom });
    this.dots = this.lines.map(({ classes }) => svg(picture, "circle", { class: `point ${classes}`, r: 3.5 }));
    return this.move(this.frame);
  }

  /** Put the cursor on a frame; a frame that is none of the chart's hides it. */
  move(frame) {
    this.frame = frame;
    if (!this.lines.length || !this.cursor) return;
    const x = this.x(frame);
    const display = (shown) => (shown ? "inline" : "none");
    for (const [key, value] of Object.entries({ x1: x, x2: x, display: display(frame >= 0) })) {
      this.cursor.setAttribute(key, value);
    }
    this.lines.forEach(({ points }, index) => {
      const found = points.find(([at]) => at === frame);
      const where = { cx: x, cy: found ? this.y(found[1]) : 0, display: display(found) };
      for (const [key, value] of Object.entries(where)) this.dots[index].setAttribute(key, value);
    });
  }
}

/** Runs as points: J&F over frames per second, which is logarithmic. */
class SpeedChart extends Chart {
  constructor(place, { pick, ...rest }) {
    super(place, { ...rest, bottom: 42 });
    Object.assign(this, { pick, runs: [] });
  }

  /** Runs are {index, label, fps, score, text, chosen, invalid}, the score in percent. */
  show(runs) {
    this.runs = runs;
    const logs = runs.map(({ fps }) => Math.log10(fps));
    const scores = runs.map(({ score }) => score);
    const room = Math.max(1, 0.2 * (Math.max(...scores) - Math.min(...scores)));
    [this.low, this.high] = [Math.max(0, Math.min(...scores) - room), Math.min(100, Math.max(...scores) + room)];
    [this.slow, this.fast] = [Math.min(...logs) - 0.2, Math.max(...logs) + 0.2];
    this.redraw();
  }

  x(fps) {
    return this.left + (this.inside * (Math.log10(fps) - this.slow)) / (this.fast - this.slow);
  }

  draw(picture) {
    if (!this.runs.length) return this.say(picture, "No run of this dataset has both scores and times.");
    this.drawRules(picture);
    const decades = [-3, -2, -1, 0, 1, 2, 3].flatMap((power) => [1, 2, 3, 5, 7].map((one) => one * 10 ** power));
    for (const fps of decades) {
      const x = this.x(fps);
      if (x < this.left || x > this.width - this.right) continue;
      svg(picture, "line", { class: "rule", x1: x, x2: x, y1: this.top, y2: this.height - this.bottom });
      this.drawFoot(picture, x, Number(fps.toPrecision(1)));
    }
    const foot = { x: this.left + this.inside / 2, y: this.height - 4, "text-anchor": "middle" };
    svg(picture, "text", foot, "frames per second");
    return this.drawRuns(picture);
  }

  drawRuns(picture) {
    const marks = this.runs.map((run) => {
      const place = { cx: this.x(run.fps), cy: this.y(run.score), r: 6.5 };
      const classes = ["mark", run.chosen && "chosen", run.invalid && "invalid"].filter(Boolean).join(" ");
      const mark = svg(picture, "circle", { class: classes, ...place });
      mark.addEventListener("click", () => this.pick(run.index));
      svg(mark, "title", {}, `${run.label}: ${run.text}`);
      return mark.getBBox();
    });
    const taken = [...marks];
    this.runs.forEach((run, index) => {
      const { x, y, width, height } = marks[index];
      const left = x > this.left + 0.55 * this.inside;
      const place = { x: left ? x - 6 : x + width + 6, y: y + height - 3, "text-anchor": left ? "end" : "start" };
      const text = this.inside < 480 ? run.label : `${run.label}: ${run.text}`;
      taken.push(moveClear(svg(picture, "text", { ...place, class: "name" }, text), taken));
    });
  }
}

/** Move a text down until it covers none of the boxes; its own box then. */
function moveClear(text, taken) {
  const covers = (one, other) => {
    const across = one.x < other.x + other.width && other.x < one.x + one.width;
    return across && one.y < other.y + other.height && other.y < one.y + one.height;
  };
  let box = text.getBBox();
  for (let y = Number(text.getAttribute("y")); taken.some((other) => covers(box, other)); y += 4) {
    text.setAttribute("y", y);
    box = text.getBBox();
  }
  return box;
}
