/* Keeps the page itself, so that it opens at once and says calmly when the computer is away. Never a photo, nor
   anything that was asked: only the files below, and always the newest where the computer answers. */

const KEPT = "shell";
const PATIENCE = 3000; // milliseconds
const FILES = [
  "./",
  "./api.js",
  "./app.js",
  "./apple-touch-icon.png",
  "./caption.js",
  "./detail.css",
  "./detail.js",
  "./dom.js",
  "./facts.js",
  "./field.js",
  "./filters.js",
  "./gestures.js",
  "./grid.css",
  "./grid.js",
  "./icon-192.png",
  "./icon-512.png",
  "./icon-maskable-512.png",
  "./icons.css",
  "./labels.js",
  "./layout.js",
  "./manifest.webmanifest",
  "./menu.js",
  "./more.js",
  "./notes.js",
  "./notices.js",
  "./page.css",
  "./photos.js",
  "./picture.js",
  "./route.js",
  "./scrubber.js",
  "./session.js",
  "./sheets.css",
  "./status.js",
  "./strings.js",
  "./unsent.js",
  "./icons/album.svg",
  "./icons/alert.svg",
  "./icons/arrow-left.svg",
  "./icons/bookmark.svg",
  "./icons/calendar.svg",
  "./icons/camera.svg",
  "./icons/chevron-down.svg",
  "./icons/chevron-left.svg",
  "./icons/chevron-right.svg",
  "./icons/clear.svg",
  "./icons/clock.svg",
  "./icons/drive-away.svg",
  "./icons/export.svg",
  "./icons/filter.svg",
  "./icons/folder.svg",
  "./icons/heart-filled.svg",
  "./icons/heart.svg",
  "./icons/help.svg",
  "./icons/image-off.svg",
  "./icons/info.svg",
  "./icons/map-pin.svg",
  "./icons/more.svg",
  "./icons/pencil.svg",
  "./icons/photosearch.svg",
  "./icons/picture.svg",
  "./icons/play.svg",
  "./icons/search.svg",
  "./icons/similar.svg",
  "./icons/star-filled.svg",
  "./icons/star.svg",
  "./icons/tag.svg",
  "./icons/text.svg",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url), scope = new URL(self.registration.scope);
  if (event.request.method !== "GET" || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  const opens = event.request.mode === "navigate" && url.pathname === scope.pathname;
  const file = opens ? "./" : `./${url.pathname.slice(scope.pathname.length)}`;
  if (url.searchParams.has("token") || !FILES.includes(file)) return;
  event.respondWith(answer(event.request, file));
});

async function answer(request, file) {
  const cache = await caches.open(KEPT), kept = await cache.match(file);
  const fresh = fetch(request).then(async (reply) => {
    if (reply.ok && !reply.redirected) await cache.put(file, reply.clone());
    return reply;
  });
  if (!kept) return fresh;
  const late = new Promise((turn) => setTimeout(turn, PATIENCE, kept)); // a computer that sleeps says nothing
  return Promise.race([fresh.catch(() => kept), late]);
}
