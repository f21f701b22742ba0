// The page: what is chosen, and everything that shows it.
const { runs, clips } = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
const MODES = ["prediction", "truth", "difference"];
const PLAY_MS = 110; // from one shown frame to the next

const percent = (fraction) => (100 * fraction).toFixed(1);
const state = { run: 0, sequence: 0, frame: 0, mode: "prediction", timer: null };

const chosenRun = () => runs[state.run];
const chosenSequence = () => chosenRun().sequences[state.sequence];
const shownFrames = () => clips[chosenSequence()?.clip]?.shown ?? [];
const position = () => shownFrames().findIndex(({ index }) => index === state.frame);

/** Fill a picker with options, each by its place. */
function fill(select, texts, chosen) {
  select.replaceChildren(...texts.map((text, index) => html("option", { text, value: index })));
  select.value = chosen;
}

function chooseRun(index) {
  stop();
  const name = chosenSequence()?.name;
  state.run = index;
  find("run").value = index;
  const { sequences } = chosenRun();
  const same = sequences.findIndex((one) => one.name === name);
  const pictured = sequences.findIndex((one) => one.clip !== null);
  fill(find("sequence"), sequences.map((one) => one.name), 0);
  showRows();
  showWorst();
  showSpeed(chosenRun().dataset);
  chooseSequence(Math.max(0, same >= 0 ? same : pictured));
}

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
  chooseFrame(frame ?? shown[Math.min(1, shown.length - 1)]?.index ?? 0);
}

/** The frame itself where there is a picture of it, else the nearest that has one. */
function chooseFrame(wanted) {
  const far = (frame) => Math.abs(frame.index - wanted);
  const nearest = shownFrames().reduce((best, one) => (best === null || far(one) < far(best) ? one : best), null);
  state.frame = nearest?.index ?? wanted;
  const sequence = chosenSequence();
  find("frame").value = Math.max(0, position());
  for (const [chart, at] of [[charts.j, state.frame], [charts.f, state.frame], [charts.memory, memoryFrame()]]) chart.move(at);
  showReadout();
  if (nearest === null) return;
  const place = `frame ${sequence.frames[state.frame]}, ${state.frame + 1} of ${sequence.frames.length}`;
  const some = shownFrames().length < sequence.frames.length ? ` (${shownFrames().length} of ${sequence.frames.length} shown)` : "";
  find("place").textContent = place + some;
  find("frame").setAttribute("aria-valuetext", place);
  paint();
}

function step(by) {
  const shown = shownFrames();
  if (shown.length) chooseFrame(shown[Math.min(shown.length - 1, Math.max(0, position() + by))].index);
}

async function paint() {
  const frame = shownFrames()[position()];
  if (!frame) return;
  const opacity = find("opacity").value / 100;
  showLegend(frame);
  if (!(await viewer.paint(frame, state.run, { mode: state.mode, opacity }))) return;
  find("canvas").dataset.painted = `${state.run} ${state.sequence} ${frame.index} ${state.mode} ${opacity}`;
  find("canvas").setAttribute("aria-label", `Frame ${chosenSequence().frames[frame.index]}, ${state.mode}`);
  const next = shownFrames()[position() + 1];
  if (next) viewer.load(next, state.run);
}

function setMode(mode) {
  state.mode = mode;
  document.querySelector(`input[name="mode"][value="${mode}"]`).checked = true;
  paint();
}

function stop() {
  clearInterval(state.timer);
  state.timer = null;
  find("play").textContent = "Play";
  find("play").setAttribute("aria-pressed", "false");
}

function togglePlay() {
  if (state.timer !== null) return stop();
  const shown = shownFrames();
  if (shown.length < 2) return undefined;
  find("play").textContent = "Pause";
  find("play").setAttribute("aria-pressed", "true");
  state.timer = setInterval(() => chooseFrame(shown[(position() + 1) % shown.length].index), PLAY_MS);
  return undefined;
}

