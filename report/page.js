"use strict";
// Draws the map, the funnel plot and the table of areas for the outcome, level and basis that are chosen.
const data = JSON.parse(document.getElementById("data").textContent);
const choice = Object.fromEntries(["outcome", "level", "basis"].map((id) => [id, document.getElementById(id)]));
const POSITIONS = {
  above_998: { words: "above the 99.8 % limit", colour: "#b35806" },
  above_95: { words: "above the 95 % limit", colour: "#f1a340" },
  inside: { words: "inside the limits", colour: "#8c959f" },
  below_95: { words: "below the 95 % limit", colour: "#998ec3" },
  below_998: { words: "below the 99.8 % limit", colour: "#542788" },
};
const NOT_SHOWN = "#ffffff";
const STILL = { responsive: true, displaylogo: false, displayModeBar: false };

const percent = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);
const count = (value) => (value === null ? "–" : value.toLocaleString("en-GB"));
const decimal = (value) => (value === null ? "–" : value.toFixed(2));
// A place in the funnel in words: with cases that are shown but no place, they are too few.
const words = (position, cases) => (position === null ? (cases === null ? "not shown" : "too few to say") : POSITIONS[position].words);

function fill(select, options) {
  for (const [value, text] of options) select.add(new Option(text, value));
  select.addEventListener("change", draw);
}

// Ratios on a scale of equal steps for twice and half; beyond threefold the colour no longer changes.
function colourOf(ratio) {
  if (ratio === null) return NOT_SHOWN;
  const low = [84, 39, 136], middle = [247, 247, 247], high = [179, 88, 6];
  const far = Math.max(-1, Math.min(1, Math.log(Math.max(ratio, 0.01)) / Math.log(3)));
  const end = far < 0 ? low : high;
  return `rgb(${middle.map((part, i) => Math.round(part + (end[i] - part) * Math.abs(far))).join(",")})`;
}

function describe(area, found, i) {
  return `<b>${area.name}</b><br>ratio ${decimal(found.standardised_ratio[i])}, ${words(found.position[i], found.n_cases[i])}<br>` +
    `rate ${percent(found.rate[i])}, ${count(found.n_cases[i])} of ${count(found.n_pupils[i])} pupils`;
}

function drawMap(found) {
  const shapes = [], x = [], y = [], text = [];
  const wide = 0.5, side = 1 / Math.sqrt(3);
  data.areas.forEach((area, i) => {
    for (const [column, row] of area.tiles) {
      const cx = column + (row % 2 ? 0.5 : 0), cy = row * 1.5 * side;
      const corners = [[0, side], [wide, side / 2], [wide, -side / 2], [0, -side], [-wide, -side / 2], [-wide, side / 2]];
      shapes.push({
        type: "path", path: `M ${corners.map(([dx, dy]) => `${cx + dx},${cy + dy}`).join(" L ")} Z`,
        fillcolor: colourOf(found.standardised_ratio[i]), layer: "below",
        line: found.standardised_ratio[i] === null ? { color: "#8c959f", width: 1, dash: "dot" } : { color: "#57606a", width: 1 },
      });
      x.push(cx);
      y.push(cy);
      text.push(describe(area, found, i));
    }
  });
  const scale = [0, 0.25, 0.5, 0.75, 1].map((at) => [at, colourOf(3 ** (2 * at - 1))]);
  const tiles = {
    type: "scatter", mode: "markers", x, y, text, hovertemplate: "%{text}<extra></extra>",
    marker: {
      size: 22, opacity: 0, color: x.map(() => 0), cmin: -1, cmax: 1, colorscale: scale, showscale: true,
      colorbar: { title: { text: "Ratio" }, tickvals: [-1, -0.5, 0, 0.5, 1], ticktext: ["⅓", "0.6", "1", "1.7", "3"], thickness: 12, len: 0.5 },
    },
  };
  const axis = { visible: false, fixedrange: true };
  Plotly.react("map", [tiles], {
    shapes, margin: { l: 0, r: 0, t: 8, b: 0 }, xaxis: axis, yaxis: { ...axis, scaleanchor: "x" }, hovermode: "closest", showlegend: false,
  }, STILL);
}

function drawFunnel(found) {
  const traces = [];
  const most = Math.max(10, ...found.expected_cases.filter((value) => value !== null));
  for (const [name, dash, label] of [["95", "dot", "95 % limits"], ["998", "solid", "99.8 % limits"]]) {
    for (const side of ["above", "below"]) {
      const [x, y] = data.lines[`${side}_${name}`];
      const n = x.filter((value) => value <= most * 1.1).length;
      traces.push({ type: "scatter", mode: "lines", x: x.slice(0, n), y: y.slice(0, n), line: { color: "#57606a", width: 1, dash }, hoverinfo: "skip",
        name: label, legendgroup: label, showlegend: side === "above" });
    }
  }
  for (const [position, { words: name, colour }] of Object.entries(POSITIONS)) {
    const here = data.areas.map((_, i) => i).filter((i) => found.position[i] === position && found.standardised_ratio[i] !== null);
    traces.push({
      type: "scatter", mode: "markers", name, x: here.map((i) => found.expected_cases[i]), y: here.map((i) => found.standardised_ratio[i]),
      text: here.map((i) => describe(data.areas[i], found, i)), hovertemplate: "%{text}<extra></extra>", marker: { color: colour, size: 8, line: { color: "#fff", width: 0.5 } },
    });
  }
  const line = { gridcolor: "#eceff2", zeroline: false, fixedrange: true };
  Plotly.react("funnel", traces, {
    margin: { l: 52, r: 8, t: 8, b: 44 }, hovermode: "closest", plot_bgcolor: "#fff",
    xaxis: { ...line, title: { text: "Expected cases" }, rangemode: "tozero" }, yaxis: { ...line, title: { text: "Ratio of cases to expected" } },
    legend: { orientation: "h", y: -0.14, yanchor: "top" },
    shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 1, y1: 1, line: { color: "#1b1f24", width: 1 } }],
  }, STILL);
}

