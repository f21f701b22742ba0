// What shows the choice: the frame with its legend, tables of figures, curves and lists.
const ERROR_TEXTS = { missed: "missed", added: "wrongly added", exchanged: "another object" };

const percent = (fraction) => (100 * fraction).toFixed(1);
const chip = (classes) => html("i", { classes: `chip ${classes}` });
const entry = (classes, text) => html("span", {}, [chip(classes), text]);
const errorEntries = () => Object.entries(ERROR_TEXTS).map(([classes, text]) => entry(classes, text));
const objectEntries = () => {
  return (chosenSequence()?.labels ?? []).map((label) => entry(objectClass(label), `object ${label}`));
};

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
  if (!scored.length) find("rows").append(html("p", { text: "Nothing was scored.", classes: "note" }));
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
