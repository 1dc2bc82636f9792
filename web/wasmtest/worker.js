// The worker that runs the program. Its file calls are synchronous requests to wasmtest, which has the real files.
"use strict";

// ask makes one call and returns its answer: bytes for a read, else what JSON says. It throws {code: "ENOENT"}.
function ask(call, body) {
	const request = new XMLHttpRequest();
	request.open("POST", "fs?call=" + encodeURIComponent(JSON.stringify(call)), false);
	request.responseType = "arraybuffer";
	request.send(body);
	const code = request.getResponseHeader("Errno");
	if (code) throw Object.assign(new Error(code), { code });
	const bytes = new Uint8Array(request.response);
	return call.op === "read" ? bytes : JSON.parse(new TextDecoder().decode(bytes));
}

// answer turns a call of Node's fs with the given parameters, of which the last is the callback, into an ask.
const answer = (op, ...names) => (...values) => {
	const done = values.pop();
	let result;
	try {
		result = ask({ op, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) });
	} catch (error) {
		return done(error);
	}
	done(null, result);
};

const isDirectory = (done) => (error, stat) =>
	done(error, stat && { ...stat, isDirectory: () => (stat.mode & 0o170000) === 0o040000 });

globalThis.fs = {
	constants: start.constants,
	open: answer("open", "path", "flags", "mode"),
	close: answer("close", "fd"),
	readdir: answer("readdir", "path"),
	mkdir: answer("mkdir", "path", "mode"),
	unlink: answer("unlink", "path"),
	rmdir: answer("rmdir", "path"),
	rename: answer("rename", "path", "to"),
	stat: (path, done) => answer("stat", "path")(path, isDirectory(done)),
	lstat: (path, done) => answer("lstat", "path")(path, isDirectory(done)),
	fstat: (fd, done) => answer("fstat", "fd")(fd, isDirectory(done)),
	read(fd, buffer, offset, length, position, done) {
		answer("read", "fd", "length", "position")(fd, length, position, (error, bytes) => {
			if (bytes) buffer.set(bytes, offset);
			done(error, bytes && bytes.length);
		});
	},
	write(fd, buffer, offset, length, position, done) {
		let n;
		try {
			n = ask({ op: "write", fd, position }, buffer.slice(offset, offset + length));
		} catch (error) {
			return done(error);
		}
		done(null, n);
	},
	// Go's runtime writes a panic and a fatal error by this.
	writeSync: (fd, buffer) => ask({ op: "write", fd }, buffer.slice()),
};
globalThis.process = {
	pid: 1, ppid: 0, getuid: () => 0, getgid: () => 0, geteuid: () => 0, getegid: () => 0, getgroups: () => [], umask: () => 0o22,
	cwd: () => ask({ op: "cwd" }),
	chdir: (path) => ask({ op: "chdir", path }),
};

let exited = false;
function exit(status) {
	exited = true;
	ask({ op: "exit", exitStatus: status });
}

// fail reports what ended the program but was no exit of it: an overflow of the worker's stack, for example.
function fail(error) {
	if (exited) return; // a timer of Go's that came too late
	ask({ op: "write", fd: 2 }, new TextEncoder().encode("wasmtest: " + (error.stack || error) + "\n"));
	exit(2);
}

async function main() {
	importScripts("wasm_exec.js", "kernel.js");
	const go = new Go();
	go.argv = start.args;
	go.env = start.env;
	go.exit = exit;
	const kernel = start.env.LOUPE_KERNEL || "relaxed.wasm";
	const after = loupeKernel(go, await (await fetch(kernel)).arrayBuffer());
	const { instance } = await WebAssembly.instantiateStreaming(fetch("program.wasm"), go.importObject);
	after(instance);
	await go.run(instance);
}

self.onerror = (message, file, line, column, error) => fail(error || message);
self.onunhandledrejection = (event) => fail(event.reason);
main().catch(fail);
