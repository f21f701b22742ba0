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

/** About `count` round numbers from 0 to `top`. */
function ticks(top, count) {
  const rough = top / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough);
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** An empty chart, drawn anew whenever its width changes. `draw` gets the svg and its inner width. */
class Chart {
  constructor(place, { height, left = 44, right = 12, top = 10, bottom = 22, label }) {
    Object.assign(this, { place, height, left, right, top, bottom, label, draw: () => {} });
    this.width = 0;
    new ResizeObserver(() => {
      if (place.clientWidth !== this.width) this.redraw();
    }).observe(place);
  }

  redraw() {
    this.width = this.place.clientWidth;
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    picture.setAttribute("height", this.height);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", this.label);
    this.place.replaceChildren(picture);
    if (this.width > this.left + this.right) this.draw(picture, this.width - this.left - this.right);
  }

  /** From a fraction of the height, 0 below, to pixels. */
  y(fraction) {
    return this.top + (1 - fraction) * (this.height - this.top - this.bottom);
  }

  rules(picture, top, format) {
    for (const value of ticks(top, 4)) {
      const y = this.y(value / top);
      svg(picture, "line", { class: "rule", x1: this.left, x2: this.width - this.right, y1: y, y2: y });
      svg(picture, "text", { x: this.left - 8, y: y + 4, "text-anchor": "end" }, format(value));
    }
  }
}

/** Lines over the frames of a sequence, with a cursor; a click, or moving while pressed, picks a frame. */
class FrameChart extends Chart {
  constructor(place, { format, pick, ...rest }) {
    super(place, rest);
    Object.assign(this, { format, frame: 0, frames: 1, draw: this.drawLines });
    const point = (event) => {
      const inside = this.width - this.left - this.right;
      const fraction = (event.clientX - place.getBoundingClientRect().left - this.left) / inside;
      if (this.frames) pick(Math.min(this.frames - 1, Math.max(0, Math.round(fraction * (this.frames - 1)))));
    };
    place.addEventListener("pointerdown", point);
    place.addEventListener("pointermove", (event) => event.buttons && point(event));
  }

  /** Lines are {points: [[frame, value], ...], classes}; `shown` are frames with pictures. */
  show({ lines, frames, top, empty }) {
    Object.assign(this, { lines, frames, top_value: top, empty });
    this.redraw();
  }

  x(frame) {
    return this.left + ((this.width - this.left - this.right) * frame) / Math.max(1, this.frames - 1);
  }

  drawLines(picture) {
    if (!this.lines?.length) {
      svg(picture, "text", { x: this.left, y: this.height / 2 }, this.empty ?? "");
      return;
    }
    this.rules(picture, this.top_value, this.format);
    const step = ticks(Math.max(1, this.frames - 1), this.width / 90).filter((one) => Number.isInteger(one));
    for (const frame of step) {
      svg(picture, "text", { x: this.x(frame), y: this.height - 4, "text-anchor": "middle" }, frame + 1);
    }
    for (const { points, classes } of this.lines) {
      const at = points.map(([frame, value]) => `${this.x(frame).toFixed(1)},${this.y(value / this.top_value).toFixed(1)}`);
      svg(picture, "polyline", { class: `line ${classes}`, points: at.join(" ") });
    }
    this.cursor = svg(picture, "line", { class: "cursor", y1: this.top, y2: this.height - this.bottom });
    this.dots = this.lines.map(({ classes }) => svg(picture, "circle", { class: `point ${classes}`, r: 3.5 }));
    this.move(this.frame);
  }

  move(frame) {
    this.frame = frame;
    if (!this.lines?.length || !this.cursor) return;
    this.cursor.setAttribute("x1", this.x(frame));
    this.cursor.setAttribute("x2", this.x(frame));
    this.lines.forEach(({ points }, index) => {
      const found = points.find(([at]) => at === frame);
      this.dots[index].toggleAttribute("hidden", !found);
      this.dots[index].setAttribute("display", found ? "inline" : "none");
      if (!found) return;
      this.dots[index].setAttribute("cx", this.x(frame));
      this.dots[index].setAttribute("cy", this.y(found[1] / this.top_value));
    });
  }
}

/** Runs as points: J&F over frames per second, which is logarithmic. */
class SpeedChart extends Chart {
  constructor(place, { pick, ...rest }) {
    super(place, { ...rest, bottom: 40 });
    Object.assign(this, { pick, points: [], draw: this.drawPoints });
  }

  /** Points are {index, label, fps, score, text, chosen}. */
  show(points) {
    this.points = points;
    this.redraw();
  }

  drawPoints(picture, inside) {
    if (!this.points.length) {
      svg(picture, "text", { x: this.left, y: this.height / 2 }, "No run of this dataset has both scores and times.");
      return;
    }
    const logs = this.points.map(({ fps }) => Math.log10(fps));
    const [low, high] = [Math.min(...logs) - 0.25, Math.max(...logs) + 0.25];
    const scores = this.points.map(({ score }) => 100 * score);
    const bottom = Math.max(0, 5 * Math.floor((Math.min(...scores) - 2) / 5));
    const top = Math.min(100, 5 * Math.ceil((Math.max(...scores) + 2) / 5));
    const x = (log) => this.left + (inside * (log - low)) / (high - low);
    const y = (score) => this.y((score - bottom) / (top - bottom));
    for (const value of ticks(top - bottom, 4)) {
      svg(picture, "line", { class: "rule", x1: this.left, x2: this.width - this.right, y1: y(bottom + value), y2: y(bottom + value) });
      svg(picture, "text", { x: this.left - 8, y: y(bottom + value) + 4, "text-anchor": "end" }, +(bottom + value).toFixed(2));
    }
    for (let power = Math.floor(low); power <= high; power += 1) {
      for (const digit of [1, 2, 3, 5, 7]) {
        const log = Math.log10(digit) + power;
        if (log < low || log > high) continue;
        svg(picture, "line", { class: "rule", x1: x(log), x2: x(log), y1: this.top, y2: this.height - this.bottom });
        svg(picture, "text", { x: x(log), y: this.height - this.bottom + 16, "text-anchor": "middle" }, +(10 ** log).toPrecision(3));
      }
    }
    svg(picture, "text", { x: this.left + inside / 2, y: this.height - 4, "text-anchor": "middle" }, "frames per second");
    this.drawMarks(picture, (point) => [x(Math.log10(point.fps)), y(100 * point.score)]);
  }

  drawMarks(picture, place) {
    const taken = [];
    for (const point of [...this.points].sort((one, other) => other.score - one.score)) {
      const [x, y] = place(point);
      const group = svg(picture, "g", {});
      const mark = svg(group, "circle", { class: `mark${point.chosen ? " chosen" : ""}`, cx: x, cy: y, r: 6.5, "data-run": point.index });
      mark.addEventListener("click", () => this.pick(point.index));
      svg(group, "title", {}, `${point.label}: ${point.text}`);
      const left = x > this.width * 0.62;
      let line = y + 4;
      while (taken.some((other) => Math.abs(other.y - line) < 15 && Math.abs(other.x - x) < 260)) line += 15;
      taken.push({ x, y: line });
      const name = svg(group, "text", { class: "name", x: x + (left ? -12 : 12), y: line, "text-anchor": left ? "end" : "start" }, point.label);
      svg(name, "tspan", { class: "figures" }, `  ${point.text}`);
    }
  }
}
