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
