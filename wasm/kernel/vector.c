// Kernels over plain vectors.
#include "kernel.h"

// axpy: y += a x.
KERNEL(axpy)(f32 *y, f32 a, const f32 *x, i32 n) {
	v128_t s = wasm_f32x4_splat(a);
	i32 i = 0;
	for (; i + 4 <= n; i += 4)
		wasm_v128_store(y + i, wasm_f32x4_add(load(y + i), wasm_f32x4_mul(s, load(x + i))));
	for (; i < n; i++)
		y[i] += a * x[i];
}
