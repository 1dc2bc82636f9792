// Runs in fetch.html, a hidden frame: the one part of Loupe whose policy lets it ask other sites. It gets addresses from the
// page around it and hands over what lies there. It knows nothing else: no weights, no text, no storage.
//
// The page says {id, url, from, most} (bytes from .. on, at most so many; 0: all) or {id, stop: true} or {id, next: true}.
// The frame says {ready}, then for an id: {head}, {at: bytes so far}, {part: a Blob}, and once {end: "done" or why not}.
"use strict";

{
	const partSize = 8 << 20, partTime = 2000; // a part is handed over when it is that large or that old (ms)
	const asked = new Map(); // id -> {stop, next}
	const say = (m) => parent.postMessage(m, location.origin);

	const head = (r) => {
		const get = (name) => r.headers.get(name) || ""; // what a site does not expose to other pages is empty
		return { status: r.status, type: get("Content-Type"), length: Number(get("Content-Length")), range: get("Content-Range"),
			tag: get("ETag") || get("Last-Modified") };
	};

	// why tells apart what a browser calls "Failed to fetch": a site that answers, but not to other pages, is reached by a
	// request whose answer nobody may read.
	const why = async (url) => {
		if (!navigator.onLine) return "offline";
		const stop = new AbortController();
		try {
			await fetch(url, { mode: "no-cors", credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", signal: stop.signal });
			stop.abort();
			return "refused";
		} catch {
			return navigator.onLine ? "unreachable" : "offline";
		}
	};

	const get = async ({ id, url, from, most }) => {
		const stop = new AbortController();
		let free; // settles when the page has taken the part before
		const a = { stop: () => stop.abort(), next: () => free?.() };
		asked.set(id, a);
		let chunks = [], size = 0, total = 0, handed = performance.now(), taken = Promise.resolve(), began = false;
		const hand = () => {
			if (size > 0) say({ id, part: new Blob(chunks) });
			chunks = [];
			size = 0;
			handed = performance.now();
		};
		try {
			// A plain Range needs no question beforehand (CORS preflight), If-Range would: the page compares the tags instead.
			const r = await fetch(url, { signal: stop.signal, credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store",
				headers: from > 0 ? { Range: `bytes=${from}-` } : {} });
			began = true;
			say({ id, head: head(r) });
			for (const reader = r.body.getReader(); ;) {
				const { value, done } = await reader.read();
				if (done) break;
				chunks.push(value);
				size += value.length;
				total += value.length;
				if (most > 0 && total >= most) {
					stop.abort();
					break;
				}
				say({ id, at: total });
				if (size >= partSize || performance.now() - handed > partTime) {
					await taken;
					taken = new Promise((f) => { free = f; });
					hand();
				}
			}
			hand();
			say({ id, end: "done" });
		} catch {
			hand();
			say({ id, end: stop.signal.aborted ? "stopped" : began ? navigator.onLine ? "cut" : "offline" : await why(url) });
		}
		asked.delete(id);
	};

	addEventListener("message", ({ source, origin, data }) => {
		if (source !== parent || origin !== location.origin || parent === window) return;
		if (data.stop) asked.get(data.id)?.stop();
		else if (data.next) asked.get(data.id)?.next();
		else get(data);
	});
	say({ ready: true });
}
