// Downloads models that lie on other sites: the frame fetch.html asks them, this keeps what comes and goes on where it
// ended. app/shell/download.go speaks to it, in JSON; nothing here ever rejects.
//
// What is kept lies in a cache of this page's own: a model as {id, files}, a file as parts one after another, each under its
// file's address and its first byte. A part that cannot be kept stays in memory.
"use strict";

{
	const home = new URL(".", document.baseURI);
	const name = `loupe-fetched ${home.pathname}`; // not one that sw.js clears
	const modelKey = (id) => new URL(`fetched/model/${encodeURIComponent(id)}`, home).href;
	const partKey = (url, from) => new URL(`fetched/part/${encodeURIComponent(url)}/${from}`, home).href;
	const pause = (ms, signal) => new Promise((f) => { setTimeout(f, ms); signal.addEventListener("abort", f); });
	const online = (signal) => new Promise((f) => { addEventListener("online", f, { once: true }); signal.addEventListener("abort", f); });

	// ---- the frame ----
	const asked = new Map();
	let frame, last = 0;
	const open = () => frame ??= new Promise((ok, no) => {
		if (window.origin === "null") throw "sandbox"; // the frame could not be told from a stranger's
		const f = document.createElement("iframe");
		f.hidden = true;
		f.src = "fetch.html";
		const late = setTimeout(() => { f.remove(); frame = undefined; no("frame"); }, 15000);
		addEventListener("message", ({ source, origin, data }) => {
			if (source !== f.contentWindow || origin !== location.origin) return;
			if (data.ready) { clearTimeout(late); ok(f.contentWindow); } else asked.get(data.id)?.(data);
		});
		document.body.append(f);
	});

	// get has the frame fetch an address from a byte on. on.head, on.at and on.part hear what comes, in order; it settles
	// with why it ended.
	const get = async (url, from, most, signal, on) => {
		let w;
		try {
			w = await open();
		} catch (why) {
			return why;
		}
		const id = ++last, tell = (m) => w.postMessage({ id, ...m }, location.origin);
		return new Promise((ended) => {
			let order = Promise.resolve();
			asked.set(id, (m) => {
				if (m.at) return void on.at?.(m.at);
				order = order.then(() => m.head && on.head(m.head));
				if (m.part) order = order.then(() => on.part(m.part)).then(() => tell({ next: true }));
				if (m.end) {
					asked.delete(id);
					order.then(() => ended(m.end), () => ended("failed"));
				}
			});
			signal.addEventListener("abort", () => tell({ stop: true }));
			tell({ url, from, most });
		});
	};

	// sniff says what was sent in a model's place.
	const sniff = (text, type) => {
		if (text.startsWith("version https://git-lfs")) return "lfs";
		return /^\s*<(!doctype|html|\?xml)/i.test(text) || type.startsWith("text/html") ? "html" : "";
	};

	// ---- what is here ----
	const memory = new Map(); // partKey -> part
	const shelf = async () => {
		try {
			return await caches.open(name);
		} catch {
			return null; // denied, or no secure context
		}
	};

	// have is what is here of a file.
	const have = async (cache, url) => {
		const h = { parts: [], size: 0, tag: "", total: 0 };
		for (;;) {
			const key = partKey(url, h.size);
			let p = memory.get(key);
			if (!p) {
				const r = await cache?.match(key);
				if (!r) return h;
				p = { size: Number(r.headers.get("X-Size")), tag: r.headers.get("X-Tag"), total: Number(r.headers.get("X-Total")), blob: () => r.blob() };
			}
			if (!(p.size > 0)) return h;
			h.parts.push(p);
			h.size += p.size;
			h.tag = p.tag;
			h.total = p.total;
		}
	};

	const forget = async (cache, url) => {
		for (const key of memory.keys()) if (key.startsWith(partKey(url, ""))) memory.delete(key);
		for (const r of await cache?.keys() ?? []) if (r.url.startsWith(partKey(url, ""))) await cache.delete(r);
	};

	const drop = async (id) => {
		const cache = await shelf();
		const record = await cache?.match(modelKey(id));
		if (!record) return;
		const { files } = await record.json();
		await cache.delete(modelKey(id));
		for (const f of files) await forget(cache, f.url);
	};

	// ---- one download ----
	// job is {id, keep, files: [{name, url, size}]}; tell hears {file, done} and {note} on the way, and once {files} (with
	// their places in loupe.held) or {why}.
	const run = async (job, tell, signal) => {
		const cache = job.keep ? await shelf() : null;
		let keeps = Boolean(cache), done = 0;
		const note = (what) => tell({ note: what });
		const cannotKeep = (what) => { if (keeps || what === "memory") note(what); keeps = false; };
		if (job.keep && !cache) cannotKeep("memory");
		const record = () => cache.put(modelKey(job.id), new Response(JSON.stringify({ id: job.id, files: job.files })));
		if (keeps) await record().catch(() => cannotKeep("full"));
		if (keeps) navigator.storage?.persist?.().catch(() => {});

		const put = async (url, from, blob, tag, total) => {
			const key = partKey(url, from);
			if (keeps) {
				try {
					return await cache.put(key, new Response(blob, { headers: { "X-Size": blob.size, "X-Tag": tag, "X-Total": total } }));
				} catch {
					cannotKeep("full");
				}
			}
			memory.set(key, { size: blob.size, tag, total, blob: () => blob });
		};

		// again fetches what is missing of a file, once. It gives why that ended, or "" if there is no more.
		const again = async (f) => {
			const h = await have(cache, f.url);
			if (h.size > 0 && h.size === (f.size || h.total)) return "";
			if (f.size && h.size > f.size) {
				await forget(cache, f.url);
				return "changed";
			}
			let start = h.size, from = start, tag = "", total = 0, type = "", why = "", latest = 0, late = 0, ended = false;
			const stop = new AbortController();
			signal.addEventListener("abort", () => stop.abort());
			const refuse = (code) => { why ||= code; stop.abort(); };
			const end = await get(f.url, from, 0, stop.signal, {
				head: async (r) => {
					tag = r.tag;
					type = r.type;
					total = r.status === 206 ? Number(r.range.split("/")[1]) || h.total : r.length;
					if (r.status === 416 || r.status === 206 && (h.tag && tag && h.tag !== tag || h.total && total !== h.total ||
						r.range && !r.range.startsWith(`bytes ${from}-`))) {
						await forget(cache, f.url);
						refuse("changed");
					} else if (r.status !== 200 && r.status !== 206) {
						refuse(`status ${r.status}`);
					} else if (r.status === 200 && from > 0) {
						note("no-range");
						await forget(cache, f.url);
						start = from = 0;
					}
				},
				at: (n) => {
					latest = n;
					late ||= setTimeout(() => {
						late = 0;
						if (!ended) tell({ file: f.name, done: done + start + latest });
					}, 80);
				},
				part: async (blob) => {
					if (why) return;
					const odd = from === 0 && sniff(await blob.slice(0, 512).text(), type);
					if (odd) return refuse(odd);
					await put(f.url, from, blob, tag, total);
					from += blob.size;
				},
			});
			ended = true;
			if (why || end !== "done") return why || end;
			if (f.size && from !== f.size) {
				await forget(cache, f.url);
				return `length ${from} ${f.size}`;
			}
			f.size ||= from;
			return from > 0 ? "" : "empty";
		};

		const files = [];
		for (const f of job.files) {
			for (let tries = 0, before = -1; ;) {
				const why = await again(f);
				if (!why) break;
				if (signal.aborted) return tell({ why: "stopped" });
				const { size } = await have(cache, f.url);
				tries = size > before ? 1 : tries + 1;
				if (why === "offline" && size + done > 0) {
					note("offline");
					await online(signal);
					tries = 0;
				} else if (why === "changed" && tries < 3) {
					note("changed");
				} else if ((why === "cut" || why === "unreachable" && size > 0) && tries < 4) {
					note("again");
					await pause(500 << tries, signal);
				} else {
					return tell({ why, file: f.name });
				}
				before = size;
				if (signal.aborted) return tell({ why: "stopped" });
				note("");
			}
			const { parts, size } = await have(cache, f.url);
			files.push({ name: f.name, blob: new Blob(await Promise.all(parts.map((p) => p.blob()))) });
			done += size;
			tell({ file: f.name, done });
		}
		for (const f of job.files) for (const key of memory.keys()) if (key.startsWith(partKey(f.url, ""))) memory.delete(key);
		if (keeps) await record().catch(() => {}); // with the sizes, where they were not known
		else if (cache) await drop(job.id); // a part of it helps nobody
		tell({ kept: keeps, files: files.map((f) => ({ name: f.name, size: f.blob.size, held: loupe.held.push(f.blob) - 1 })) });
	};

	loupe.download = {
		// look asks an address for its first bytes, or the hub what a model is made of.
		async look(url, most, hub) {
			let r = {};
			const parts = [];
			const end = await get(url, 0, most, new AbortController().signal, { head: (h) => { r = h; }, part: (p) => { parts.push(p); } });
			const body = new Blob(parts);
			r.why = end === "done" ? "" : end;
			r.odd = sniff(await body.slice(0, 512).text(), r.type || "");
			if (hub && r.status === 200) {
				try {
					const m = JSON.parse(await body.text());
					r.rev = String(m.sha);
					r.gated = Boolean(m.gated);
					r.files = m.siblings.map((f) => ({ name: String(f.rfilename), size: Number(f.lfs?.size ?? f.size) || 0 }));
				} catch {
					r.why = "listing";
				}
			}
			return JSON.stringify(r);
		},
		// start begins, or goes on; what it gives ends it.
		start(job, tell) {
			const stop = new AbortController();
			run(JSON.parse(job), (m) => tell(JSON.stringify(m)), stop.signal).catch((e) => tell(JSON.stringify({ why: "failed", file: String(e) })));
			return { stop: () => stop.abort() };
		},
		drop: (id) => drop(id).catch(() => {}),
		// list is what is kept, whole or not, and how much room there is (-1: unknown).
		async list() {
			const kept = [];
			let room = -1;
			try {
				const { quota, usage } = await navigator.storage.estimate();
				room = quota - usage;
			} catch { /* it does not say */ }
			const cache = window.origin !== "null" && await caches.has(name).catch(() => false) ? await shelf() : null;
			for (const r of await cache?.keys() ?? []) {
				if (!r.url.startsWith(modelKey(""))) continue;
				const m = await (await cache.match(r)).json();
				m.here = 0;
				m.whole = true;
				for (const f of m.files) {
					const { size, total } = await have(cache, f.url);
					m.here += size;
					m.whole &&= size > 0 && size === (f.size || total);
				}
				kept.push(m);
			}
			return JSON.stringify({ kept, room });
		},
	};
}
