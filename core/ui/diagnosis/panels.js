/* The film on the screen: one panel, or two that show the same part of it, zoomed and moved together.

Streamlit calls the default export with new data whenever the page runs. Zoom, window and what is
drawn live here and in tools.js, which stands before this file; another film starts them anew.

data.film      id, address (of 16-bit greys, little-endian, row by row), width, height
data.heat      side, values (side x side bytes), tables ({name: 256 x RGBA at full opacity}); base64
data.lungs     [[[x, y], ...], ...], in shares of width and height: drawn as dotted lines
data.contours  [{label, level, lines: [[[x, y], ...], ...]}], in shares of width and height
data.presets   [{name, label, centre, width}], in percent of the film's range; the first is its own
data.hidden    whether heat and lines are kept back, until the reader has read the film
data.words     of tools and pictures
*/

const LARGEST_PIXEL = 8; // screen pixels that a pixel of the film may cover
const STEP = 1.25;
const viewers = new WeakMap();

export default function ({ data: [data], parentElement }) {
  if (!viewers.has(parentElement)) viewers.set(parentElement, new Viewer(parentElement));
  const viewer = viewers.get(parentElement);
  viewer.show(data);
  return () => viewer.close();
}

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const fromMiddle = (canvas, [x, y]) => [x - canvas.clientWidth / 2, y - canvas.clientHeight / 2];
const canvasOf = () => document.createElement("canvas");

class Viewer {
  constructor(root) {
    this.stage = root.querySelector(".viewer");
    this.place = root.querySelector(".panels");
    this.film = canvasOf();
    this.heat = canvasOf();
    this.pointers = new Map();
    this.resized = new ResizeObserver(() => this.redraw());
    this.tools = new Tools(root, this);
    this.listener = new AbortController();
    const { signal } = this.listener;
    document.addEventListener("keydown", (event) => this.hear(event), { signal });
    document.addEventListener("keyup", (event) => event.key.toLowerCase() === "h" && this.lift(false), { signal });
    window.addEventListener("blur", () => this.lift(false), { signal });
    this.skip = Object.assign(document.createElement("a"), { className: "skip-to-film", href: "#film" });
    this.skip.addEventListener("click", (event) => {
      event.preventDefault();
      this.place.querySelector("canvas").focus();
    });
    document.body.prepend(this.skip);
  }

  close() {
    this.resized.disconnect();
    this.listener.abort();
    this.skip.remove();
    viewers.delete(this.stage.getRootNode());
  }

  async show(data) {
    const isAnother = data.film.id !== this.data?.film.id;
    this.data = data;
    this.stage.dataset.film = data.film.id;
    this.skip.textContent = data.words.skip;
    this.stage.querySelector(".failed").textContent = "";
    this.tools.show(data, isAnother);
    const { activeElement } = document;
    if (data.hidden && activeElement?.type === "checkbox") activeElement.blur(); // it swallows the keys that answer
    if (isAnother) this.begin(data.film);
    this.refresh();
    this.pixels = await this.greys;
    if (this.pixels && this.data === data) this.refresh();
  }

