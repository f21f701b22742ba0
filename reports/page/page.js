// The page: what is chosen, and by which controls and keys.
const { runs, clips } = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
const MODES = ["prediction", "truth", "difference"];
const PLAY_MS = 110; // from one shown frame to the next

const state = { run: 0, sequence: -1, frame: 0, mode: "prediction", timer: null };
const viewer = find("canvas") && new Viewer(find("canvas"));
const charts = {};

const chosenRun = () => runs[state.run];
const chosenSequence = () => chosenRun().sequences[state.sequence];
const shownFrames = () => clips[chosenSequence()?.clip]?.shown ?? [];
const position = () => shownFrames().findIndex(({ index }) => index === state.frame);

/** Fill a picker with options, each by its place. */
function fill(select, texts) {
  select.replaceChildren(...texts.map((text, index) => html("option", { text, value: index })));
}

/** Another run, at the same sequence and frame where it has them. */
function chooseRun(index) {
  const before = chosenSequence();
  state.run = index;
  find("run").value = index;
  const { sequences, untrained } = chosenRun();
  find("untrained").hidden = !untrained;
  fill(find("sequence"), sequences.map(({ name }) => name));
  showRows();
  showWorst();
  showSpeed(comparable(chosenRun()));
  const same = sequences.findIndex(({ name }) => name === before?.name);
  const pictured = sequences.findIndex(({ clip }) => clip !== null);
  if (same >= 0) chooseSequence(same, state.frame);
  else chooseSequence(Math.max(0, pictured));
}

/** Another sequence, from a frame on; by default from the first that was scored and is shown. */
function chooseSequence(index, frame = undefined) {
  stop();
  viewer.clear();
  state.sequence = index;
  find("sequence").value = index;
  const sequence = chosenSequence();
  const shown = shownFrames();
  find("stage").hidden = !shown.length;
  find("absent").hidden = shown.length > 0;
  find("absent").textContent = sequence ? sequence.absent ?? "" : "No sequence of this run is finished.";
  find("frame").max = Math.max(0, shown.length - 1);
  for (const row of find("rows").children) row.setAttribute("aria-current", Number(row.value) === index);
  showCurves();
  const scored = sequence?.objects[0]?.at ?? [];
  const first = shown.length ? shown.find((one) => scored.includes(one.index))?.index : scored[0];
  chooseFrame(frame ?? first ?? 0);
}

/** The frame itself where there is a picture of it, else the nearest that has one. */
function chooseFrame(wanted) {
  const far = (frame) => Math.abs(frame.index - wanted);
  const nearest = shownFrames().reduce((best, one) => (best === null || far(one) < far(best) ? one : best), null);
  state.frame = nearest?.index ?? wanted;
  for (const chart of [charts.j, charts.f]) chart.move(state.frame);
  charts.memory.move(memoryFrame());
  showReadout();
  if (nearest === null) return;
  const { frames } = chosenSequence();
  const place = `frame ${frames[state.frame]}, ${state.frame + 1} of ${frames.length}`;
  const { length } = shownFrames();
  const some = length < frames.length ? ` (${length} of ${frames.length} frames shown)` : "";
  find("frame").value = position();
  find("frame").setAttribute("aria-valuetext", place);
  find("place").textContent = place + some;
  paint();
}

function step(by) {
  const shown = shownFrames();
  if (shown.length) chooseFrame(shown[Math.min(shown.length - 1, Math.max(0, position() + by))].index);
}

function setMode(mode) {
  state.mode = mode;
  document.querySelector(`input[name="mode"][value="${mode}"]`).checked = true;
  paint();
}

function stop() {
  clearInterval(state.timer);
  state.timer = null;
  showPlay();
}

function togglePlay() {
  const shown = shownFrames();
  if (state.timer !== null) return stop();
  state.timer = setInterval(() => {
    if (!viewer.busy) chooseFrame(shown[(position() + 1) % shown.length].index);
  }, PLAY_MS);
  return showPlay();
}

function showPlay() {
  find("play").textContent = state.timer === null ? "Play" : "Pause";
}

<<<<<<< HEAD
// What shows it