const chip = (classes) => html("i", { classes: `chip ${classes}` });

function showLegend(frame) {
  const entries = { missed: "missed", added: "wrongly added", exchanged: "another object" };
  const lacking = { prediction: frame.predictions[state.run] === undefined, truth: frame.truth === null };
  lacking.difference = lacking.truth || lacking.prediction;
  const legend = find("legend");
  if (lacking[state.mode]) legend.textContent = lacking.truth ? "There is no truth for this frame." : "There is no mask of this frame.";
  else if (state.mode === "difference") legend.replaceChildren(...Object.entries(entries).map(([key, text]) => html("span", {}, [chip(key), text])));
  else legend.replaceChildren(...chosenSequence().labels.map((label) => html("span", {}, [chip(objectClass(label)), `object ${label}`])));
}

function showReadout() {
  const sequence = chosenSequence();
  const head = html("tr", {}, ["object", "J&F", "J", "F"].map((text) => html("th", { text, scope: "col" })));
  const rows = (sequence?.objects ?? []).map(({ label, at, j, f }) => {
    const index = at.indexOf(state.frame);
    const figures = index < 0 ? ["-", "-", "-"] : [(j[index] + f[index]) / 2, j[index], f[index]].map(percent);
    const name = html("th", { scope: "row" }, [chip(objectClass(label)), `${label}`]);
    return html("tr", {}, [name, ...figures.map((text) => html("td", { text }))]);
  });
  const nothing = html("p", { text: "Nothing was scored.", classes: "note" });
  find("readout").replaceChildren(rows.length ? html("table", {}, [html("thead", {}, [head]), html("tbody", {}, rows)]) : nothing);
}

/** The place of the frame among those that were stepped, where each written frame was stepped or skipped. */
function memoryFrame() {
  const { frames = [], skipped = 0, working = [] } = chosenSequence() ?? {};
  return frames.length === working.length + skipped ? state.frame : -1;
}

function showCurves() {
  const { objects = [], frames = [], working = [], long_term = [], skipped = 0 } = chosenSequence() ?? {};
  for (const name of ["j", "f"]) {
    const lines = objects.map((one) => ({
      points: one.at.map((at, index) => [at, 100 * one[name][index]]),
      classes: objectClass(one.label) + (one.label > OBJECTS ? " again" : ""),
    }));
    charts[name].show({ lines, frames: frames.length, top: 100, empty: "Nothing was scored." });
  }
  const memory = { working, "long-term": long_term };
  const lines = Object.entries(memory).filter(([, sizes]) => sizes.some((size) => size > 0));
  charts.memory.show({
    lines: lines.map(([classes, sizes]) => ({ classes, points: sizes.map((size, index) => [index + skipped, size]) })),
    frames: working.length + skipped,
    top: 1.08 * Math.max(1, ...lines.flatMap(([, sizes]) => [Math.max(...sizes)])),
    empty: "Memory was not recorded, because passes were merged.",
  });
  find("memory-legend").replaceChildren(...lines.map(([name]) => html("span", {}, [chip(name), `${name} memory`])));
}

function showRows() {
  const scored = chosenRun().sequences.map((one, index) => ({ ...one, index })).filter((one) => one.j_and_f);
  scored.sort((one, other) => other.j_and_f.value - one.j_and_f.value);
  find("rows").replaceChildren(...scored.map((one) => {
    const track = html("span", { classes: "track" }, ["j", "f"].map((name) => {
      const dot = html("i", { classes: `dot ${name}` });
      dot.style.left = `${100 * one[name].value}%`;
      return dot;
    }));
    const title = `J ${one.j.text}, F ${one.f.text}`;
    const cells = [html("span", { text: one.name, classes: "name" }), track, html("span", { text: one.j_and_f.text, classes: "figure" })];
    const row = html("button", { type: "button", value: one.index, title }, cells);
    row.addEventListener("click", () => chooseSequence(one.index));
    return row;
  }));
  if (!scored.length) find("rows").textContent = "Nothing was scored.";
}