  begin(film) {
    this.developed = "";
    this.pixels = undefined;
    this.view = { zoom: 1, x: 0.5, y: 0.5 };
    const whole = { headers: { Range: "bytes=0-" } }; // or else the server packs it first, slowly
    this.greys = fetch(new URL(`.${film.address}`, document.baseURI), whole)
      .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(answer.status)))
      .then((buffer) => new Uint16Array(buffer))
      .catch(() => this.fail(film));
  }

  fail(film) {
    if (film.id !== this.data.film.id) return;
    this.stage.querySelector(".failed").textContent = this.data.words.failed;
    this.data = undefined; // the next run tries again
  }

  refresh() {
    if (!this.data) return;
    this.arrange(chosen.beside ? ["film", "overlay"] : ["overlay"]);
    this.paintHeat(this.data.heat);
    if (this.pixels) this.develop(this.pixels, this.data.film, this.tools.window);
    this.redraw();
  }

  get isBare() {
    return this.lifted || this.data.hidden;
  }

  arrange(names) {
    if (names.join() !== this.names) {
      this.names = names.join();
      this.resized.disconnect();
      this.place.replaceChildren(...names.map((name) => this.panel(name)));
    }
    const { words } = this.data;
    for (const figure of this.place.children) {
      const isCovered = figure.dataset.panel === "overlay" && chosen.heat && !this.isBare;
      figure.querySelector("figcaption").textContent = this.tools.told;
      const alt = isCovered ? words.alt_overlay : words.alt_film;
      figure.querySelector("canvas").ariaLabel = [alt, this.tools.told].filter(Boolean).join(" ");
    }
  }

  panel(name) {
    const figure = document.createElement("figure");
    const canvas = canvasOf();
    figure.dataset.panel = name;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.addEventListener("pointerdown", (event) => this.grasp(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.turnWheel(event), { passive: false });
    canvas.addEventListener("dblclick", () => this.fit());
    canvas.addEventListener("keydown", (event) => this.press(event));
    figure.append(canvas, document.createElement("figcaption"));
    this.resized.observe(canvas);
    return figure;
  }

  /* What is drawn: the film through its window, the heat through its colours. */

  develop(greys, { id, width, height }, { centre, width: wide, inverted }) {
    const wanted = [id, centre, wide, inverted].join();
    if (wanted === this.developed) return;
    this.developed = wanted;
    const table = new Uint32Array(65536);
    const low = (centre - wide / 2) / 100;
    for (let value = 0; value < 65536; value++) {
      const grey = Math.round(255 * clamp((value / 65535 - low) / (wide / 100), 0, 1));
      table[value] = 0xff000000 + 0x010101 * (inverted ? 255 - grey : grey);
    }
    if (this.film.width !== width || this.film.height !== height || !this.picture) {
      Object.assign(this.film, { width, height });
      this.picture = new ImageData(width, height);
    }
    const pixels = new Uint32Array(this.picture.data.buffer);
    for (let index = 0; index < pixels.length; index++) pixels[index] = table[greys[index]];
    this.film.getContext("2d").putImageData(this.picture, 0, 0);
  }

  paintHeat({ side, values, tables }) {
    const table = bytes(tables[chosen.colours]);
    for (let place = 3; place < table.length; place += 4)
      table[place] = Math.round((table[place] * chosen.opacity) / 100);
    const colours = new Uint32Array(table.buffer);
    const picture = new ImageData(side, side);
    new Uint32Array(picture.data.buffer).set(Array.from(bytes(values), (heat) => colours[heat]));
    Object.assign(this.heat, { width: side, height: side });
    this.heat.getContext("2d").putImageData(picture, 0, 0);
    const stops = [0, 64, 128, 192, 255].map((heat) => `rgb(${table.slice(4 * heat, 4 * heat + 3).join(" ")})`);
    this.tools.legend.style.setProperty("--stops", stops.join(", "));
  }

  redraw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.data && this.draw());
  }

  draw() {
    for (const { dataset, firstElementChild: canvas } of this.place.children) {
      const width = Math.round(canvas.clientWidth * devicePixelRatio);
      const height = Math.round(canvas.clientHeight * devicePixelRatio);
      if (!width || !height) continue;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      canvas.style.touchAction = this.view.zoom > 1 ? "none" : "pan-y";
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#000";
      pen.fillRect(0, 0, width, height);
      if (!this.developed) continue;
      const { x, y, scale } = this.seen(canvas, devicePixelRatio);
      const place = [x, y, this.data.film.width * scale, this.data.film.height * scale];
      pen.imageSmoothingQuality = "high";
      pen.drawImage(this.film, ...place);
      if (dataset.panel === "film" || this.isBare) continue;
      if (chosen.heat) pen.drawImage(this.heat, ...place);
      if (chosen.lungs) this.drawLungs(pen, ...place);
      if (chosen.lines) this.drawContours(pen, ...place);
    }
  }

  drawLungs(pen, ...place) {
    pen.lineCap = "round";
    pen.setLineDash([0, 5 * devicePixelRatio]);
    for (const line of this.data.lungs) this.trace(pen, line, "#fff", 1.5, ...place);
    pen.setLineDash([]);
  }

  trace(pen, line, colour, thickness, x, y, width, height) {
    const path = new Path2D();
    line.forEach(([right, down]) => path.lineTo(x + right * width, y + down * height));
    for (const [ink, wide] of [["#000a", thickness + 2], [colour, thickness]]) {
      pen.strokeStyle = ink;
      pen.lineWidth = wide * devicePixelRatio;
      pen.stroke(path);
    }
  }

  /* Lines of equal heat; of each heat the longest has the label, inside the picture. */
  drawContours(pen, x, y, width, height) {
    const table = bytes(this.data.heat.tables[chosen.colours]);
    const labels = [];
    pen.lineJoin = "round";
    pen.font = `600 ${12 * devicePixelRatio}px sans-serif`;
    for (const { label, level, lines } of this.data.contours) {
      const at = 4 * Math.round(level * 255);
      for (const line of lines) this.trace(pen, line, `rgb(${table.slice(at, at + 3).join(" ")})`, 2, x, y, width, height);
      const longest = lines.reduce((best, line) => (line.length > best.length ? line : best), []);
      if (!longest.length) continue;
      const top = longest.reduce((highest, point) => (point[1] < highest[1] ? point : highest));
      const rim = 14 * devicePixelRatio;
      labels.push([label, clamp(x + top[0] * width, rim, pen.canvas.width - rim), clamp(y + top[1] * height, rim, pen.canvas.height - rim)]);
    }
    pen.strokeStyle = "#000";
    pen.lineWidth = 3 * devicePixelRatio;
    pen.fillStyle = "#fff";
    pen.textAlign = "center";
    for (const words of labels) {
      pen.strokeText(...words);
      pen.fillText(...words);
    }
  }

  /* What is seen: a zoom of 1 shows the whole film; x and y are what lies in the middle. */

  seen(canvas, ratio = 1) {
    const { film } = this.data;
    const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
    const scale = Math.min(width / film.width, height / film.height) * this.view.zoom;
    return {
      scale,
      x: width / 2 - this.view.x * film.width * scale,
      y: height / 2 - this.view.y * film.height * scale,
    };
  }

  look(zoom, x, y) {
    const canvas = this.place.querySelector("canvas");
    const { film } = this.data;
    const fit = Math.min(canvas.clientWidth / film.width, canvas.clientHeight / film.height);
    this.view.zoom = clamp(zoom, 1, Math.max(LARGEST_PIXEL / fit, 1));
    const scale = fit * this.view.zoom;
    const within = (middle, screen, side) => {
      const half = Math.min(screen / (2 * side * scale), 0.5);
      return clamp(middle, half, 1 - half);
    };
    this.view.x = within(x, canvas.clientWidth, film.width);
    this.view.y = within(y, canvas.clientHeight, film.height);
    this.redraw();
  }

  moveBy(right, down) {
    const { scale } = this.seen(this.place.querySelector("canvas"));
    const { film } = this.data;
    const { zoom, x, y } = this.view;
    this.look(zoom, x - right / (film.width * scale), y - down / (film.height * scale));
  }

  /* Zooms about a point of a panel, or about its middle. */
  zoomBy(factor, right = 0, down = 0) {
    const before = this.view.zoom;
    this.moveBy(-right, -down);
    this.look(before * factor, this.view.x, this.view.y);
    this.moveBy(right, down);
  }

  zoom_in() {
    this.zoomBy(STEP);
  }

  zoom_out() {
    this.zoomBy(1 / STEP);
  }

  fit() {
    this.look(1, 0.5, 0.5);
  }

  full_screen() {
    document.fullscreenElement ? document.exitFullscreen() : this.stage.requestFullscreen();
  }

  lift(is) {
    if (this.lifted === is || !this.data) return;
    this.lifted = is;
    this.refresh();
  }

  /* Mouse, fingers and keys. */

  grasp(event) {
    event.target.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before || this.pointers.size > 2) return;
    const now = [event.offsetX, event.offsetY];
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    const by = [now[0] - before[0], now[1] - before[1]];
    if (!other && (event.shiftKey || event.buttons === 2)) return this.tools.dragBy(...by);
    if (!other) return this.moveBy(...by);
    const apart = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
    this.zoomBy(apart(now) / Math.max(apart(before), 1), ...fromMiddle(event.target, other));
  }

  turnWheel(event) {
    event.preventDefault();
    const speed = event.ctrlKey ? 0.01 : 0.002; // a pinch on a touchpad comes as ctrl and wheel
    const at = fromMiddle(event.target, [event.offsetX, event.offsetY]);
    this.zoomBy(Math.exp(-event.deltaY * speed), ...at);
  }

  /* Letters count where nothing else on the page takes them. */
  hear(event) {
    const isFree = event.target === document.body || event.composedPath().includes(this.stage);
    if (!isFree || event.ctrlKey || event.metaKey || event.altKey) return;
    const letters = {
      h: () => this.lift(true),
      i: () => event.repeat || this.tools.look({ inverted: !this.tools.window.inverted }),
    };
    letters[event.key.toLowerCase()]?.();
  }

  press(event) {
    const step = event.target.clientWidth / 10;
    const keys = {
      ArrowLeft: () => this.moveBy(step, 0),
      ArrowRight: () => this.moveBy(-step, 0),
      ArrowUp: () => this.moveBy(0, step),
      ArrowDown: () => this.moveBy(0, -step),
      "+": () => this.zoom_in(),
      "=": () => this.zoom_in(),
      "-": () => this.zoom_out(),
      0: () => this.fit(),
    };
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }
}
