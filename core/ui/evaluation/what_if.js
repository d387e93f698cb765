/* What if the threshold, or the share of pneumonia, were another: both are counted out while they
are moved, without asking the server. It is told where a slider was let go.

data.id      another set or model starts anew
data.films   probability, truth (0 or 1), names: a list each
data.point   the operating point
data.band    [low, high] of the review band, or null
data.marks   [{name, value}]: thresholds with a name, to go to
data.start   threshold, prevalence: 0 to 1
data.colours normal, pneumonia, review
data.language, data.words
*/

const CROWD = 1000;
const GOLDEN = 0.618034;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const EDGE = 8; // half of a slider's thumb: where the scale of probability begins and ends
const boards = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  if (!boards.has(parentElement)) boards.set(parentElement, new Board(parentElement));
  const board = boards.get(parentElement);
  board.tell = setStateValue;
  board.show(data);
  return () => {
    board.resized.disconnect();
    boards.delete(parentElement);
  };
}

const filled = (template, values) =>
  template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/* Sensitivity and specificity of a threshold; null where a class has no film. */
export function rates({ probability, truth }, threshold) {
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  probability.forEach((each, n) => {
    const called = each >= threshold;
    counts[called ? (truth[n] ? "tp" : "fp") : truth[n] ? "fn" : "tn"] += 1;
  });
  const { tp, fp, fn, tn } = counts;
  const share = (part, whole) => (whole ? part / whole : null);
  return { ...counts, sensitivity: share(tp, tp + fn), specificity: share(tn, tn + fp) };
}

/* So many films counted out at a share of pneumonia. */
export function crowd({ sensitivity, specificity }, prevalence, films = CROWD) {
  const ill = Math.round(films * prevalence);
  const tp = Math.round(ill * (sensitivity ?? 0));
  const fp = Math.round((films - ill) * (1 - (specificity ?? 1)));
  return { tp, fn: ill - tp, fp, tn: films - ill - fp };
}

