// Attaches the SIMD kernels (wasm/kernel) to a Go program before it runs:
//
//   const after = loupeKernel(go, kernel)             // kernel: a WebAssembly.Module or its bytes
//   const inst = await WebAssembly.instantiate(module, go.importObject)
//   after(inst)                                       // the kernels now work in Go's own memory
//   go.run(inst)
//
// Go's module imports the kernels and the kernels import Go's memory: a circle, which the functions put into
// importObject here break, for they look the kernel up when they are called.
function loupeKernel(go, kernel) {
	const module = kernel instanceof WebAssembly.Module ? kernel : new WebAssembly.Module(kernel);
	let x; // the kernel's exports
	const names = WebAssembly.Module.exports(module).map((e) => e.name);
	// Twelve parameters are more than any kernel has. A list of fixed length is faster than ...args.
	go.importObject.kernel = Object.fromEntries(names.map((n) =>
		[n, (a, b, c, d, e, f, g, h, i, j, k, l) => x[n](a, b, c, d, e, f, g, h, i, j, k, l)]));
	return (instance) => {
		x = new WebAssembly.Instance(module, { env: { memory: instance.exports.mem } }).exports;
	};
}
