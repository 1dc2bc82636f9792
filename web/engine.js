// Starts engines. wasm/browser's Dial calls loupe.engine; what the two say to each other is told there.
//
// A worker is always started from a Blob: a page's CSP does not bind a worker that was started by its URL, and a sandboxed
// frame may not start one. The program is compiled once, so that another engine starts in a few milliseconds.
"use strict";

window.loupe = { held: [] };

{
	const at = (path) => new URL(path, document.baseURI).href;

	// What every worker is made of, {script, engine, kernel}: made once, and again only if that failed.
	let make, parts;
	const made = () => {
		parts ??= make().catch((err) => {
			parts = undefined;
			throw err;
		});
		return parts;
	};

	// Files that were fetched before they were asked for: URL -> Promise of a Uint8Array. Each is handed out once.
	loupe.fetched = new Map();

	// data is what a file is posted as: a URL becomes whole, or what is there of it.
	const data = async (file) => {
		if (typeof file !== "string") return file;
		const url = at(file);
		const early = loupe.fetched.get(url);
		loupe.fetched.delete(url);
		return (early && await early) || url;
	};

	// spawn starts a worker. Everything it says goes to tell: a reply's ArrayBuffer, "alive", or {gone: why} at its end.
	const spawn = () => {
		const unheard = [];
		const e = { tell: (m) => unheard.push(m) };
		let worker, closed = false;
		const gone = (why) => {
			const { tell } = e;
			e.close();
			tell({ gone: why });
		};
		let posted = made().then(({ script, engine, kernel }) => {
			if (closed) return;
			worker = new Worker(script);
			worker.onmessage = ({ data }) => data.gone ? gone(data.gone) : e.tell(data);
			worker.onerror = (err) => { err.preventDefault(); gone(err.message || "the worker could not start"); };
			worker.onmessageerror = () => gone("a message of the worker could not be read");
			worker.postMessage({ engine, kernel });
		}).catch((err) => gone("not started: " + err)); // client.NotStarted
		e.post = (message, files) => {
			posted = posted.then(async () => {
				for (const ref in files) files[ref] = await data(files[ref]);
				if (worker && !closed) worker.postMessage({ message, files }, [message]);
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

	// prepare says how the parts are made, and starts one engine: it is there when the page has been compiled.
	let spare;
	loupe.prepare = (f) => {
		make = f;
		spare = spawn();
	};
	loupe.engine = (tell) => {
		const e = spare || spawn();
		spare = null;
		e.listen(tell);
		return e;
	};
}
