// Runs in the worker, in one Blob with wasm_exec.js and kernel.js. It starts the engine and tells the page how it ended:
// a Go program that is gone cannot say so itself.
"use strict";

{
	let said = ""; // what Go wrote before it ended: the panic
	let ended = false;
	const text = new TextDecoder();
	fs.writeSync = (fd, bytes) => {
		if (said.length < 8000) said += text.decode(bytes, { stream: true });
		return bytes.length;
	};

	const gone = (why) => {
		if (ended) return;
		ended = true;
		postMessage({ gone: said ? `${why}\n${said}` : why });
		close(); // Go's timers would go on, and throw
	};
	// A stack overflow ends here, and whatever else Go cannot recover.
	addEventListener("error", (e) => { e.preventDefault(); gone(e.message); });
	addEventListener("unhandledrejection", (e) => { e.preventDefault(); gone(String(e.reason)); });

	const inbox = [];
	let receive = (m) => { inbox.push(m); };

	self.loupe = {
		// serve gives Go the messages of the page, from the first one on.
		serve(f) {
			receive = f;
			inbox.forEach(f);
		},
		say: (m) => postMessage(m),
		send: (buffer) => postMessage(buffer, [buffer]),
		hold: (key, bytes) => postMessage({ hold: key, bytes }, [bytes.buffer]),

		// download fetches a file into a Blob. It is put together from pieces that are Blobs themselves: the browser may keep
		// those on disk, and the worker never holds the whole.
		async download(url, report, signal) {
			const r = await fetch(url, { signal, credentials: "omit" });
			if (!r.ok) throw new Error(`${r.status} ${r.statusText}`.trim());
			const pieces = [];
			let chunks = [], size = 0, done = 0;
			for (const reader = r.body.getReader(); ;) {
				const { value, done: end } = await reader.read();
				if (!end) {
					chunks.push(value);
					size += value.length;
					report(done + size);
				}
				if (end || size > 8 << 20) {
					pieces.push(new Blob(chunks));
					done += size;
					chunks = [];
					size = 0;
				}
				if (end) return new Blob(pieces);
			}
		},
	};

	onmessage = async ({ data: { engine, kernel } }) => {
		onmessage = (e) => receive(e.data);
		const go = new Go();
		const attach = loupeKernel(go, kernel);
		const instance = await WebAssembly.instantiate(engine, go.importObject);
		attach(instance);
		let code = 0;
		go.exit = (c) => { code = c; };
		await go.run(instance);
		gone(`the engine ended with code ${code}`);
	};
}