/** Draw the chosen frame, and decode the next. */
async function paint() {
  const shown = shownFrames();
  const frame = shown[position()];
  if (!frame) return;
  const opacity = find("opacity").value / 100;
  showLegend(frame);
  if (!(await viewer.paint(frame, state.run, { mode: state.mode, opacity }))) return;
  const canvas = find("canvas");
  canvas.dataset.painted = `${state.run} ${state.sequence} ${frame.index} ${state.mode} ${opacity}`;
  canvas.setAttribute("aria-label", `Frame ${chosenSequence().frames[frame.index]}, ${state.mode}`);
  const next = shown[position() + 1];
  if (next) viewer.load(next, state.run);
}

function showLegend(frame) {
  const legend = find("legend");
  if (state.mode !== "prediction" && frame.truth === null) legend.textContent = "There is no truth for this frame.";
  else legend.replaceChildren(...(state.mode === "difference" ? errorEntries() : objectEntries()));
}

/** The figures of each object in the chosen frame. */
function showReadout() {
  const rows = (chosenSequence()?.objects ?? []).map(({ label, at, j, f }) => {
    const index = at.indexOf(state.frame);
    const figures = index < 0 ? ["-", "-", "-"] : [(j[index] + f[index]) / 2, j[index], f[index]].map(percent);
    const name = html("th", { scope: "row" }, [chip(objectClass(label)), `${label}`]);
    return html("tr", {}, [name, ...figures.map((text) => html("td", { text }))]);
  });
  const head = html("tr", {}, ["object", "J&F", "J", "F"].map((text) => html("th", { text, scope: "col" })));
  const table = html("table", {}, [html("thead", {}, [head]), html("tbody", {}, rows)]);
  find("readout").replaceChildren(rows.length ? table : html("p", { text: "Nothing was scored.", classes: "note" }));
}

/** The chosen frame among those that were stepped; -1 where masks were written of only some of them. */
function memoryFrame() {
  const { frames = [], skipped = 0, working = [] } = chosenSequence() ?? {};
  return frames.length === working.length + skipped ? state.frame : -1;
}

function showCurves() {
  const { objects = [], frames = [], working = [], long_term: longTerm = [], skipped = 0 } = chosenSequence() ?? {};
  const range = tens(objects.flatMap(({ j, f }) => [...j, ...f]).map((value) => 100 * value));
  for (const name of ["j", "f"]) {
    const lines = objects.map((one) => ({
      points: one.at.map((at, index) => [at, 100 * one[name][index]]),
      classes: objectClass(one.label) + (one.label > OBJECTS ? " again" : ""),
    }));
    charts[name].show({ lines, frames: frames.length, range, empty: "Nothing was scored." });
  }
  const memory = [["working", working], ["long-term", longTerm]].filter(([, sizes]) => sizes.some((size) => size > 0));
  charts.memory.show({
    lines: memory.map(([classes, sizes]) => {
      return { classes, stepped: true, points: sizes.map((size, index) => [index + skipped, size]) };
    }),
    frames: working.length + skipped,
    range: [0, 1.05 * Math.max(1, ...working, ...longTerm)],
    empty: "Not recorded, because passes were merged.",
  });
  find("memory-legend").replaceChildren(...memory.map(([name]) => entry(name, name)));
  for (const legend of document.querySelectorAll(".objects")) legend.replaceChildren(...objectEntries());
}

/** J and F of every sequence of the run, the best first. */
function showRows() {
  const scored = chosenRun().sequences.map((one, index) => ({ ...one, index })).filter((one) => one.j_and_f);
  scored.sort((one, other) => other.j_and_f.value - one.j_and_f.value);
  const [low, high] = tens(scored.flatMap(({ j, f }) => [100 * j.value, 100 * f.value]));
  find("rows-low").textContent = low;
  find("rows-high").textContent = high;
  find("rows").replaceChildren(...scored.map((one) => {
    const dots = ["j", "f"].map((name) => {
      const dot = html("i", { classes: `dot ${name}` });
      dot.style.left = `${(100 * (100 * one[name].value - low)) / (high - low)}%`;
      return dot;
    });
    const name = html("span", { text: one.name, classes: "name" });
    const figures = ["j_and_f", "j", "f"].map((key) => html("span", { text: one[key].text, classes: "figure" }));
    const cells = [name, html("span", { classes: "track" }, dots), ...figures];
    const row = html("button", { type: "button", value: one.index }, cells);
    row.addEventListener("click", () => chooseSequence(one.index));
    return row;
  }));
}