function showWorst() {
  const all = chosenRun().sequences.flatMap((one, index) => one.worst.map((worst) => ({ ...worst, index, name: one.name, frame: one.frames[worst.at] })));
  all.sort((one, other) => one.j_and_f.value - other.j_and_f.value);
  find("worst").replaceChildren(...all.map((one) => {
    const cells = [one.name, one.frame, one.j_and_f.text].map((text, index) => html("span", { text, classes: ["", "quiet", "figure"][index] }));
    const button = html("button", { type: "button", title: `${one.name}, frame ${one.frame}, object ${one.label}: J&F ${one.j_and_f.text}` }, cells);
    button.addEventListener("click", () => chooseSequence(one.index, one.at));
    return html("li", {}, [button]);
  }));
  if (!all.length) find("worst").append(html("li", { text: "Nothing was scored.", classes: "note" }));
}

function showSpeed(dataset) {
  const names = [...find("dataset").options].map((option) => option.textContent);
  find("dataset").value = names.indexOf(dataset);
  charts.speed.show(
    runs.map((one, index) => ({ ...one, index })).filter((one) => one.dataset === dataset && one.fps && one.j_and_f).map((one) => ({
      index: one.index, label: one.label, fps: one.fps.value, score: one.j_and_f.value,
      text: `${one.j_and_f.text} at ${one.fps.text} FPS`, chosen: one.index === state.run,
    })),
  );
}

const KEYS = {
  ArrowLeft: () => step(-1), ArrowRight: () => step(1), Home: () => step(-Infinity), End: () => step(Infinity),
  " ": togglePlay, m: () => setMode(MODES[(MODES.indexOf(state.mode) + 1) % MODES.length]),
};
const ANYWHERE = ["ArrowLeft", "ArrowRight", "m"]; // others scroll the page where the viewer is not in focus

function onKey(event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || !(key in KEYS)) return;
  const elsewhere = !find("viewer").contains(target);
  if (elsewhere && !(target === document.body && ANYWHERE.includes(key))) return;
  const own = target.type === "radio" || target.id === "opacity" ? key !== "m" : target.type === "button" && key === " ";
  if (own) return;
  event.preventDefault();
  KEYS[key]();
}

const viewer = new Viewer(find("canvas"));
const charts = {};

function main() {
  const curve = { height: 150, pick: (frame) => { stop(); chooseFrame(frame); } };
  charts.j = new FrameChart(find("chart-j"), { ...curve, format: String, label: "J of each object per frame" });
  charts.f = new FrameChart(find("chart-f"), { ...curve, format: String, label: "F of each object per frame" });
  charts.memory = new FrameChart(find("chart-memory"), { ...curve, left: 58, format: (value) => value.toLocaleString("en"), label: "Elements of memory after each frame" });
  charts.speed = new SpeedChart(find("scatter"), { height: 300, pick: chooseRun, label: "J&F of each run over its frames per second" });
  fill(find("run"), runs.map((one) => `${one.dataset} / ${one.label}`), 0);
  const datasets = [...new Set(runs.map((one) => one.dataset))];
  fill(find("dataset"), datasets, 0);
  find("run").addEventListener("change", (event) => chooseRun(Number(event.target.value)));
  find("sequence").addEventListener("change", (event) => chooseSequence(Number(event.target.value)));
  find("dataset").addEventListener("change", (event) => showSpeed(datasets[event.target.value]));
  find("frame").addEventListener("input", (event) => { stop(); chooseFrame(shownFrames()[event.target.value].index); });
  find("opacity").addEventListener("input", paint);
  find("play").addEventListener("click", togglePlay);
  for (const input of document.querySelectorAll('input[name="mode"]')) input.addEventListener("change", () => setMode(input.value));
  document.addEventListener("keydown", onKey);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  chooseRun(0);
}

if (runs.length) main();
