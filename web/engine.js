// Starts engines. wasm/browser's Dial calls loupe.engine; what the two say to each other is told there.
//
// A worker is always started from a Blob: a page's CSP does not bind a worker that was started by its URL, and a sandboxed
// frame may not start one. The program is compiled once, so that another engine starts in a few milliseconds.
"use strict";

window.loupe = { held: [] };

{
	const at = (path) => new URL(path, document.baseURI).href;

	// What every worker of a program is made of, {script, engine, kernel}: made once, and again only if that failed.
	const parts = {};
	let make;
	const made = (program) => {
		parts[program] ??= make(program).catch((err) => {
			delete parts[program];
			throw err;
		});
		return parts[program];
	};

	// Bytes that one worker gave for another: key -> Uint8Array. Each is handed on once, and at once; what lies longer was given for a
	// question that nobody waits for any more.
	loupe.between = new Map();
	const keep = (key, bytes) => {
		loupe.between.set(key, bytes);
		if (loupe.between.size > 4) loupe.between.delete(loupe.between.keys().next().value);
	};

	// Files that were fetched before they were asked for: URL -> Promise of a Uint8Array. Each is handed out once.
	loupe.fetched = new Map();

	// data is what a file is posted as: a URL becomes whole, or what is there of it.
	const data = async (file, hand) => {
		if (typeof file.held === "string") {
			const bytes = loupe.between.get(file.held);
			loupe.between.delete(file.held);
			if (bytes) hand.push(bytes.buffer);
			return bytes;
		}
		if (typeof file !== "string") return file;
		const url = at(file);
		const early = loupe.fetched.get(url);
		loupe.fetched.delete(url);
		return (early && await early) || url;
	};

	// spawn starts a worker. Everything it says goes to tell: a reply's ArrayBuffer, "alive", or {gone: why} at its end; what it
	// gives to be held stays here.
	const spawn = (program) => {
		const unheard = [];
		const e = { tell: (m) => unheard.push(m) };
		let worker, closed = false;
		const gone = (why) => {
			const { tell } = e;
			e.close();
			tell({ gone: why });
		};
		let posted = made(program).then(({ script, engine, kernel }) => {
			if (closed) return;
			worker = new Worker(script);
			worker.onmessage = ({ data }) => {
				if (data.hold) keep(data.hold, data.bytes);
				else if (data.gone) gone(data.gone);
				else e.tell(data);
			};
			worker.onerror = (err) => { err.preventDefault(); gone(err.message || "the worker could not start"); };
			worker.onmessageerror = () => gone("a message of the worker could not be read");
			worker.postMessage({ engine, kernel });
		}).catch((err) => gone("not started: " + err)); // client.NotStarted
		e.post = (message, files) => {
			posted = posted.then(async () => {
				const hand = [message];
				for (const ref in files) files[ref] = await data(files[ref], hand);
				if (worker && !closed) worker.postMessage({ message, files }, hand);
			}).catch((err) => gone(String(err)));
		};
		e.close = () => {
			closed = true;
			e.tell = () => {};
			worker?.terminate();
		};
		e.listen = (tell) => {
			if (!closed) e.tell = tell;
			unheard.forEach((m) => tell(m));
		};
		return e;
	};

	// prepare says how a program's parts are made, and starts one engine: it is there when the page has been compiled. A mapper is
	// fetched when it is first asked for.
	let spare;
	loupe.prepare = (f) => {
		make = f;
		spare = spawn("worker");
	};
	loupe.engine = (program, tell) => {
		const e = program === "worker" && spare || spawn(program);
		if (e === spare) spare = null;
		e.listen(tell);
		return e;
	};
}
