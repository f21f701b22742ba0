// One frame under a mask, on a canvas: labels are read from grey PNGs and coloured here.
const SCALE = 3; // canvas pixels for one of a picture
const EDGE = 0.45; // how much more opaque an outline is than what it encloses
const OBJECTS = 7; // colours for them
const [MISSED, ADDED, EXCHANGED] = [1, 2, 3];
const ERRORS = { [MISSED]: "missed", [ADDED]: "added", [EXCHANGED]: "exchanged" };

/** The class that colours an object, by its label. */
function objectClass(label) {
  return `object-${(label - 1) % OBJECTS}`;
}

/** A colour of the style, as [red, green, blue]. */
function colour(name) {
  const text = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  return [1, 3, 5].map((start) => Number.parseInt(text.slice(start, start + 2), 16));
}

async function decode(content, kind) {
  const image = new Image();
  image.src = `data:image/${kind};base64,${content}`;
  await image.decode();
  return image;
}

/** Labels of a grey picture, row by row; null where there is none. */
async function decodeLabels(content) {
  if (content === null) return null;
  const image = await decode(content, "png");
  const canvas = html("canvas", { width: image.width, height: image.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height).data;
  return Uint8Array.from({ length: pixels.length / 4 }, (_, index) => pixels[4 * index]);
}

/** What to paint on each pixel, a label or a kind of error, 0 for nothing; null where nobody can know. */
function paintKeys(mode, prediction, truth) {
  if (mode === "prediction") return prediction;
  if (mode === "truth") return truth;
  if (truth === null) return null;
  return prediction.map((label, index) => {
    const right = truth[index];
    if (label === right) return 0;
    if (label === 0) return MISSED;
    return right === 0 ? ADDED : EXCHANGED;
  });
}

class Viewer {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.layer = document.createElement("canvas");
    this.decoded = new Map();
    this.latest = 0;
    this.busy = false; // with a frame that is not decoded yet: whoever plays waits for it
  }

  /** Forget the pictures of the sequence before. */
  clear() {
    this.decoded.clear();
  }

  once(key, make) {
    if (!this.decoded.has(key)) this.decoded.set(key, make());
    return this.decoded.get(key);
  }

  /** Decode a frame ahead of its time. */
  load(frame, run) {
    return Promise.all([
      this.once(`image ${frame.index}`, () => decode(frame.image, "webp")),
      this.once(`truth ${frame.index}`, () => decodeLabels(frame.truth)),
      this.once(`${run} ${frame.index}`, () => decodeLabels(frame.predictions[run])),
    ]);
  }

  /** Draw; tells whether it came to that, or another frame was wanted meanwhile. */
  async paint(frame, run, { mode, opacity }) {
    this.latest += 1;
    const ticket = this.latest;
    this.busy = true;
    const [image, truth, prediction] = await this.load(frame, run);
    if (ticket !== this.latest) return false;
    this.busy = false;
    const { canvas, context, layer } = this;
    [canvas.width, canvas.height] = [SCALE * image.width, SCALE * image.height];
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const keys = paintKeys(mode, prediction, truth);
    if (keys !== null && opacity > 0) {
      [layer.width, layer.height] = [image.width, image.height];
      const name = mode === "difference" ? (key) => ERRORS[key] : objectClass;
      layer.getContext("2d").putImageData(tint(keys, layer, opacity, name), 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(layer, 0, 0, canvas.width, canvas.height);
    }
    return true;
  }
}

/** Keys as colours, with outlines that are less transparent. */
function tint(keys, { width, height }, opacity, name) {
  const tinted = new ImageData(width, height);
  const colours = new Map();
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index];
    if (key === 0) continue;
    if (!colours.has(key)) colours.set(key, colour(name(key)));
    const column = index % width;
    const inner =
      (column === 0 || keys[index - 1] === key) && (column === width - 1 || keys[index + 1] === key) &&
      (index < width || keys[index - width] === key) && (index + width >= keys.length || keys[index + width] === key);
    tinted.data.set([...colours.get(key), 255 * Math.min(1, opacity + (inner ? 0 : EDGE))], 4 * index);
  }
  return tinted;
}
