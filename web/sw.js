// The service worker: keeps one whole version of Loupe, so that it opens without a network and no two builds ever mix.
// Every file is kept by its content: what does not have the hash that this build knows is not kept, and an install that
// cannot have all of them fails and leaves the version before in place. A new version waits until the page asks for it.
"use strict";

const build = {{BUILD}}; // {version, core: {path: sha256}, models: {path: sha256}}; "" is the page itself
const scope = new URL(registration.scope).pathname;
const mine = `loupe ${scope} `; // other sites of this origin have caches too, other Loupes among them
const name = mine + build.version;

addEventListener("install", (e) => e.waitUntil(Promise.all(Object.entries(build.core).map(([path, hash]) => keep(path, hash)))));

addEventListener("activate", (e) => e.waitUntil((async () => {
	for (const key of await caches.keys()) {
		if (key.startsWith(mine) && key !== name) await caches.delete(key);
	}
	await clients.claim();
})()));

addEventListener("message", (e) => {
	if (e.data === "take over") skipWaiting();
	if (e.data === "keep the models") e.waitUntil(keepModels());
});

addEventListener("fetch", (e) => {
	const url = new URL(e.request.url);
	if (e.request.method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith(scope)) return;
	let path = url.pathname.slice(scope.length); // the search is ignored
	if (path === "index.html") path = "";
	const hash = build.core[path] ?? build.models[path];
	if (hash) e.respondWith(answer(path, hash, e.request));
});

// answer takes a file from the cache, or from the network and keeps it.
async function answer(path, hash, request) {
	const cache = await caches.open(name);
	const kept = await cache.match(key(path));
	if (kept) return kept;
	try {
		return await keep(path, hash);
	} catch {
		return fetch(request);
	}
}

const key = (path) => new URL(path, registration.scope).href;

// keep fetches a file and keeps it. A program is kept unpacked: see boot.js.
async function keep(path, hash) {
	const packed = path.endsWith(".wasm") && path !== "kernel.wasm" && path !== "relaxed.wasm" && typeof DecompressionStream === "function";
	const r = await fetch(key(packed ? path + ".gz" : path), { cache: "no-cache" });
	if (!r.ok) throw new Error(`${path}: ${r.status}`);
	let bytes = await r.arrayBuffer();
	const head = new Uint8Array(bytes, 0, 2);
	if (packed && head[0] === 0x1f && head[1] === 0x8b) {
		bytes = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
	}
	const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
	const found = Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("");
	if (found !== hash) throw new Error(`${path}: not of this version`);
	const type = path.endsWith(".wasm") ? "application/wasm" : r.headers.get("Content-Type");
	const response = new Response(bytes, { headers: { "Content-Type": type, "Access-Control-Allow-Origin": "*" } });
	try {
		await (await caches.open(name)).put(key(path), response.clone());
	} catch (e) { // no room: a model still opens, an install fails
		if (path in build.core) throw e;
	}
	return response;
}

async function keepModels() {
	const cache = await caches.open(name);
	for (const [path, hash] of Object.entries(build.models)) {
		if (!await cache.match(key(path))) await keep(path, hash).catch(() => {}); // at the next visit, then
	}
}