function drawTable(found) {
  const heads = ["Area", "Region", "Pupils", "Cases", "Rate", "Expected cases", "Ratio", "Funnel", "Rate ÷ England's", "Rate at no contact", "Rate ÷ that at no contact"];
  const table = document.getElementById("table");
  table.replaceChildren();
  const head = table.createTHead().insertRow();
  for (const text of heads) head.append(Object.assign(document.createElement("th"), { scope: "col", textContent: text }));
  const body = table.createTBody();
  data.areas.forEach((area, i) => {
    const row = body.insertRow();
    row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: area.name }));
    const cells = [area.region, count(found.n_pupils[i]), count(found.n_cases[i]), percent(found.rate[i]), count(found.expected_cases[i]),
      decimal(found.standardised_ratio[i]), words(found.position[i], found.n_cases[i]), decimal(found.rate_ratio_to_nation[i]), percent(found.no_contact_rate[i]),
      decimal(found.rate_ratio_to_no_contact[i])];
    for (const text of cells) row.insertCell().textContent = text;
  });
}

function say(found, nation, outcome) {
  const known = data.areas.map((_, i) => i).filter((i) => found.standardised_ratio[i] !== null);
  const told = data.areas.map((_, i) => i).filter((i) => found.n_cases[i] !== null);
  const at = (position) => known.filter((i) => found.position[i] === position);
  const level = data.levels[choice.level.value];
  const sorted = [...known].sort((a, b) => found.standardised_ratio[b] - found.standardised_ratio[a]);
  const name = (i) => `${data.areas[i].name} (${decimal(found.standardised_ratio[i])})`;
  const ends = sorted.length < 6 ? ` Ratios: ${sorted.map(name).join(", ")}.` : ` Highest: ${sorted.slice(0, 3).map(name).join(", ")}. Lowest: ${sorted.slice(-3).reverse().map(name).join(", ")}.`;
  document.getElementById("definition").textContent = `${outcome.definition}.`;
  document.getElementById("summary").textContent = nation
    ? `${outcome.label}, ${level.toLowerCase()}: England ${percent(nation.rate)}, ${count(nation.n_cases)} of ${count(nation.n_pupils)} pupils. ` +
      `${known.length} of ${data.areas.length} areas have a ratio${told.length > known.length ? `; in ${told.length - known.length} more the cases are too few to say` : ""}.`
    : "No pupil can be shown for this choice.";
  document.getElementById("map-text").textContent = known.length
    ? `Map of England in hexagons, one an authority, coloured by the ratio of cases to expected cases: orange above the nation, purple below, an empty hexagon where nothing is shown or the cases are too few to say.${ends}`
    : `Map of England in hexagons, all of them empty: no area has the ${data.smallest_count_of_ratio} cases, and as many expected, from which a ratio says something.`;
  document.getElementById("funnel-text").textContent =
    `Funnel plot of the ratio against expected cases, a dot for each area with a ratio: ${at("above_998").length} areas above and ${at("below_998").length} below the 99.8 % limits, ` +
    `${at("above_95").length} more above and ${at("below_95").length} more below the 95 % limits, ${at("inside").length} inside.`;
}

function draw() {
  const key = `${choice.basis.value}|${choice.outcome.value}|${choice.level.value}`;
  const nothing = data.areas.map(() => null);
  const found = data.series[key] ?? Object.fromEntries(["n_pupils", "n_cases", "rate", "no_contact_rate", "rate_ratio_to_nation",
    "rate_ratio_to_no_contact", "expected_cases", "standardised_ratio", "position"].map((name) => [name, nothing]));
  drawMap(found);
  drawFunnel(found);
  drawTable(found);
  say(found, data.nation[key], data.outcomes.find(({ outcome }) => outcome === choice.outcome.value));
}

fill(choice.outcome, data.outcomes.map(({ outcome, label }) => [outcome, label]));
fill(choice.level, Object.entries(data.levels));
fill(choice.basis, Object.entries(data.bases));
// Opens at the first outcome of which half of the areas have a ratio, so that a small extract does not open with an empty map.
const ratiosOf = ({ outcome }) => (data.series[`${choice.basis.value}|${outcome}|${choice.level.value}`]?.standardised_ratio ?? []).filter((ratio) => ratio !== null).length;
choice.outcome.selectedIndex = Math.max(0, data.outcomes.findIndex((outcome) => 2 * ratiosOf(outcome) >= data.areas.length));
draw();
