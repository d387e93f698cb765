/* The film on the screen: panels that show the same part of a film, zoomed and moved together.

Streamlit calls the default export with new data whenever the page runs. Zoom and place live here,
so that a change of window or heatmap leaves them alone; another film starts them anew.

data.film      id, address (of 16-bit greys, little-endian, row by row), width, height
data.window    low, high (in the film's range of 0 to 1), inverted
data.heat      side, values (side x side bytes), colours (256 x RGBA); both base64
data.lungs     [[[x, y], ...], ...], in shares of width and height: drawn as dotted lines
data.contours  [{label, colour, lines: [[[x, y], ...], ...]}], in shares of width and height
data.panels    [{name, title, alt, heat, contours}]
data.words     zoom_in, zoom_out, fit, full_screen, keys, failed
*/

const LARGEST_PIXEL = 8; // screen pixels that a pixel of the film may cover
const STEP = 1.25;
const BUTTONS = { zoom_in: "zoom_in", zoom_out: "zoom_out", fit: "fit_screen", full_screen: "fullscreen" };
const viewers = new WeakMap();

export default function ({ data, parentElement }) {
  if (!viewers.has(parentElement)) viewers.set(parentElement, new Viewer(parentElement));
  const viewer = viewers.get(parentElement);
  viewer.show(data);
  return () => viewer.close();
}

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const fromMiddle = (canvas, [x, y]) => [x - canvas.clientWidth / 2, y - canvas.clientHeight / 2];