class Board {
  constructor(root) {
    this.root = root.querySelector(".what-if");
    this.part = (name) => this.root.querySelector(`.${name}`);
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.root);
    for (const name of ["threshold", "prevalence"]) {
      const slider = this.part(name);
      slider.addEventListener("input", () => this.move(name, Number(slider.value) / 1000));
      slider.addEventListener("change", () => this.tell(name, this[name]));
    }
  }

  show(data) {
    const isAnother = data.id !== this.data?.id;
    this.data = data;
    const { words } = data;
    this.part("films-title").textContent = filled(words.films, {
      n: data.films.truth.length.toLocaleString(data.language),
    });
    this.part("threshold").setAttribute("aria-label", words.threshold);
    this.part("prevalence").setAttribute("aria-label", words.prevalence);
    this.part("marks").replaceChildren(...data.marks.map((mark) => this.button(mark)));
    if (isAnother) Object.assign(this, data.start);
    for (const name of ["threshold", "prevalence"]) this.part(name).value = 1000 * this[name];
    this.draw();
  }

  button({ name, value }) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: name });
    button.addEventListener("click", () => {
      this.part("threshold").value = 1000 * value;
      this.move("threshold", value);
      this.tell("threshold", value);
    });
    return button;
  }

  move(name, value) {
    this[name] = value;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    if (!this.data || !this.root.clientWidth) return;
    const counted = rates(this.data.films, this.threshold);
    this.drawFilms(counted);
    this.drawCrowd(counted);
  }

  percent(value) {
    return filled(this.data.words.percent, { value: (100 * value).toFixed(1) });
  }

  drawFilms(counted) {
    const { words, films, band, point, colours } = this.data;
    const canvas = this.part("dots");
    const { context, width, height, ink } = sized(canvas);
    const x = (share) => EDGE + share * (width - 2 * EDGE);
    if (band) {
      context.globalAlpha = 0.16;
      context.fillStyle = colours.review;
      context.fillRect(x(band[0]), 0, x(band[1]) - x(band[0]), height);
      context.globalAlpha = 1;
      for (const edge of band) line(context, x(edge), height, colours.review, []);
    }
    line(context, x(point), height, ink, [2, 4]);
    const places = [0, 0];
    films.probability.forEach((share, n) => {
      const ill = films.truth[n];
      const shake = ((places[ill]++ * GOLDEN) % 1) * 0.34 - 0.17;
      const wrong = share >= this.threshold !== Boolean(ill);
      context.globalAlpha = wrong ? 1 : 0.5;
      dot(context, x(share), (ill ? 0.76 : 0.3) * height + shake * height, wrong ? 4 : 3, ill, {
        fill: ill ? colours.pneumonia : colours.normal,
        stroke: wrong ? ink : null,
      });
    });
    context.globalAlpha = 1;
    context.fillStyle = ink;
    context.font = `600 13px ${getComputedStyle(canvas).fontFamily}`;
    context.fillText(words.normal, EDGE, 14);
    context.fillText(words.pneumonia, EDGE, 0.5 * height + 14);
    line(context, x(this.threshold), height, ink, []);
    const own = this.threshold === point;
    this.part("value").textContent = `${words.threshold} ${this.percent(this.threshold)}`;
    this.part("state").textContent = own ? words.own : words.exploring;
    this.part("state").classList.toggle("exploring", !own);
    this.part("threshold").setAttribute("aria-valuetext", this.percent(this.threshold));
    this.part("axis").replaceChildren(
      ...TICKS.map((tick) => {
        const label = document.createElement("span");
        label.textContent = filled(words.percent, { value: 100 * tick });
        label.style.left = `${x(tick)}px`;
        return label;
      }),
    );
    canvas.setAttribute("aria-label", filled(words.films_alt, counted));
  }

  drawCrowd(counted) {
    const { words, colours, language } = this.data;
    const people = crowd(counted, this.prevalence);
    const canvas = this.part("people");
    const { context, width, height } = sized(canvas);
    const columns = 50;
    const side = Math.min(width / columns, height / (CROWD / columns));
    const kinds = [
      ...Array(people.tp).fill(["pneumonia", true]),
      ...Array(people.fn).fill(["pneumonia", false]),
      ...Array(people.fp).fill(["normal", true]),
      ...Array(people.tn).fill(["normal", false]),
    ];
    kinds.forEach(([name, called], n) => {
      const [x, y] = [(n % columns) + 0.5, Math.floor(n / columns) + 0.5];
      const ill = name === "pneumonia";
      context.globalAlpha = called || ill ? 1 : 0.55;
      dot(context, x * side, y * side, called ? 0.4 * side : 0.26 * side, ill, {
        fill: called ? colours[name] : null,
        stroke: called ? null : colours[name],
      });
    });
    const [called, cleared] = [people.tp + people.fp, people.fn + people.tn];
    const share = (part, whole) => (whole ? this.percent(part / whole) : "–");
    const numbers = { ...people, called, cleared, share: this.percent(this.prevalence) };
    for (const [name, value] of Object.entries(numbers))
      if (typeof value === "number") numbers[name] = value.toLocaleString(language);
    numbers.ppv = share(people.tp, called);
    numbers.npv = share(people.tn, cleared);
    for (const name of ["crowd-title", "alarms", "clear"])
      this.part(name).textContent = filled(words[name.replace("-", "_")], numbers);
    for (const name of ["tp", "fn", "fp", "tn"])
      this.part(name).textContent = `${numbers[name]} ${words[name]}`;
    this.part("prevalence").setAttribute("aria-valuetext", numbers.share);
    canvas.setAttribute("aria-label", filled(words.crowd_alt, numbers));
  }
}

function sized(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const scale = window.devicePixelRatio || 1;
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  return { context, width, height, ink: getComputedStyle(canvas).color };
}

function line(context, x, height, colour, dashes) {
  context.beginPath();
  context.setLineDash(dashes);
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.strokeStyle = colour;
  context.lineWidth = dashes.length ? 1 : 1.5;
  context.stroke();
  context.setLineDash([]);
}

/* Normal films are circles, pneumonias diamonds: never told by colour alone. */
function dot(context, x, y, radius, isDiamond, { fill, stroke }) {
  context.beginPath();
  if (isDiamond) {
    const far = 1.25 * radius;
    context.moveTo(x, y - far);
    context.lineTo(x + far, y);
    context.lineTo(x, y + far);
    context.lineTo(x - far, y);
    context.closePath();
  } else context.arc(x, y, radius, 0, 2 * Math.PI);
  if (fill) {
    context.fillStyle = fill;
    context.fill();
  }
  if (stroke) {
    context.strokeStyle = stroke;
    context.lineWidth = 1.25;
    context.stroke();
  }
}
