// Starts Loupe: fetches both programs, the kernel and the first model at the same time, compiles, runs the page, and then
// has the service worker keep everything for the next visit. What can go wrong is said on the page.
//
// Once a new version waits, window.loupe.update takes it and reloads; the event "loupe-update" tells the page's program so.
"use strict";

{
	const build = JSON.parse(document.querySelector("meta[name=loupe-build]").content);
	const at = (path) => new URL(path, document.baseURI).href;
	const words = {
		"en": {
			old: "This browser cannot run WebAssembly, which Loupe needs. A newer one can.",
			failed: "Loupe did not start.",
			stopped: "Loupe stopped. Reload the page to go on: what you were looking at is in its address.",
		},
		"zh-Hans": {
			old: "此浏览器不能运行 WebAssembly，而 Loupe 需要它。请换用较新的浏览器。",
			failed: "Loupe 未能启动。",
			stopped: "Loupe 已停止。请重新载入页面：您所看的内容都在地址里。",
		},
	}[document.documentElement.lang];

	const fail = (what, detail) => {
		document.getElementById("boot")?.remove();
		const p = document.createElement("p");
		p.className = "boot-error";
		p.setAttribute("role", "alert");
		p.textContent = what;
		if (detail) p.append(document.createElement("br"), String(detail).slice(0, 2000));
		document.body.prepend(p);
	};

	// The bar of the first paint: the share of the programs' bytes that are here.
	const here = {};
	const progress = (path, bytes) => {
		here[path] = bytes;
		const all = ["page.wasm", "worker.wasm"].reduce((n, p) => n + build.programs[p], 0); // others are fetched later
		const bar = document.getElementById("boot");
		if (bar) bar.value = Object.values(here).reduce((a, b) => a + b, 0) / all;
	};

	// stream is a response's body, counted, and unpacked if it is gzip: some hosts send a .gz as it is, others unpack it.
	const stream = async (response, path) => {
		if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
		const reader = response.body.getReader();
		const first = await reader.read();
		let n = 0;
		const body = new ReadableStream({
			async pull(c) {
				const { value, done } = n === 0 ? first : await reader.read();
				if (done) return c.close();
				progress(path, n += value.length);
				c.enqueue(value);
			},
		});
		const magic = String.fromCharCode(...first.value.subarray(0, 4));
		if (magic.startsWith("\x1f\x8b")) return body.pipeThrough(new DecompressionStream("gzip"));
		if (magic !== "\0asm") throw new Error(`${path}: expected a program, found something else`);
		return body;
	};

	const compile = async (path) => {
		// The service worker has the programs unpacked, and of what it hands over the browser keeps the machine code.
		const kept = controlled();
		if (kept && WebAssembly.compileStreaming) {
			try {
				return await WebAssembly.compileStreaming(fetch(at(path)));
			} catch { /* not what it should be: as on a first visit */ }
		}
		const packed = typeof DecompressionStream === "function" && path in build.programs;
		const body = await stream(await fetch(at(packed ? path + ".gz" : path)), path);
		const unpacked = new Response(body, { headers: { "Content-Type": "application/wasm" } });
		if (WebAssembly.compileStreaming) return WebAssembly.compileStreaming(unpacked);
		return WebAssembly.compile(await unpacked.arrayBuffer());
	};

	// serviceWorker is undefined without https, and throws in a sandboxed frame.
	const serviceWorker = () => {
		try {
			return navigator.serviceWorker;
		} catch {
			return undefined;
		}
	};
	const controlled = () => Boolean(serviceWorker()?.controller);

	const text = async (path) => {
		const r = await fetch(at(path));
		if (!r.ok) throw new Error(`${path}: ${r.status} ${r.statusText}`);
		return r.text();
	};

	// The model that will be opened first: the one that the address names, if it is built in.
	const fetchModel = () => {
		const id = new URLSearchParams(location.hash.slice(1)).get("model") || build.first;
		for (const path of build.models[id] || []) {
			loupe.fetched.set(at(path), fetch(at(path))
				.then(async (r) => r.ok && new Uint8Array(await r.arrayBuffer()))
				.catch(() => null)); // the engine will fetch it, and say what is wrong
		}
	};

	// startEngine makes what workers of a program are made of; they share the script and the kernel.
	let shared;
	const startEngine = async (program) => {
		shared ??= Promise.all([
			Promise.all(["wasm_exec.js", "kernel.js", "worker.js"].map(text))
				.then((scripts) => URL.createObjectURL(new Blob([scripts.join("\n")], { type: "text/javascript" }))),
			// Not every browser knows relaxed SIMD: one that does not cannot compile it.
			compile("relaxed.wasm").catch(() => compile("kernel.wasm")),
		]).catch((err) => {
			shared = undefined;
			throw err;
		});
		const [engine, [script, kernel]] = await Promise.all([compile(program + ".wasm"), shared]);
		return { script, engine, kernel };
	};

	const runPage = async () => {
		const go = new Go();
		go.env = { GOAPP_ROOT_PREFIX: new URL(".", document.baseURI).pathname.replace(/\/$/, "") };
		let said = "";
		go.exit = (code) => { said += `exit code ${code}`; };
		const write = fs.writeSync;
		fs.writeSync = (fd, bytes) => {
			said = (said + new TextDecoder().decode(bytes)).slice(-8000);
			return write(fd, bytes);
		};
		const instance = await WebAssembly.instantiate(await compile("page.wasm"), go.importObject);
		await go.run(instance);
		fail(words.stopped, said);
	};

	const keepForOffline = async () => {
		const sw = serviceWorker();
		if (!sw) return;
		let taken = false;
		sw.addEventListener("controllerchange", () => { if (taken) location.reload(); });
		const reg = await sw.register("sw.js", { updateViaCache: "none" });
		const offer = () => {
			if (!reg.waiting || !sw.controller) return;
			loupe.update = () => {
				taken = true;
				reg.waiting.postMessage("take over");
			};
			dispatchEvent(new Event("loupe-update"));
		};
		offer();
		reg.addEventListener("updatefound", () => reg.installing.addEventListener("statechange", offer));
		if (!navigator.connection?.saveData) (await sw.ready).active.postMessage("keep the models");
	};

	if (typeof WebAssembly !== "object") {
		fail(words.old);
	} else {
		loupe.prepare(startEngine);
		fetchModel();
		runPage().catch((e) => fail(words.failed, e));
		const idle = window.requestIdleCallback || setTimeout;
		addEventListener("load", () => idle(() => keepForOffline().catch((e) => console.warn("offline:", e))));
	}
}