class Viewer {
  constructor(root) {
    this.stage = root.querySelector(".viewer");
    this.place = root.querySelector(".panels");
    this.film = document.createElement("canvas");
    this.heat = document.createElement("canvas");
    this.pointers = new Map();
    this.resized = new ResizeObserver(() => this.redraw());
    this.actions = {
      zoom_in: () => this.zoomBy(STEP),
      zoom_out: () => this.zoomBy(1 / STEP),
      fit: () => this.look(1, 0.5, 0.5),
      full_screen: () =>
        document.fullscreenElement ? document.exitFullscreen() : this.stage.requestFullscreen(),
    };
    for (const [action, icon] of Object.entries(BUTTONS)) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: action, textContent: icon });
      button.addEventListener("click", this.actions[action]);
      root.querySelector(".bar").append(button);
    }
  }

  close() {
    this.resized.disconnect();
    viewers.delete(this.stage.getRootNode());
  }

  async show(data) {
    const isAnother = data.film.id !== this.data?.film.id;
    this.data = data;
    this.label(data);
    this.arrange(data.panels);
    if (isAnother) this.begin(data.film);
    this.paintHeat(data.heat);
    this.redraw();
    const greys = await this.greys;
    if (greys && this.data === data) {
      this.develop(greys, data.film, data.window);
      this.redraw();
    }
  }

  begin(film) {
    this.developed = "";
    this.view = { zoom: 1, x: 0.5, y: 0.5 };
    this.stage.style.setProperty("--aspect", `${film.width} / ${film.height}`);
    const whole = { headers: { Range: "bytes=0-" } }; // or else the server packs it first, slowly
    this.greys = fetch(new URL(`.${film.address}`, document.baseURI), whole)
      .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(answer.status)))
      .then((buffer) => new Uint16Array(buffer))
      .catch(() => this.fail(film));
  }

  fail(film) {
    if (film.id !== this.data.film.id) return;
    this.stage.querySelector(".keys").textContent = this.data.words.failed;
    this.data = undefined; // the next run tries again
  }

  label({ words }) {
    this.stage.querySelector(".keys").textContent = words.keys;
    for (const action of Object.keys(BUTTONS)) {
      const button = this.stage.querySelector(`button.${action}`);
      button.title = button.ariaLabel = words[action];
    }
  }

  arrange(panels) {
    const names = panels.map((panel) => panel.name).join();
    if (names !== this.names) {
      this.names = names;
      this.resized.disconnect();
      this.place.replaceChildren(...panels.map((panel) => this.panel(panel.name)));
    }
    panels.forEach((panel, index) => {
      const figure = this.place.children[index];
      figure.querySelector("canvas").ariaLabel = panel.alt;
      figure.querySelector("figcaption").textContent = panel.title;
    });
  }

  panel(name) {
    const figure = document.createElement("figure");
    const canvas = document.createElement("canvas");
    figure.dataset.panel = name;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-describedby", "keys");
    canvas.addEventListener("pointerdown", (event) => this.grasp(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener("wheel", (event) => this.turnWheel(event), { passive: false });
    canvas.addEventListener("dblclick", this.actions.fit);
    canvas.addEventListener("keydown", (event) => this.press(event));
    figure.append(canvas, document.createElement("figcaption"));
    this.resized.observe(canvas);
    return figure;
  }

  /* What is drawn: the film through its window, the heat through its colours. */

  develop(greys, { id, width, height }, { low, high, inverted }) {
    const wanted = [id, low, high, inverted].join();
    if (wanted === this.developed) return;
    this.developed = wanted;
    const table = new Uint32Array(65536);
    for (let value = 0; value < 65536; value++) {
      const grey = Math.round(255 * clamp((value / 65535 - low) / (high - low), 0, 1));
      table[value] = 0xff000000 + 0x010101 * (inverted ? 255 - grey : grey);
    }
    if (this.film.width !== width || this.film.height !== height) {
      Object.assign(this.film, { width, height });
      this.picture = new ImageData(width, height);
    }
    const pixels = new Uint32Array(this.picture.data.buffer);
    for (let index = 0; index < pixels.length; index++) pixels[index] = table[greys[index]];
    this.film.getContext("2d").putImageData(this.picture, 0, 0);
  }

  paintHeat({ side, values, colours }) {
    const table = new Uint32Array(bytes(colours).buffer);
    const picture = new ImageData(side, side);
    new Uint32Array(picture.data.buffer).set(Array.from(bytes(values), (heat) => table[heat]));
    Object.assign(this.heat, { width: side, height: side });
    this.heat.getContext("2d").putImageData(picture, 0, 0);
  }

  redraw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.data && this.draw());
  }

  draw() {
    this.data.panels.forEach((panel, index) => {
      const canvas = this.place.children[index].querySelector("canvas");
      const width = Math.round(canvas.clientWidth * devicePixelRatio);
      const height = Math.round(canvas.clientHeight * devicePixelRatio);
      if (!width || !height) return;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      canvas.style.touchAction = this.view.zoom > 1 ? "none" : "pan-y";
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#000";
      pen.fillRect(0, 0, width, height);
      if (!this.developed) return;
      const { x, y, scale } = this.seen(canvas, devicePixelRatio);
      const place = [x, y, this.data.film.width * scale, this.data.film.height * scale];
      pen.imageSmoothingQuality = "high";
      pen.drawImage(this.film, ...place);
      if (panel.heat) pen.drawImage(this.heat, ...place);
      this.drawLungs(pen, ...place);
      if (panel.contours) this.drawContours(pen, ...place);
    });
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

  drawContours(pen, x, y, width, height) {
    const labels = [];
    pen.lineJoin = "round";
    pen.font = `600 ${12 * devicePixelRatio}px sans-serif`;
    for (const { label, colour, lines } of this.data.contours) {
      for (const line of lines) {
        this.trace(pen, line, colour, 2, x, y, width, height);
        const top = line.reduce((highest, point) => (point[1] < highest[1] ? point : highest));
        labels.push([label, x + top[0] * width, y + top[1] * height]);
      }
    }
    pen.strokeStyle = "#000";
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
    if (!other) return this.moveBy(now[0] - before[0], now[1] - before[1]);
    const apart = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
    this.zoomBy(apart(now) / Math.max(apart(before), 1), ...fromMiddle(event.target, other));
  }

  turnWheel(event) {
    event.preventDefault();
    const speed = event.ctrlKey ? 0.01 : 0.002; // a pinch on a touchpad comes as ctrl and wheel
    const at = fromMiddle(event.target, [event.offsetX, event.offsetY]);
    this.zoomBy(Math.exp(-event.deltaY * speed), ...at);
  }

  press(event) {
    const step = event.target.clientWidth / 10;
    const keys = {
      ArrowLeft: () => this.moveBy(step, 0),
      ArrowRight: () => this.moveBy(-step, 0),
      ArrowUp: () => this.moveBy(0, step),
      ArrowDown: () => this.moveBy(0, -step),
      "+": this.actions.zoom_in,
      "=": this.actions.zoom_in,
      "-": this.actions.zoom_out,
      0: this.actions.fit,
    };
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }
}
