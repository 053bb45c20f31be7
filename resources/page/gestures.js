/* Fingers, mouse and wheel on a picture: to the next one, closer, around in it, and away. */

const FAR = 60; // pixels after which a drag means it
const FAST = 0.4; // pixels a millisecond
const STILL = 8; // pixels that a finger moves without meaning it
const CLOSEST = 8; // times
const DOUBLE = 280; // milliseconds between the taps of one that is double

/**
 * Watch a stage. `on` is told:
 *   dragged(x, y)  how far a finger took the picture, `y` only downwards;
 *   dropped(step)  it let go: 1 the next, -1 the one before, 0 as it was;
 *   pulled()       it was pulled down, away;
 *   tapped()       once, by a finger;
 *   zoomed(scale)  the picture is shown so many times larger.
 * `picture()` is the element that is made larger, or null where it cannot be.
 */
export class Gestures {
  #stage;
  #picture;
  #on;
  #pointers = new Map();
  #view = { x: 0, y: 0, scale: 1 };
  #start = null;
  #tap = 0;

  constructor(stage, picture, on) {
    this.#stage = stage;
    this.#picture = picture;
    this.#on = on;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => this.#up(event));
    // Else the browser takes what is tapped right after a swipe for the end of a fling, and lets no click come of it.
    stage.addEventListener("touchmove", (event) => event.cancelable && !isAtControls(event.touches[0]) && event.preventDefault(), { passive: false });
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => this.toggle(event.clientX, event.clientY));
  }

  get scale() {
    return this.#view.scale;
  }

  /** Show the whole picture. */
  reset() {
    this.#set({ x: 0, y: 0, scale: 1 });
  }

  toggle(x = innerWidth / 2, y = innerHeight / 2) {
    if (this.#view.scale > 1) this.reset();
    else this.zoom(2.5, x, y);
  }

  /** Make it `factor` times larger around a point of the screen. */
  zoom(factor, x = innerWidth / 2, y = innerHeight / 2) {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    const view = this.#view;
    const scale = Math.min(CLOSEST, Math.max(1, view.scale * factor));
    const px = x - left - width / 2, py = y - top - height / 2; // from the middle
    const grown = scale / view.scale;
    this.#set({ scale, x: px - (px - view.x) * grown, y: py - (py - view.y) * grown });
  }

  pan(x, y) {
    this.#set({ ...this.#view, x: this.#view.x + x, y: this.#view.y + y });
  }

  #set(view) {
    const picture = this.#picture();
    if (!picture) return;
    const { clientWidth: width, clientHeight: height } = this.#stage;
    const roomX = Math.max(0, (picture.offsetWidth * view.scale - width) / 2);
    const roomY = Math.max(0, (picture.offsetHeight * view.scale - height) / 2);
    this.#view = { scale: view.scale, x: clamp(view.x, roomX), y: clamp(view.y, roomY) };
    picture.style.transform = view.scale === 1 ? "" : `translate(${this.#view.x}px, ${this.#view.y}px) scale(${view.scale})`;
    this.#stage.classList.toggle("closer", view.scale > 1);
    this.#on.zoomed(view.scale);
  }

  #down(event) {
    if (event.button || event.target.closest("button, a") || isAtControls(event)) return;
    this.#pointers.set(event.pointerId, event);
    if (this.#view.scale > 1) this.#stage.setPointerCapture(event.pointerId);
    if (this.#pointers.size === 1) this.#start = { x: event.clientX, y: event.clientY, at: event.timeStamp, way: null };
    else {
      for (const id of this.#pointers.keys()) this.#stage.setPointerCapture(id);
      if (this.#start?.way) this.#on.dropped(0);
      this.#start = null; // two fingers: no drag
    }
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const others = [...this.#pointers.values()].filter((pointer) => pointer.pointerId !== event.pointerId);
    this.#pointers.set(event.pointerId, event);
    if (others.length === 1) {
      const [other] = others;
      const gap = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
      this.zoom(gap(event) / Math.max(1, gap(before)), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
      this.pan((event.clientX - before.clientX) / 2, (event.clientY - before.clientY) / 2);
    } else if (!others.length && this.#view.scale > 1) this.pan(event.clientX - before.clientX, event.clientY - before.clientY);
    else if (!others.length && this.#start) this.#drag(event);
  }

  #drag(event) {
    const x = event.clientX - this.#start.x, y = event.clientY - this.#start.y;
    this.#start.way ??= wayOf(x, y);
    if (this.#start.way) this.#stage.setPointerCapture(event.pointerId); // no click of a video's then
    if (this.#start.way === "across") this.#on.dragged(x, 0);
    if (this.#start.way === "down") this.#on.dragged(0, Math.max(0, y));
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId) || !this.#start || this.#pointers.size) return;
    const { x, y, at } = this.#start, dx = event.clientX - x, dy = event.clientY - y;
    const way = this.#view.scale > 1 ? null : this.#start.way ?? wayOf(dx, dy);
    this.#start = null;
    const time = Math.max(1, event.timeStamp - at);
    const meant = (moved) => Math.abs(moved) > FAR * 2 || (Math.abs(moved) > FAR / 2 && Math.abs(moved) / time > FAST);
    if (event.type === "pointercancel") this.#on.dropped(0);
    else if (way === "across") this.#on.dropped(meant(dx) ? -Math.sign(dx) : 0);
    else if (way === "down" && meant(dy)) this.#on.pulled();
    else if (way) this.#on.dropped(0);
    else if (Math.hypot(dx, dy) < STILL && event.pointerType !== "mouse" && !event.target.closest("video")) this.#tapped(event);
  }

  #tapped(event) {
    if (this.#tap) {
      clearTimeout(this.#tap);
      this.#tap = 0;
      this.toggle(event.clientX, event.clientY);
      return;
    }
    this.#tap = setTimeout(() => {
      this.#tap = 0;
      this.#on.tapped();
    }, DOUBLE);
  }

  #wheel(event) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) this.zoom(Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
    else if (this.#view.scale > 1) this.pan(-event.deltaX, -event.deltaY);
    else this.#walk(event);
  }

  #walked = 0;

  #walk(event) {
    const moved = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
    if (event.timeStamp - this.#walked < 250 || Math.abs(moved) < 4) return; // a push of a trackpad is one step
    this.#walked = event.timeStamp;
    this.#on.dropped(Math.sign(moved));
  }
}

const wayOf = (x, y) => (Math.hypot(x, y) < STILL ? null : Math.abs(x) > Math.abs(y) ? "across" : y > 0 ? "down" : "none");

const CONTROLS = 72; // pixels at the foot of a video
const isAtControls = ({ target, clientY }) => Boolean(target.closest("video")) && clientY > target.getBoundingClientRect().bottom - CONTROLS;

const clamp = (value, room) => Math.min(room, Math.max(-room, value));