/** Frames to look at, of all sequences of the run. */
function showWorst() {
  const all = chosenRun().sequences.flatMap(({ name, frames, worst }, index) => {
    return worst.map((one) => ({ ...one, index, name, frame: frames[one.at] }));
  });
  all.sort((one, other) => one.j_and_f.value - other.j_and_f.value);
  find("worst").replaceChildren(...all.map(({ index, at, name, frame, label, j_and_f: figure }) => {
    const cells = [[name, "name"], [frame, "quiet"], [figure.text, "figure"]];
    const title = `${name}, frame ${frame}, object ${label}: J&F ${figure.text}`;
    const spans = cells.map(([text, classes]) => html("span", { text, classes }));
    const button = html("button", { type: "button", title }, spans);
    button.addEventListener("click", () => chooseSequence(index, at));
    return html("li", {}, [button]);
  }));
  if (!all.length) find("worst").append(html("li", { text: "Nothing was scored.", classes: "note" }));
}

/** Speeds of several devices, and scores of several datasets, share no plot. */
function comparable({ dataset, devices }) {
  return `${dataset} on ${devices}`;
}

function showSpeed(group) {
  find("group").value = group;
  const measured = runs.map((one, index) => ({ ...one, index })).filter((one) => one.fps && one.j_and_f);
  charts.speed.show(measured.filter((one) => comparable(one) === group).map((one) => {
    const text = `${one.j_and_f.text} at ${one.fps.text} FPS${one.invalid ? ", INVALID" : ""}`;
    const { index, label, invalid } = one;
    return { index, label, text, invalid, fps: one.fps.value, score: 100 * one.j_and_f.value, chosen: index === state.run };
  }));
}

=======
>>>>>>> page
// Keys

const KEYS = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  Home: () => step(-Infinity),
  End: () => step(Infinity),
  " ": togglePlay,
  m: () => setMode(MODES[(MODES.indexOf(state.mode) + 1) % MODES.length]),
};
const ANYWHERE = ["ArrowLeft", "ArrowRight", "m"]; // the others scroll the page where the viewer is not in focus

/** Whether a control does something of its own with a key. */
function isTaken({ target, key }) {
  if (target.type === "radio" || target.id === "opacity") return key !== "m";
  return target.type === "button" && key === " ";
}

function onKey(event) {
  const { target, key } = event;
  const here = find("viewer").contains(target) || (target === document.body && ANYWHERE.includes(key));
  if (!here || !(key in KEYS) || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
  event.preventDefault();
  if (key !== " ") stop();
  if (shownFrames().length) KEYS[key]();
}

function main() {
  const pick = (frame) => {
    stop();
    chooseFrame(frame);
  };
  const curve = (id, label) => new FrameChart(find(id), { label, height: 150, pick });
  charts.j = curve("chart-j", "J of each object per frame");
  charts.f = curve("chart-f", "F of each object per frame");
  charts.memory = curve("chart-memory", "Elements of memory after each frame");
  const scatter = { label: "J&F of each run over its FPS", height: 300, pick: chooseRun };
  charts.speed = new SpeedChart(find("scatter"), scatter);
  fill(find("run"), runs.map(({ dataset, label }) => `${dataset} / ${label}`));
  const groups = [...new Set(runs.map(comparable))];
  find("group").replaceChildren(...groups.map((text) => html("option", { text, value: text })));
  find("run").addEventListener("change", ({ target }) => chooseRun(Number(target.value)));
  find("sequence").addEventListener("change", ({ target }) => chooseSequence(Number(target.value)));
  find("group").addEventListener("change", ({ target }) => showSpeed(target.value));
  find("frame").addEventListener("input", ({ target }) => pick(shownFrames()[target.value].index));
  find("opacity").addEventListener("input", paint);
  find("play").addEventListener("click", togglePlay);
  for (const input of document.querySelectorAll('input[name="mode"]')) {
    input.addEventListener("change", () => setMode(input.value));
  }
  document.addEventListener("keydown", onKey);
  chooseRun(0);
}

if (runs.length) main();
